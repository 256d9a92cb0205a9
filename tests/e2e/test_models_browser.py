"""Pages about models in a real Chromium: the slider, without scripts too, and for everybody."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from safety.classifiers.day_counts import DayCounts, merged
from safety.domain.access import Role
from safety.store import model_watch
from safety.store.engine import write
from tests.desk_house import NOW, DeskOnly, a_house
from tests.e2e.desk_browser import NARROW, WCAG, WIDE
from tests.e2e.desk_server import Served, chromium, serve
from tests.e2e.test_desk_models import a_better_holdout, a_middling_holdout
from tests.model_house import a_version

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        chromium() is None and not os.environ.get("SAFETY_REQUIRE_BROWSER"),
        reason="no chromium on PATH (Debian: apt-get install chromium)",
    ),
]
Open = Callable[..., Page]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    house = a_house(tmp_path)
    a_version(tmp_path / "shipped", "1", holdout=a_middling_holdout())
    a_version(tmp_path / "made", "1001", holdout=a_better_holdout())
    counts = DayCounts(features={"content.links": [700, 200]}, compared=50, disagreed=5)
    counts.scores[0], counts.scores[-1] = 500, 400
    day = int(NOW // 86_400)
    with write(house.engine) as connection:
        part = {("spam", "1", day - n, "all"): counts.encode() for n in range(3)}
        model_watch.merge_days(connection, part, merged)
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


def test_the_slider_shows_at_once_what_the_form_would_show(open_page: Open, served: Served) -> None:
    page = open_page()
    page.goto(f"{served.url}/desk/models/spam")
    slider = page.get_by_role("slider")
    slider.fill("0.6")
    shown = {
        name: page.locator(f"dd[data-shows={name}]").inner_text()
        for name in ("recall", "wrong", "precision", "cost")
    }
    expect(page.locator("[data-follows=threshold]")).to_have_value("0.600")
    page.get_by_role("button", name="Show").click()
    for name, text in shown.items():
        expect(page.locator(f"dd[data-shows={name}]")).to_have_text(text)


def test_a_threshold_is_set_and_a_candidate_promoted_without_scripts(
    open_page: Open, served: Served
) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{served.url}/desk/models/spam?threshold=0.7")
    page.get_by_text("Set a threshold here…").click()
    page.get_by_label("Why").first.fill("fewer appeals")
    page.get_by_role("button", name="Set it").click()
    expect(page.get_by_text("The threshold is set.")).to_be_visible()
    assert DeskOnly(served.house).models.threshold("spam", "1")[0] == 0.7
    page.get_by_role("link", name="Compare 1001").click()
    page.get_by_role("button", name="Make 1001 live").click()
    expect(page.get_by_text("That version is live.")).to_be_visible()
    expect(page.get_by_role("heading", name="spam 1001 live")).to_be_visible()


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_about_models_can_be_used_by_everybody(
    open_page: Open, served: Served, scheme: str, viewport: dict[str, int]
) -> None:
    page = open_page(viewport=viewport, color_scheme=scheme)
    for path in ("models", "models/spam", "models/spam/compare?version=1001"):
        page.goto(f"{served.url}/desk/{path}")
        found = Axe().run(page, options=WCAG)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= viewport["width"], f"{path} scrolls sideways"
