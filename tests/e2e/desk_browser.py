"""What browser tests of the desk share: a browser, a served desk, pages that may not complain."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from safety.domain.access import Role
from safety.domain.reviews import Act, Action, Reviewer
from safety.review.values import Choice
from tests.e2e.desk_server import Served, chromium

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
NEEDS_CHROMIUM = [
    pytest.mark.browser,
    pytest.mark.skipif(
        chromium() is None and not os.environ.get("SAFETY_REQUIRE_BROWSER"),
        reason="no chromium on PATH (Debian: apt-get install chromium)",
    ),
]

Open = Callable[..., Page]


@contextmanager
def opening(chrome: Browser, served: Served, complaints: list[str]) -> Iterator[Open]:
    """A way to open pages, each in a browser of its own; in the end nothing may have complained."""
    with ExitStack() as contexts:

        def open_it(**options: Any) -> Page:
            context = chrome.new_context(viewport=options.pop("viewport", WIDE), **options)
            contexts.callback(context.close)
            watch(context, served.url, complaints)
            return context.new_page()

        yield open_it
    assert complaints == []


def watch(context: BrowserContext, home: str, complaints: list[str]) -> None:
    """Collect CSP reports, script errors, and requests to anywhere else."""

    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "status of 4" not in message.text:
            complaints.append(message.text)

    def on_request(request: Request) -> None:
        if not request.url.startswith(home):
            complaints.append(f"request to {request.url}")

    context.on("console", on_console)
    context.on("request", on_request)
    context.on("weberror", lambda error: complaints.append(str(error.error)))


def sign_in(page: Page, served: Served, name: str = "ana", role: Role = Role.MODERATOR) -> None:
    """Come to the queue as somebody who signed in a moment ago."""
    served.let_in(page.context, name, role)
    page.goto(f"{served.url}/desk")


def at_work(page: Page, served: Served, name: str = "ana", role: Role = Role.MODERATOR) -> None:
    """The same, once the keys work."""
    sign_in(page, served, name, role)
    ready(page)


def ready(page: Page) -> None:
    """Wait until the page's script has taken over."""
    expect(page.locator("main[data-ready]")).to_have_count(1)


def resolve(served: Served, item: str, by: str, policy: str = "spam.scam") -> None:
    """Have somebody else remove what an item is about."""
    choice = Choice((Act(Action.REMOVE, policy),))
    served.house.review.resolving.decide(item, choice, Reviewer(by, Role.LEAD))


def shown(page: Page) -> str:
    """The id of the item that is shown."""
    return page.locator(".pane.subject").get_attribute("data-item") or ""


def shows(page: Page, title: str) -> None:
    """Wait until the item of this title is shown."""
    expect(page.locator(".pane.subject h2.title")).to_have_text(title)


def says(page: Page, text: str) -> None:
    """Wait until the desk says this in its line at the bottom."""
    expect(page.locator("#said")).to_contain_text(text)
