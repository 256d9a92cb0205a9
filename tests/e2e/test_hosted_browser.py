"""The hosted pages in a real Chromium: signing up through a CAPTCHA, a second factor, the list."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from typing import Any

import pyotp
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from safety.app import Overrides, create_app
from safety.config import Settings
from tests.e2e.desk_server import chromium
from tests.e2e.gate_api import PASSWORD, Clock

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        chromium() is None and not os.environ.get("SAFETY_REQUIRE_BROWSER"),
        reason="no chromium on PATH (Debian: apt-get install chromium)",
    ),
]
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
# The shipped rules ask whoever comes with a throw-away address for a proof.
THROW_AWAY = "someone@mailinator.com"

NUMBERS = count(1)

Open = Callable[..., Page]


@dataclass(frozen=True, slots=True)
class Site:
    """A running service with hosted pages."""

    url: str
    clock: Clock

    def code(self, app: pyotp.TOTP) -> str:
        self.clock.at += 30
        return app.at(int(self.clock.at))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder, clock = tmp_path_factory.mktemp("site"), Clock()
    settings = Settings(
        data_dir=folder / "data", hosted_pages=True, trusted_proxies=["127.0.0.1/32"]
    )
    app: Any = create_app(settings, Overrides(clock=clock))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, log_level="error", lifespan="on", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        yield Site(f"http://127.0.0.1:{listener.getsockname()[1]}", clock)
        server.should_exit = True
        thread.join(timeout=20)


@pytest.fixture
def open_page(chrome: Browser, site: Site) -> Iterator[Open]:
    """Open a page in a browser of its own; at the end nothing may have been complained about."""
    complaints: list[str] = []
    with ExitStack() as contexts:

        def open_it(**options: Any) -> Page:
            # Each browser is somewhere else, as the proxy in front of us says.
            address = {"X-Forwarded-For": f"198.51.100.{next(NUMBERS)}"}
            context = chrome.new_context(
                viewport=options.pop("viewport", WIDE), extra_http_headers=address, **options
            )
            contexts.callback(context.close)
            watch(context, site.url, complaints)
            return context.new_page()

        yield open_it
    assert complaints == []


def watch(context: BrowserContext, home: str, complaints: list[str]) -> None:
    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "status of 4" not in message.text:
            complaints.append(message.text)

    def on_request(request: Request) -> None:
        if not request.url.startswith(home):
            complaints.append(f"request to {request.url}")

    context.on("console", on_console)
    context.on("request", on_request)
    context.on("weberror", lambda error: complaints.append(str(error.error)))


def sign_up(page: Page, site: Site, name: str, email: str = "") -> None:
    page.goto(f"{site.url}/gate/sign-up")
    page.get_by_label("Username").fill(name)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()


def sign_in(page: Page, site: Site, name: str) -> None:
    page.goto(f"{site.url}/gate/sign-in")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def come_in(page: Page, site: Site, name: str) -> None:
    sign_up(page, site, name)
    expect(page.get_by_role("status")).to_contain_text("Your account is ready")
    sign_in(page, site, name)
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def set_up(page: Page, site: Site) -> pyotp.TOTP:
    """Enrol an app from the account page."""
    page.get_by_role("button", name="Set one up").click()
    expect(page.locator(".qr-frame svg")).to_be_visible()
    page.get_by_text("Cannot scan it?").click()
    app = pyotp.TOTP((page.get_by_label("Key for the app").text_content() or "").replace(" ", ""))
    page.get_by_label("Code").fill(site.code(app))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("listitem")).to_have_count(10)
    return app


def test_a_throw_away_address_costs_the_browser_a_moment(open_page: Open, site: Site) -> None:
    page = open_page()
    sign_up(page, site, "otto", THROW_AWAY)
    expect(page.get_by_role("alert")).to_contain_text("no program")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    expect(page.locator(".captcha").get_by_role("status")).to_contain_text("Done", timeout=60_000)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("status")).to_contain_text("Your account is ready")
    sign_in(page, site, "otto")
    expect(page.get_by_role("heading", level=1)).to_have_text("otto")


def test_whoever_sends_the_form_at_once_is_sent_when_it_is_solved(
    open_page: Open, site: Site
) -> None:
    page = open_page()
    sign_up(page, site, "uma_quick", THROW_AWAY)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Your account is ready", timeout=60_000)


@pytest.mark.parametrize("with_scripts", [True, False], ids=["scripts", "no scripts"])
def test_from_signing_up_to_a_second_factor(
    open_page: Open, site: Site, *, with_scripts: bool
) -> None:
    name = "mia_scripts" if with_scripts else "mia_plain"
    page = open_page(java_script_enabled=with_scripts)
    come_in(page, site, name)
    app = set_up(page, site)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("asks for a code")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, site, name)
    page.get_by_label("Six digits").fill("000000")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Six digits").fill(site.code(app))
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_a_session_elsewhere_is_ended_from_here(open_page: Open, site: Site) -> None:
    here, there = open_page(), open_page()
    come_in(here, site, "yara_two")
    sign_in(there, site, "yara_two")
    here.reload()
    here.get_by_role("button", name="End the session").click()
    expect(here.get_by_role("status")).to_contain_text("has ended")
    there.reload()
    expect(there.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_another_site_cannot_send_a_form(open_page: Open, site: Site) -> None:
    page = open_page()
    come_in(page, site, "rosa_trap")
    trap = f"<form method=post action={site.url}/gate/sign-out><button>Win</button></form>"
    page.route(f"{site.url}/trap", lambda route: route.fulfill(content_type="text/html", body=trap))
    page.goto(f"{site.url}/trap")
    page.get_by_role("button", name="Win").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("may not")
    page.goto(f"{site.url}/gate/account")
    expect(page.get_by_role("heading", level=1)).to_have_text("rosa_trap")


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_used_by_everybody(
    open_page: Open, site: Site, scheme: str, viewport: dict[str, int]
) -> None:
    page = open_page(viewport=viewport, color_scheme=scheme)
    name = f"axe_{scheme}_{viewport['width']}"
    shots = os.environ.get("HOSTED_SHOTS")

    def check(what: str) -> None:
        found = Axe().run(page, options=WCAG)
        assert found.violations_count == 0, f"{what}: {found.generate_report()}"
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= viewport["width"], f"{what} scrolls sideways"
        if shots:
            page.screenshot(path=f"{shots}/{what}-{scheme}-{viewport['width']}.png", full_page=True)

    page.goto(f"{site.url}/gate/sign-in")
    check("sign-in")
    page.goto(f"{site.url}/gate/sign-up")
    check("sign-up")
    sign_up(page, site, "ad", THROW_AWAY)
    sign_up(page, site, "admin", "nonsense")
    check("wrong")
    sign_up(page, site, f"{name}_c", THROW_AWAY)
    expect(page.locator(".captcha").get_by_role("button")).to_be_visible()
    check("challenge")
    show_mail_pages(page, site, check)
    come_in(page, site, name)
    check("account")
    page.get_by_role("button", name="Set one up").click()
    expect(page.locator(".qr-frame svg")).to_be_visible()
    check("enrol")
    page.goto(f"{site.url}/gate/account")
    app = set_up(page, site)
    check("codes")
    page.goto(f"{site.url}/gate/account")
    site.clock.at += 700
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it still you?")
    check("confirm")
    page.get_by_label("Code").fill(site.code(app))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("status")).to_contain_text("Thank you")
    check("factor")
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, site, name)
    check("code")


def show_mail_pages(page: Page, site: Site, check: Callable[[str], None]) -> None:
    page.goto(f"{site.url}/gate/forgotten")
    check("forgotten")
    page.get_by_label("Username").fill("nobody")
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("status")).to_contain_text("on its way")
    check("forgotten, sent")
    page.goto(f"{site.url}/gate/reset?token=invented")
    check("reset")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Set it").click()
    expect(page.get_by_role("alert")).to_contain_text("too old")
    check("reset, too late")
    page.goto(f"{site.url}/gate/address/verify-email?token=invented")
    check("address")
    page.goto(f"{site.url}/gate/nowhere")
    check("nowhere")
