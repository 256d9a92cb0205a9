"""The desk in a real Chromium: from the queue to a resolution, with and without scripts."""

import time

from playwright.sync_api import expect

from safety.domain.reviews import Action
from tests.desk_house import a_comment, a_model_signal, a_rule_signal, add_item
from tests.e2e.desk_browser import NEEDS_CHROMIUM, WIDE, Open, sign_in
from tests.e2e.desk_scenes import fill
from tests.e2e.desk_server import Served
from tests.e2e.hostile import HOSTILE

pytestmark = NEEDS_CHROMIUM


def test_without_scripts_from_the_queue_to_a_resolution_and_back(
    open_page: Open, served: Served
) -> None:
    first = fill(served.house.engine)
    page = open_page(java_script_enabled=False)
    sign_in(page, served)
    expect(page.get_by_role("heading", level=1)).to_have_text("6 waiting")
    expect(page.get_by_role("button", name="Shortcuts")).to_be_hidden()

    page.get_by_role("link", name="Review comment by dealz_4u").click()
    expect(page.get_by_role("region", name="Text as written")).to_contain_text(
        "te⟨U+200B⟩leg⟨U+200B⟩ram or look at hxxps://fast-cash[.]example/join?r=88"
    )
    expect(page.get_by_role("heading", name="New account posts many links")).to_be_visible()
    expect(page.get_by_text("$480 a day +1.42")).to_be_visible()

    page.get_by_role("link", name="Remove…").click()
    expect(page.get_by_role("radio", name="Scams and phishing")).to_be_checked()
    page.get_by_role("radio", name="Unwanted advertising").check()
    page.get_by_role("checkbox", name="Warn").check()
    page.get_by_label("Note (for colleagues)").fill("third account this week")
    page.get_by_role("button", name="Decide").click()

    expect(page.get_by_role("status")).to_contain_text("Removed, warned: Unwanted advertising.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Follow by xk99217")
    resolution = served.house.resolution(first)
    assert resolution is not None
    assert (resolution.action, resolution.policy, resolution.moderator, resolution.note) == (
        Action.REMOVE,
        "spam.commercial",
        "ana",
        "third account this week",
    )
    page.get_by_role("link", name="Look at it again").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Keep")).to_be_visible()
    assert served.house.resolution(first) is None

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Review desk")).to_be_visible()
    page.goto(f"{served.url}/desk")
    expect(page).to_have_url(f"{served.url}/desk/sign-in")


def test_without_scripts_everything_else_can_be_done_as_well(
    open_page: Open, served: Served
) -> None:
    fill(served.house.engine)
    page = open_page(java_script_enabled=False)
    sign_in(page, served)
    page.get_by_role("link", name="Review comment by dealz_4u").click()
    page.get_by_role("link", name="Note").click()
    page.get_by_label("For colleagues; the user never sees it").fill("ring, see case 88")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_role("list", name="Notes")).to_contain_text("ring, see case 88")
    page.get_by_role("link", name="Later").click()
    page.get_by_role("button", name="Put it off").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Follow by xk99217")
    page.get_by_role("link", name="Escalate").click()
    page.get_by_label("Why somebody with more experience").fill("needs the fraud team")
    page.get_by_role("button", name="Escalate").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Comment by grimjaw")
    page.get_by_role("button", name="Skip").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Post by lens_and_light")


def test_the_link_works_once_and_leaves_the_address_bar(open_page: Open, served: Served) -> None:
    link = served.sign_in_url()
    page = open_page()
    page.goto(link)
    expect(page).to_have_url(f"{served.url}/desk/sign-in")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{served.url}/desk/enrol")

    stranger = open_page()
    stranger.goto(link)
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger.get_by_role("alert")).to_contain_text("already used")


def test_another_site_cannot_decide(open_page: Open, served: Served, complaints: list[str]) -> None:
    """A page of another origin sends our form; the browser's own session does not help it."""
    item = add_item(served.house.engine)
    page = open_page()
    sign_in(page, served)
    elsewhere = served.url.replace("127.0.0.1", "localhost")
    page.route(
        f"{elsewhere}/trap",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f"<form method=post action={served.url}/desk/items/{item}/resolve>"
            "<input name=action value=keep><input name=version value=1><button>Win</button></form>",
        ),
    )
    page.goto(f"{elsewhere}/trap")
    page.get_by_role("button", name="Win").click()
    expect(page.get_by_text("This form did not come from here.")).to_be_visible()
    assert served.house.resolution(item) is None
    complaints.remove(f"request to {elsewhere}/trap")


def test_hostile_content_stays_text(open_page: Open, served: Served) -> None:
    items = [
        add_item(
            served.house.engine,
            a_comment(text, actor={"id": "u_1", "name": text[:200]}),
            signals=[
                a_rule_signal(title=text[:200], spans=[[0, 9]]),
                a_model_signal(text, [(text[:3], 1.0)]),
            ],
        )
        for text in HOSTILE.values()
    ]
    served.house.review.clerk.indexing.run(timer=time.monotonic)
    page = open_page()
    sign_in(page, served)
    for item in items:
        page.goto(f"{served.url}/desk/items/{item}")
        expect(page.get_by_role("heading", name="Why flagged")).to_be_visible()
        expect(page).not_to_have_title("owned")
        thread = page.get_by_role("list", name="Thread, oldest first")
        expect(thread.get_by_role("listitem").nth(len(items) - 2)).to_be_visible()
        expect(thread.locator("img, svg, script, a:not([href^='/desk/items/'])")).to_have_count(0)
        expect(
            page.get_by_role("region", name="Text as written").locator("a, img, svg")
        ).to_have_count(0)
        width = page.evaluate("() => document.documentElement.scrollWidth")
        assert width <= WIDE["width"], "the text pushes the page apart"
