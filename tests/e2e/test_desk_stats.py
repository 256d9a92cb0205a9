"""The page of figures: what it shows to whom, and the golden items that leads look after there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from safety.domain.access import Role
from safety.domain.reviews import Act, Action, Reviewer
from safety.review.values import Choice
from tests.desk_house import House, a_house, add_item
from tests.e2e.test_desk_http import ORIGIN, OURS, sign_in

ANA = Reviewer("ana", Role.MODERATOR)
REMOVE = Choice((Act(Action.REMOVE, "spam.scam"),), version=1)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = a_house(tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
def browser(house: House) -> Iterator[TestClient]:
    with TestClient(house.app(), base_url=ORIGIN, follow_redirects=False) as client:
        yield client


def decided(house: House) -> str:
    """Something that Ana removed, in effect: the resolution's id."""
    item = add_item(house.engine)
    found = house.review.resolving.decide(item, REMOVE, ANA).resolution.id
    house.clock.at += 60
    house.clerk()
    return found


def test_everybody_sees_figures_and_nobody_single_people_by_default(
    browser: TestClient, house: House
) -> None:
    decided(house)
    sign_in(browser, house, "ben")
    html = browser.get("/desk/stats").text
    assert "spam.scam" in html
    assert html.count("<svg") >= 3
    assert html.count("<table") >= 4
    assert "ana" not in re.sub(r"canary|banana", "", html)
    asked = browser.get("/desk/stats?people=yes").text
    assert ">ana<" not in asked


def test_leads_see_people_when_they_ask(browser: TestClient, house: House) -> None:
    decided(house)
    sign_in(browser, house, "lea", Role.LEAD)
    assert ">ana<" not in browser.get("/desk/stats").text
    assert ">ana<" in browser.get("/desk/stats?people=yes").text


def test_a_lead_makes_and_retires_a_golden_item(browser: TestClient, house: House) -> None:
    resolution = decided(house)
    csrf = sign_in(browser, house, "lea", Role.LEAD)
    form = {"csrf": csrf, "resolution": f" {resolution} ", "why": "<b>a clear case</b>"}
    made = browser.post("/desk/stats/golden", data=form, headers=OURS)
    assert made.status_code == 303
    html = browser.get("/desk/stats?said=golden").text
    assert "tries people out" in html
    assert "&lt;b&gt;a clear case" in html
    golden = re.search(r'name="golden" value="([^"]+)"', html)
    assert golden
    gone = browser.post(
        "/desk/stats/golden/retire", data={"csrf": csrf, "golden": golden[1]}, headers=OURS
    )
    assert gone.status_code == 303
    assert golden[1] not in browser.get("/desk/stats").text


def test_moderators_neither_see_nor_make_golden_items(browser: TestClient, house: House) -> None:
    resolution = decided(house)
    csrf = sign_in(browser, house, "ben")
    assert "Golden items</h2>" not in browser.get("/desk/stats").text
    form = {"csrf": csrf, "resolution": resolution, "why": "x"}
    assert browser.post("/desk/stats/golden", data=form, headers=OURS).status_code == 403


@pytest.mark.parametrize("query", ["days=0", "days=366", "days=x", "people=maybe", "said=<b>"])
def test_a_query_that_makes_no_sense_is_refused(
    browser: TestClient, house: House, query: str
) -> None:
    sign_in(browser, house)
    assert browser.get(f"/desk/stats?{query}").status_code == 422


def test_an_empty_desk_has_a_page_too(browser: TestClient, house: House) -> None:
    sign_in(browser, house, "lea", Role.LEAD)
    for days in (1, 7, 365):
        assert browser.get(f"/desk/stats?days={days}").status_code == 200


def test_what_reporters_and_appellants_say_is_shown_inert(
    browser: TestClient, house: House
) -> None:
    item = add_item(house.engine)
    decision = house.review.resolving.decide(item, REMOVE, ANA).resolution.decision_id
    house.clock.at += 60
    house.clerk()
    appeal = house.review.appealing.appeal("demo", decision, "<script>alert(1)</script>\u202e no")
    sign_in(browser, house, "ben")
    html = browser.get(f"/desk/items/{appeal.item_id}").text
    assert "Appealed by" in html
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert" not in html
    assert "\u202e" not in html
