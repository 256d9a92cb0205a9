"""The page of figures in a real Chromium: for everybody, in light and dark, wide and narrow."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from safety.domain.access import Role
from safety.domain.reviews import Act, Action, Reviewer
from safety.review.values import Choice
from tests.desk_house import DeskOnly, House, a_house, add_item
from tests.e2e.desk_browser import NARROW, WCAG, WIDE, watch
from tests.e2e.desk_server import Served, chromium, serve

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        chromium() is None and not os.environ.get("SAFETY_REQUIRE_BROWSER"),
        reason="no chromium on PATH (Debian: apt-get install chromium)",
    ),
]
ANA = Reviewer("ana", Role.MODERATOR)
KEEP, REMOVE = (
    Choice((Act(Action.KEEP),), version=1),
    Choice((Act(Action.REMOVE, "spam.scam"),), version=1),
)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    house = a_house(tmp_path)
    resolution = some_work(house)
    lea = Reviewer("lea", Role.LEAD)
    DeskOnly(house).review.quality.make_golden(resolution, "a clear case", lea)
    with serve(house) as running:
        yield running
    house.engine.dispose()


def some_work(house: House) -> str:
    """A few decisions that are in effect; the last one's id."""
    resolution = ""
    for number in range(6):
        item = add_item(house.engine)
        choice = REMOVE if number % 2 else KEEP
        resolution = house.review.resolving.decide(item, choice, ANA).resolution.id
    house.clock.at += 60
    house.clerk()
    return resolution


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_figures_can_be_read_by_everybody(
    chrome: Browser, served: Served, scheme: str, viewport: dict[str, int]
) -> None:
    complaints: list[str] = []
    context = chrome.new_context(viewport=viewport, color_scheme=scheme)  # type: ignore[arg-type]  # a literal each
    watch(context, served.url, complaints)
    served.let_in(context, "lea", Role.LEAD)
    page = context.new_page()
    page.goto(f"{served.url}/desk/stats?people=yes")
    expect(page.get_by_role("heading", name="Golden items")).to_be_visible()
    page.get_by_text("As a table").click()
    found = Axe().run(page, options=WCAG)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= viewport["width"]
    if folder := os.environ.get("SAFETY_SHOTS"):
        page.screenshot(path=f"{folder}/stats-{scheme}-{viewport['width']}.png", full_page=True)
    context.close()
    assert complaints == []
