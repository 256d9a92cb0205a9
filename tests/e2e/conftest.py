"""Fixtures for tests that go through HTTP only, by a client or by a browser."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from starlette.testclient import TestClient

from safety.app import create_app
from safety.config import Settings
from safety.domain.access import Scope
from tests.desk_house import a_house
from tests.e2e.desk_browser import Open, opening
from tests.e2e.desk_server import Served, browse, serve
from tests.live import ALL_SCOPES, a_key

# A shell that runs the tests in the background lets them, and all that they start, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
# Two busy cores; a page that never does what is expected fails all the same.
expect.set_options(timeout=20_000)


@dataclass(slots=True)
class Api:
    """A running application, a client without a key, and keys to choose from."""

    client: TestClient
    settings: Settings
    key: str
    user_key: str
    test_key: str
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.headers = bearer(self.key)


def bearer(key: str) -> dict[str, str]:
    """The header that carries a key."""
    return {"Authorization": f"Bearer {key}"}


def an_api(folder: Path) -> Iterator[Api]:
    """Start an application in this process and stop it afterwards."""
    settings = Settings(
        data_dir=folder / "data", rules_poll_seconds=0.05, challenge_cost=1, undo_seconds=0
    )
    keys = {
        "key": a_key(settings, scopes=ALL_SCOPES),
        "user_key": a_key(settings, scopes=[Scope.READ, Scope.DECIDE]),
        "test_key": a_key(settings, is_test=True),
    }
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        yield Api(client, settings, **keys)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    yield from an_api(tmp_path_factory.mktemp("api"))


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    """A real browser."""
    with browse() as browser:
        yield browser


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A desk without anything in it, on a port of its own."""
    house = a_house(tmp_path)
    with serve(house) as running:
        yield running
    house.engine.dispose()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about: CSP reports, script errors, requests elsewhere."""
    return []


@pytest.fixture
def open_page(chrome: Browser, served: Served, complaints: list[str]) -> Iterator[Open]:
    """Open a page in a browser of its own; at the end nothing may have been complained about."""
    with opening(chrome, served, complaints) as open_it:
        yield open_it
