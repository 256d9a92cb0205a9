"""The CAPTCHA widget in a real Chromium: by keyboard, for screen readers, under the strict policy.

Its page is made here, so that a task may be as easy or as endless as a test needs it.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import parse_qs

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Route, expect

from safety.assets import shipped
from safety.gates import pow as proof_of_work
from safety.web.desk_guard import HEADERS
from tests.e2e.desk_server import chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        chromium() is None and not os.environ.get("SAFETY_REQUIRE_BROWSER"),
        reason="no chromium on PATH (Debian: apt-get install chromium)",
    ),
]
HOME = "http://localhost:9"  # nothing listens there: every answer is ours
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
NOON, KEY = 1_795_366_800.0, b"k" * 32
EASY, ENDLESS = {"keyPrefix": ""}, {"keyPrefix": "0" * 16}
STATIC = shipped("admin_ui") / "static"
TYPES = {".js": "text/javascript", ".css": "text/css"}
FORM = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A form</title>
<link rel="stylesheet" href="/desk.css"><link rel="stylesheet" href="/gate.css">
<script type="module" src="/captcha.js"></script></head>
<body><main><h1>A form</h1><form class="stack" method="post" action="/sent">{field}
<div class="captcha" data-captcha data-task='{task}' data-name="payload">
<noscript><p class="banner bad">This step needs JavaScript.</p></noscript></div>
<button>Send</button></form></main></body></html>"""
NAME = '<p><label>Name <input name="name"{more}></label></p>'

Show = Callable[..., Page]


def a_task(**changes: Any) -> str:
    task = proof_of_work.challenge("dec_1", "signup", key=KEY, at=NOON, lasts=300, cost=50)
    task["parameters"] |= changes
    return json.dumps(task)


@pytest.fixture
def show(chrome: Browser) -> Iterator[Show]:
    """Show the form with a task; at the end the browser may have complained about nothing."""
    complaints: list[str] = []
    with ExitStack() as contexts:

        def show_it(
            task: str,
            field: str = "",
            held: list[Route] | None = None,
            init: str = "",
            **options: Any,
        ) -> Page:
            def fetch(route: Route) -> None:
                if held is not None and route.request.url.endswith("/captcha.js"):
                    held.append(route)
                else:
                    answer(route, FORM.format(task=task, field=field))

            context = chrome.new_context(**options)
            contexts.callback(context.close)
            context.on("console", lambda message: complaints.append(message.text))
            context.on("weberror", lambda error: complaints.append(str(error.error)))
            page = context.new_page()
            if init:
                page.add_init_script(init)
            page.route("**/*", fetch)
            page.goto(f"{HOME}/form", wait_until="commit")
            return page

        yield show_it
    assert complaints == []


def answer(route: Route, html: str) -> None:
    """What a server would: the page or a shipped file, under the headers of our pages."""
    name = route.request.url.removeprefix(f"{HOME}/")
    if name in {"form", "sent"}:
        route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=dict(HEADERS))
        return
    file = STATIC / name
    route.fulfill(body=file.read_bytes(), content_type=TYPES[file.suffix], headers=dict(HEADERS))


def widget(page: Page) -> tuple[Locator, Locator]:
    """Its button, and what it says."""
    box = page.locator(".captcha")
    return box.get_by_role("button"), box.get_by_role("status")


def test_it_is_solved_by_keyboard_alone_and_keeps_the_focus(show: Show) -> None:
    page = show(a_task(**EASY))
    button, status = widget(page)
    expect(button).to_have_text("I am not a robot")
    page.keyboard.press("Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Space")
    expect(status).to_have_text("Done: you may go on.")
    expect(button).to_be_focused()
    expect(button).to_be_disabled()
    page.keyboard.press("Enter")
    expect(status).to_have_text("Done: you may go on.")


def test_it_can_be_stopped_and_started_again(show: Show) -> None:
    page = show(a_task(**ENDLESS))
    button, status = widget(page)
    button.press("Enter")
    expect(button).to_have_text("Stop")
    expect(status).to_contain_text("Checking")
    bar = page.get_by_role("progressbar")
    expect(bar).to_have_accessible_name("Checking that you are not a robot")
    button.press("Enter")
    expect(status).to_have_text("Stopped.")
    expect(bar).to_have_count(0)
    expect(button).to_have_text("Try again")
    button.press("Enter")
    expect(button).to_have_text("Stop")


def test_it_starts_when_somebody_begins_to_fill_in_the_form(show: Show) -> None:
    page = show(a_task(**EASY), NAME.format(more=""))
    _, status = widget(page)
    expect(status).to_have_text("")
    page.get_by_label("Name").focus()
    expect(status).to_have_text("Done: you may go on.")


def test_it_starts_where_a_field_had_the_focus_before_the_script_ran(show: Show) -> None:
    held: list[Route] = []
    page = show(a_task(**EASY), NAME.format(more=" autofocus"), held)
    expect(page.get_by_label("Name")).to_be_focused()
    answer(held[0], "")
    expect(widget(page)[1]).to_have_text("Done: you may go on.")


def test_a_form_that_is_sent_at_once_waits_for_it_and_takes_it_along(show: Show) -> None:
    page = show(a_task(), NAME.format(more=""))
    expect(widget(page)[0]).to_be_visible()
    with page.expect_request("**/sent") as sent:
        page.get_by_label("Name").press("Enter")
    fields = parse_qs(sent.value.post_data or "")
    assert proof_of_work.verify(
        fields["payload"][0], decision_id="dec_1", purpose="signup", key=KEY, at=NOON + 5
    )


def test_it_computes_in_a_worker_that_ends_with_it(show: Show) -> None:
    page = show(a_task(**ENDLESS))
    button, status = widget(page)
    with page.expect_worker() as started:
        button.click()
    worker = started.value
    assert worker.url == f"{HOME}/solver.js"
    with worker.expect_event("close"):
        button.click()
    expect(status).to_have_text("Stopped.")


def test_where_no_worker_may_start_it_computes_in_the_page(show: Show) -> None:
    page = show(a_task(**EASY), init="delete globalThis.Worker")
    widget(page)[0].click()
    expect(widget(page)[1]).to_have_text("Done: you may go on.")


def test_what_it_cannot_do_it_says(show: Show) -> None:
    button, status = widget(show(a_task(algorithm="SCRYPT")))
    button.click()
    expect(status).to_contain_text("cannot be solved here")
    expect(button).to_have_text("Try again")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it_in_every_state(show: Show, scheme: str) -> None:
    def check(page: Page, state: str) -> None:
        found = Axe().run(page, options=WCAG)
        assert found.violations_count == 0, f"{state}: {found.generate_report()}"

    endless = show(a_task(**ENDLESS), color_scheme=scheme)
    button, status = widget(endless)
    expect(button).to_be_visible()
    check(endless, "idle")
    button.click()
    expect(button).to_have_text("Stop")
    check(endless, "busy")
    button.click()
    expect(status).to_have_text("Stopped.")
    check(endless, "stopped")
    easy = show(a_task(**EASY), color_scheme=scheme, viewport={"width": 390, "height": 844})
    widget(easy)[0].click()
    expect(widget(easy)[1]).to_contain_text("Done")
    check(easy, "done")
    assert easy.evaluate("() => document.documentElement.scrollWidth") <= 390
