"""A desk behind a real HTTP server and a real Chromium in front of it."""

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from safety.domain.access import Role
from safety.web.desk_guard import SESSION
from tests.desk_house import House

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True, slots=True)
class Served:
    """A running desk; `url` has no slash at its end."""

    house: House
    url: str

    def sign_in_url(self, name: str = "ana", role: Role = Role.MODERATOR) -> str:
        """A one-time link."""
        return f"{self.url}/desk/sign-in?token={self.house.link(name, role)}"

    def let_in(
        self, context: BrowserContext, name: str = "ana", role: Role = Role.MODERATOR
    ) -> None:
        """Give a browser the cookie of somebody who signed in a moment ago."""
        token = self.house.sign_in(name, role).token
        context.add_cookies([{"name": SESSION, "value": token, "url": self.url}])


@contextmanager
def serve(house: House) -> Iterator[Served]:
    """Serve the desk on a free port until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(house.app(), log_level="error", lifespan="off", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            yield Served(house, f"http://127.0.0.1:{listener.getsockname()[1]}")
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def chromium() -> str | None:
    """Where Debian's Chromium is, if it is installed."""
    return shutil.which("chromium")


@contextmanager
def browse() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()
