"""What could not be sent outlives the page: sent at the next visit, once, by whoever decided it."""

import json

from playwright.sync_api import Dialog, Page, Route, expect

from safety.domain.access import Role
from safety.domain.reviews import Reviewer
from tests.e2e.desk_browser import NEEDS_CHROMIUM, Open, at_work, resolve, says, shown, shows
from tests.e2e.desk_scenes import fill
from tests.e2e.desk_server import Served

pytestmark = NEEDS_CHROMIUM
SECOND = "Follow by xk99217"


def cut_off(page: Page, url: str) -> None:
    """Let nothing that is sent from here arrive; pages still come."""
    page.route(f"{url}/desk/**", lambda route: route.abort())


def decide_unheard(page: Page, served: Served, *keys: str) -> str:
    """Decide about the first item while nobody answers; which one that was."""
    at_work(page, served)
    item = shown(page)
    expect(page.locator("[data-lease]")).to_contain_text("yours")
    cut_off(page, served.url)
    for key in keys:
        page.keyboard.press(key)
    says(page, "not saved yet")
    return item


def leave(page: Page, complaints: list[str]) -> Page:
    """Close a page with what it had not sent; a new one in the same browser."""
    context = page.context
    page.close(run_before_unload=False)
    complaints[:] = [each for each in complaints if "ERR_FAILED" not in each]
    return context.new_page()


def kept(page: Page) -> str:
    """What the browser keeps for the next visit, of everybody."""
    found: str = page.evaluate(
        """() => JSON.stringify(
          Object.entries(localStorage).filter(([name]) => name.startsWith("desk-unsent")))"""
    )
    return found


def test_what_was_not_sent_survives_the_page_and_is_sent_at_the_next_visit(
    open_page: Open, served: Served, complaints: list[str]
) -> None:
    fill(served.house.engine)
    page = open_page()
    first = decide_unheard(page, served, "r", "2")
    assert json.loads(json.loads(kept(page))[0][1])[0].keys() == {
        "key", "path", "fields", "text", "isTaken",
    }  # fmt: skip
    assert "fast-cash" not in kept(page)
    assert "dealz" not in kept(page)
    assert served.house.resolution(first) is None

    page = leave(page, complaints)
    page.goto(f"{served.url}/desk")
    expect(page.locator(f'.row[data-item="{first}"] .row-mark')).to_have_text("✓ removed")
    shows(page, SECOND)
    resolution = served.house.resolution(first)
    assert resolution is not None
    assert (resolution.moderator, resolution.policy) == ("ana", "spam.commercial")
    assert kept(page) == "[]"
    page.keyboard.press("z")
    says(page, "Undone. Nobody was told.")


def test_what_the_server_heard_already_is_not_decided_twice_at_the_next_visit(
    open_page: Open, served: Served, complaints: list[str]
) -> None:
    fill(served.house.engine)
    page = open_page()
    at_work(page, served)
    first = shown(page)
    expect(page.locator("[data-lease]")).to_contain_text("yours")

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/resolve", lose_the_answer)
    page.keyboard.press("a")
    says(page, "not saved yet")
    page = leave(page, complaints)
    page.goto(f"{served.url}/desk")
    expect(page.locator("main[data-ready]")).to_have_count(1)
    says(page, "Kept.")
    assert kept(page) == "[]"
    lea = Reviewer("lea", Role.LEAD)
    assert len(served.house.review.items.open(first, lea).resolutions) == 1


def test_whoever_was_faster_meanwhile_wins_and_the_next_visit_says_so(
    open_page: Open, served: Served, complaints: list[str]
) -> None:
    fill(served.house.engine)
    page = open_page()
    first = decide_unheard(page, served, "a")
    page = leave(page, complaints)
    served.house.clock.at += 15 * 60
    resolve(served, first, by="ben")
    page.goto(f"{served.url}/desk")
    says(page, "ben decided first: remove under spam.scam. Nothing was changed.")
    assert kept(page) == "[]"


def test_nobody_else_sends_what_somebody_did_not(
    open_page: Open, served: Served, complaints: list[str]
) -> None:
    fill(served.house.engine)
    page = open_page()
    first = decide_unheard(page, served, "a")
    page = leave(page, complaints)
    at_work(page, served, "ben")
    page.wait_for_load_state("networkidle")
    assert served.house.resolution(first) is None
    at_work(page, served, "ana")
    says(page, "Kept.")
    resolution = served.house.resolution(first)
    assert resolution is not None
    assert resolution.moderator == "ana"


def test_signing_out_forgets_what_was_not_sent_but_asks_once(
    open_page: Open, served: Served, complaints: list[str]
) -> None:
    fill(served.house.engine)
    page = open_page()
    first = decide_unheard(page, served, "a")
    page.unroute_all()
    page.route("**/resolve", lambda route: route.abort())
    page.get_by_role("button", name="Sign out").click()
    says(page, "1 not saved yet. Sign out once more to give them up.")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Review desk")).to_be_visible()
    assert kept(page) == "[]"
    page.unroute_all()
    at_work(page, served)
    page.wait_for_load_state("networkidle")
    assert served.house.resolution(first) is None
    complaints[:] = [each for each in complaints if "ERR_FAILED" not in each]


def test_what_somebody_wrote_is_not_kept_and_the_browser_asks_before_it_is_lost(
    open_page: Open, served: Served, complaints: list[str]
) -> None:
    fill(served.house.engine)
    page = open_page()
    at_work(page, served)
    expect(page.locator("[data-lease]")).to_contain_text("yours")
    cut_off(page, served.url)
    page.keyboard.press("r")
    page.get_by_label("Note (for colleagues)").fill("my own words")
    page.keyboard.press("Enter")
    says(page, "not saved yet")
    assert kept(page) == "[]"
    asked: list[str] = []

    def go_on(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", go_on)
    page.unroute_all()
    page.goto(f"{served.url}/desk/policies")
    assert asked == ["beforeunload"]
    complaints[:] = [each for each in complaints if "ERR_FAILED" not in each]


def test_a_session_that_ended_loses_no_decision(open_page: Open, served: Served) -> None:
    fill(served.house.engine)
    page = open_page()
    at_work(page, served)
    first = shown(page)
    page.context.clear_cookies()
    page.keyboard.press("a")
    expect(page.get_by_role("heading", name="Review desk")).to_be_visible()
    assert served.house.resolution(first) is None
    at_work(page, served)
    says(page, "Kept.")
    assert served.house.resolution(first) is not None
