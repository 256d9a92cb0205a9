"""Rules in a real Chromium: written, checked, approved, with and without scripts, for everybody."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

from safety.assets import shipped
from safety.domain.access import Role
from safety.domain.reviews import Act, Action, Reviewer
from safety.review.values import Choice
from tests.desk_house import a_rule_signal, add_item
from tests.e2e.desk_browser import NEEDS_CHROMIUM, WCAG
from tests.e2e.desk_server import Served, serve
from tests.e2e.rules_scene import BLOCKS, HOLDS, a_scene

pytestmark = NEEDS_CHROMIUM
BOTH = pytest.mark.parametrize("with_scripts", [True, False], ids=["scripts", "no scripts"])
WIDE: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 390, "height": 844}
MOST_SCRIPT = 4 * 1024

Open = Callable[..., Page]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    house = a_scene(tmp_path)
    with serve(house) as running:
        yield running
    house.engine.dispose()


@pytest.fixture
def open_page(open_page: Open, served: Served) -> Open:
    """Open a page of somebody who may change what decides."""

    def open_it(name: str = "ana", **options: Any) -> Page:
        page = open_page(**options)
        served.let_in(page.context, name, Role.ANALYST)
        return page

    return open_it


@BOTH
def test_a_rule_is_written_checked_proposed_and_approved(
    open_page: Open, served: Served, *, with_scripts: bool
) -> None:
    page = open_page(java_script_enabled=with_scripts)
    page.goto(f"{served.url}/desk/rules/{BLOCKS}")
    page.get_by_role("link", name="Edit").click()
    editor = page.get_by_role("textbox", name="Text")
    right = editor.input_value()
    editor.fill(right.replace("content.length >", "content.lenght >"))
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("did you mean `content.length`?").first).to_be_visible()
    assert "content.lenght >" in editor.input_value()
    if with_scripts:
        page.get_by_role("button", name=f"desk/{BLOCKS}.yaml:6:7").click()
        expect(editor).to_be_focused()
        chosen = editor.evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)")
        assert chosen == "content.lenght"
        expect(page.get_by_text("line 6, column 7")).to_be_visible()
    editor.fill(right.replace("> 3", "> 4"))
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_text("two persons")).to_be_visible()
    page.get_by_role("button", name="Ask for approval").click()
    expect(page.get_by_text("Somebody else approves it now.")).to_be_visible()

    other = open_page("kim", java_script_enabled=with_scripts)
    other.goto(f"{served.url}/desk/rules")
    other.get_by_role("region", name="Waiting").get_by_role("link", name=BLOCKS).click()
    other.get_by_role("button", name="Approve and put in force").click()
    expect(other.get_by_text("It is in force. Every process")).to_be_visible()
    assert "> 4" in served.house.bench.bundle.source(BLOCKS).when[0].text


def test_a_check_is_a_key_away_and_leaving_loses_nothing_unasked(
    open_page: Open, served: Served
) -> None:
    page = open_page()
    page.goto(f"{served.url}/desk/rules/{HOLDS}/edit")
    editor = page.get_by_role("textbox", name="Text")
    editor.press("End")
    editor.press_sequentially("x")
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.evaluate("() => { location.href = '/desk/rules'; }")
    expect(editor).to_be_visible()
    editor.press("Control+Enter")
    expect(page.get_by_text("to mend.")).to_be_visible()


@BOTH
def test_what_a_rule_did_is_undone(open_page: Open, served: Served, *, with_scripts: bool) -> None:
    page = open_page(java_script_enabled=with_scripts)
    page.goto(f"{served.url}/desk/rules/{BLOCKS}")
    page.get_by_role("link", name="Undo what it did").click()
    page.get_by_label("From (UTC)").fill("2026-11-22T16:00")
    page.get_by_role("button", name="Preview").click()
    page.get_by_label("Why").fill("wrong list")
    page.get_by_role("button", name="Undo 5 decisions").click()
    expect(page.get_by_text("of about 5 are reversed")).to_be_visible()
    while served.house.bench.parts.undoing.work():
        pass
    if not with_scripts:
        page.get_by_role("link", name="Look again").click()
    expect(page.get_by_text("done", exact=True)).to_be_visible()


@BOTH
def test_an_attacker_goes_from_the_view_onto_a_list(
    open_page: Open, served: Served, *, with_scripts: bool
) -> None:
    page = open_page(java_script_enabled=with_scripts)
    page.goto(f"{served.url}/desk/attack")
    page.get_by_role("link", name=re.compile("Put on deny_domains.*spam.{3}example")).click()
    expect(page.get_by_label("Values")).to_have_value("spam.example")
    page.get_by_label("Why").fill("wave")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("It is on the list.")).to_be_visible()
    page.goto(f"{served.url}/desk/attack")
    page.get_by_role("radio", name="everybody").check()
    page.get_by_label("Why").fill("wave")
    page.get_by_role("button", name="Raise the challenge level").click()
    expect(page.get_by_text("Raised to everybody")).to_be_visible()
    page.get_by_role("button", name="Lower it now").click()
    expect(page.get_by_text("as usual again")).to_be_visible()


@pytest.mark.parametrize(("scheme", "viewport"), [("light", NARROW), ("dark", WIDE)])
def test_everybody_can_read_the_pages_on_any_screen(
    open_page: Open, served: Served, scheme: str, viewport: ViewportSize
) -> None:
    rules = served.house.bench.parts.rules
    text = rules.text(BLOCKS).text
    draft = rules.save(BLOCKS, text.replace("length", "lenght", 1), why="typo", author="ana")
    rules.propose(rules.save(BLOCKS, f"{text}# x\n", why="note", author="kim").id, author="kim")
    paths = (
        "rules", f"rules/{BLOCKS}", f"rules/{BLOCKS}/edit", f"changes/{draft.id}",
        f"rules/{BLOCKS}/undo?since=2026-11-22T16:00", "undos", "lists", "lists/deny_domains",
        "attack",
    )  # fmt: skip
    page = open_page(color_scheme=scheme, viewport=viewport)
    for path in paths:
        page.goto(f"{served.url}/desk/{path}")
        found = Axe().run(page, options=WCAG).response["violations"]
        assert [(each["id"], each["nodes"][0]["target"]) for each in found] == [], path
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), path


def test_the_scripts_of_these_pages_are_small() -> None:
    script = shipped("admin_ui") / "static" / "rules.js"
    assert script.stat().st_size <= MOST_SCRIPT


def test_one_key_makes_a_kept_item_a_test_of_the_rule(open_page: Open, served: Served) -> None:
    signal = a_rule_signal(rule=BLOCKS, verdict="block", revision="1")
    item = add_item(served.house.engine, signals=[signal])
    keep = Choice((Act(Action.KEEP),))
    served.house.review.resolving.decide(item, keep, Reviewer("lea", Role.LEAD))
    page = open_page()
    page.goto(f"{served.url}/desk/items/{item}")
    expect(page.get_by_role("button", name="Make it a test").locator("kbd")).to_have_text("m")
    page.keyboard.press("m")
    expect(page).to_have_url(re.compile(r"/desk/(rules/)?changes/"))
    expect(page.get_by_text("no match").first).to_be_visible()
