"""The queue by keyboard alone, in a real Chromium: every key does what the page says it does."""

import time

import pytest
from playwright.sync_api import Page, Route, expect

from safety.domain.access import Role
from safety.domain.queues import Filter
from safety.domain.reviews import Action, Reviewer
from tests.desk_house import a_comment, add_item
from tests.e2e.desk_browser import NEEDS_CHROMIUM, Open, at_work, ready, says, shown, shows, sign_in
from tests.e2e.desk_scenes import fill
from tests.e2e.desk_server import Served

pytestmark = NEEDS_CHROMIUM
LEA = Reviewer("lea", Role.LEAD)
FIRST, SECOND = "Comment by dealz_4u", "Follow by xk99217"


@pytest.fixture
def page(open_page: Open, served: Served) -> Page:
    """The queue with a day's mix, the first item open."""
    fill(served.house.engine)
    opened = open_page()
    at_work(opened, served)
    shows(opened, FIRST)
    return opened


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def decided(served: Served, item: str) -> tuple[Action, str | None] | None:
    """How an item was decided; what a key has sent may be on its way for a moment."""
    until = time.monotonic() + 3
    while (resolution := served.house.resolution(item)) is None and time.monotonic() < until:
        time.sleep(0.05)
    return None if resolution is None else (resolution.action, resolution.policy)


def test_keep_goes_on_at_once_and_undo_comes_back(page: Page, served: Served) -> None:
    first = shown(page)
    press(page, "a")
    shows(page, SECOND)
    says(page, "Kept.")
    assert decided(served, first) == (Action.KEEP, None)
    expect(page.locator(f'[data-item="{first}"].decided .row-mark')).to_have_text("✓ kept")
    expect(page.get_by_role("button", name="Undo (")).to_be_visible()
    press(page, "z")
    shows(page, FIRST)
    says(page, "Undone. Nobody was told.")
    assert served.house.resolution(first) is None


def test_remove_takes_a_number_a_name_or_what_is_suggested(page: Page, served: Served) -> None:
    first = shown(page)
    press(page, "r", "2")
    shows(page, SECOND)
    says(page, "Removed: Unwanted advertising.")
    assert decided(served, first) == (Action.REMOVE, "spam.commercial")

    second = shown(page)
    press(page, "r")
    page.keyboard.type("haras")
    expect(page.get_by_role("radio", name="Harassment")).to_be_checked()
    press(page, "Enter")
    says(page, "Removed: Harassment.")
    assert decided(served, second) == (Action.REMOVE, "abuse.harassment")

    third = shown(page)
    press(page, ".")
    says(page, "Removed: Harassment.")
    expect(page.locator(f'[data-item="{third}"].took')).to_have_count(1)
    assert decided(served, third) == (Action.REMOVE, "abuse.harassment")


def test_several_things_at_once_with_words_for_the_user(page: Page, served: Served) -> None:
    first = shown(page)
    press(page, "r")
    dialog = page.get_by_role("dialog", name="Remove, and what follows")
    dialog.get_by_role("checkbox", name="Limit").check()
    dialog.get_by_role("checkbox", name="Warn").check()
    dialog.get_by_label("What the user reads").fill("Please stop.")
    dialog.get_by_label("Note (for colleagues)").fill("second time")
    press(page, "Enter")
    says(page, "Removed, warned, limited: Scams and phishing.")
    resolution = served.house.resolution(first)
    assert resolution is not None
    assert [act.action for act in resolution.every_act] == [
        Action.REMOVE,
        Action.WARN,
        Action.LIMIT,
    ]
    assert resolution.every_act[2].lasts == 7 * 86_400
    assert (resolution.message, resolution.note) == ("Please stop.", "second time")


def test_too_late_for_undo_it_is_reversed_with_a_reason(page: Page, served: Served) -> None:
    first = shown(page)
    press(page, "r", "1")
    says(page, "Removed")
    served.house.clock.at += 60
    served.house.clerk()
    press(page, "z")
    dialog = page.get_by_role("dialog", name="Reverse")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Why").fill("it was satire")
    press(page, "Control+Enter")
    says(page, "Reversed. The platform is told.")
    assert decided(served, first) == (Action.KEEP, None)


def test_escalate_snooze_skip_and_notes(page: Page, served: Served) -> None:
    press(page, "n")
    page.keyboard.type("ring, see case 88")
    press(page, "Control+Enter")
    says(page, "The note is kept.")
    expect(page.get_by_role("list", name="Notes")).to_contain_text("ring, see case 88")

    first = shown(page)
    press(page, "e")
    page.keyboard.type("needs the fraud team")
    press(page, "Control+Enter")
    says(page, "Escalated to escalated.")
    press(page, "w")
    page.get_by_role("dialog", name="Look at it later").get_by_role("button", name="Put").click()
    says(page, "Put off.")
    press(page, "z")
    says(page, "It waits again.")
    shows(page, SECOND)
    press(page, "s")
    says(page, "Skipped.")
    item = served.house.review.items.open(first, LEA).view.item
    assert (item.queue, item.escalated_from) == ("escalated", "content")


def test_moving_looking_and_copying(page: Page, served: Served) -> None:
    press(page, "j")
    shows(page, SECOND)
    press(page, "k")
    shows(page, FIRST)
    press(page, "ArrowDown", "ArrowUp")
    shows(page, FIRST)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    press(page, "l")
    says(page, "Link copied.")
    press(page, "h")
    expect(page.get_by_role("heading", level=1)).to_have_text("dealz_4u")
    page.go_back()
    ready(page)
    press(page, "v")
    expect(page.get_by_text("Event as sent")).to_be_visible()
    press(page, "u")
    ready(page)
    press(page, "/")
    expect(page.get_by_role("searchbox", name="Search")).to_be_focused()
    page.keyboard.type("a")  # letters in a field are text, not keys
    page.get_by_role("searchbox", name="Search").blur()
    press(page, "g", "d")
    expect(page.get_by_role("heading", level=1)).to_have_text("Decisions")


def test_many_are_selected_by_range_and_decided_as_one(page: Page, served: Served) -> None:
    press(page, "x", "j", "j", "Shift+X")
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.get_by_role("button", name="Decide about all selected").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3 selected")
    page.get_by_role("radio", name="Scams and phishing").check()
    page.get_by_role("button", name="Decide about all that are ticked").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3 of 3 decided")
    press(page, "z")
    expect(page.get_by_role("heading", level=1)).to_have_text("6 waiting")


def test_what_says_nearly_the_same_is_decided_at_once(open_page: Open, served: Served) -> None:
    texts = [f"Earn $500 a day from your phone, write me now!! offer {n}" for n in range(5)]
    for n, text in enumerate(texts):
        actor = {"id": f"u_{n}", "name": f"dealz{n}"}
        add_item(served.house.engine, a_comment(text, actor=actor))
    served.house.clerk()
    page = open_page()
    at_work(page, served)
    press(page, "d")
    expect(page.get_by_role("heading", level=1)).to_contain_text("5 that say nearly the same")
    page.get_by_role("radio", name="Scams and phishing").check()
    page.get_by_role("button", name="Decide about all that are ticked").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("5 of 5 decided")


def test_keys_are_shown_changed_and_switched_off(page: Page, served: Served) -> None:
    first = shown(page)
    press(page, "?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    press(page, "a")  # a dialog is open: not a key
    page.get_by_role("link", name="Change the keys").click()
    page.get_by_label("keep: nothing is wrong").fill("r")
    page.get_by_role("button", name="Keep these keys").click()
    expect(page.get_by_role("alert")).to_contain_text("can only do one thing")
    page.get_by_label("keep: nothing is wrong").fill("y")
    page.get_by_role("button", name="Keep these keys").click()
    expect(page.get_by_role("status")).to_contain_text("Your keys are kept.")

    page.goto(f"{served.url}/desk")
    ready(page)
    expect(page.get_by_role("button", name="Keep y")).to_be_visible()
    press(page, "a")
    assert served.house.resolution(first) is None
    press(page, "y")
    says(page, "Kept.")

    press(page, "?")
    with page.expect_response("**/desk/settings/keys-on"):
        page.get_by_label("Single keys are on").uncheck()
    press(page, "Escape", "y")
    page.reload()
    ready(page)
    press(page, "y")
    expect(page.get_by_role("button", name="Keep")).to_be_visible()
    assert len(served.house.review.queues.page(LEA, Filter()).rows) == 5


def test_the_palette_finds_everything_by_name(page: Page) -> None:
    press(page, "Control+k")
    expect(page.get_by_role("combobox", name="Command")).to_be_focused()
    page.keyboard.type("esc")
    expect(page.locator(".palette li")).to_have_count(1)
    press(page, "Enter")
    expect(page.get_by_role("dialog", name="Escalate")).to_be_visible()
    press(page, "Escape", "Control+k")
    expect(page.get_by_role("combobox", name="Command")).to_be_focused()
    page.keyboard.type("go decisions")
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Decisions")


def test_what_is_veiled_shows_when_asked_and_a_pause_is_suggested(
    open_page: Open, served: Served
) -> None:
    for n in range(3):
        add_item(served.house.engine, a_comment(f"hard to read {n}"))
    page = open_page()
    at_work(page, served)
    page.goto(f"{served.url}/desk/settings")
    page.get_by_label("All: every text").check()
    page.get_by_label("hard items in an hour").fill("2")
    page.get_by_role("button", name="Keep this").click()
    page.goto(f"{served.url}/desk")
    ready(page)
    text = page.get_by_role("region", name="Text as written")
    expect(text).to_be_hidden()
    press(page, "Space")
    expect(text).to_contain_text("hard to read")
    press(page, "Space")
    expect(text).to_be_hidden()
    first = shown(page)
    press(page, "j")
    expect(page.locator(".pane.subject")).not_to_have_attribute("data-item", first)
    expect(page.locator(".pane.subject .veil summary")).to_be_visible()
    expect(text).to_be_hidden()
    press(page, "Space")
    expect(text).to_be_visible()
    pause = page.get_by_role("dialog", name="Time for a pause?")
    expect(pause).to_contain_text("2 hard items")
    pause.get_by_role("button", name="Take a pause").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing needs you right now")


def test_at_an_item_of_its_own_the_keys_work_as_well(open_page: Open, served: Served) -> None:
    first = fill(served.house.engine)
    page = open_page()
    at_work(page, served)
    page.goto(f"{served.url}/desk/items/{first}")
    ready(page)
    press(page, "r", "1")
    expect(page.get_by_role("heading", level=1)).to_have_text(SECOND)
    says(page, "Removed: Scams and phishing.")
    ready(page)
    press(page, "a")
    expect(page.get_by_role("heading", level=1)).not_to_have_text(SECOND)
    says(page, "Kept.")
    assert decided(served, first) == (Action.REMOVE, "spam.scam")
    page.goto(f"{served.url}/desk/items/{first}")
    ready(page)
    press(page, "z")
    expect(page.get_by_role("button", name="Keep")).to_be_visible()
    assert served.house.resolution(first) is None


def test_a_key_pressed_while_the_script_loads_is_not_lost(open_page: Open, served: Served) -> None:
    first = fill(served.house.engine)
    page = open_page()
    sign_in(page, served)
    held: list[Route] = []
    page.route("**/work.js", lambda route: held.append(route))  # noqa: PLW0108 - it marks what it calls
    page.goto(f"{served.url}/desk/items/{first}")
    press(page, "a")
    expect(page.locator("kbd[data-hint]").first).to_be_hidden()
    assert served.house.resolution(first) is None
    held[0].continue_()
    expect(page.get_by_role("heading", level=1)).to_have_text(SECOND)
    assert decided(served, first) == (Action.KEEP, None)
