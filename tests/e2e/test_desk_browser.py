"""The desk in a real Chromium: from the queue to a resolution, with and without scripts."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from safety.domain.reviews import Action
from tests.desk_house import a_comment, a_house, a_model_signal, a_rule_signal, add_item
from tests.desk_house import resolve as resolve_item
from tests.e2e.desk_scenes import fill
from tests.e2e.desk_server import Served, browse, chromium, serve
from tests.e2e.hostile import HOSTILE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        chromium() is None and not os.environ.get("SAFETY_REQUIRE_BROWSER"),
        reason="no chromium on PATH (Debian: apt-get install chromium)",
    ),
]
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
PAGES = ("door", "queue", "item", "shadow open", "keys", "resolved", "trouble", "lost")

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browse() as browser:
        yield browser


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    house = a_house(tmp_path)
    with serve(house) as running:
        yield running
    house.engine.dispose()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about: CSP reports, script errors, requests elsewhere."""
    return []


@pytest.fixture
def open_page(chrome: Browser, served: Served, complaints: list[str]) -> Iterator[Open]:
    """Open a page in a browser of its own; at the end nothing may have been complained about."""
    with ExitStack() as contexts:

        def open_it(**options: Any) -> Page:
            context = chrome.new_context(viewport=options.pop("viewport", WIDE), **options)
            contexts.callback(context.close)
            watch(context, served.url, complaints)
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


def sign_in(page: Page, served: Served, name: str = "ana") -> None:
    served.let_in(page.context, name)
    page.goto(f"{served.url}/desk")


@pytest.mark.parametrize("with_scripts", [True, False], ids=["scripts", "no scripts"])
def test_from_the_queue_to_a_resolution(
    open_page: Open, served: Served, *, with_scripts: bool
) -> None:
    first = fill(served.house.engine)
    page = open_page(java_script_enabled=with_scripts)
    sign_in(page, served)
    expect(page.get_by_role("heading", level=1)).to_have_text("6 waiting")

    page.get_by_role("link", name="Review comment by u_17").click()
    expect(page.get_by_role("region", name="Text as written")).to_contain_text(
        "te⟨U+200B⟩leg⟨U+200B⟩ram or look at hxxps://fast-cash[.]example/join?r=88"
    )
    expect(page.get_by_role("heading", name="New account posts many links")).to_be_visible()
    expect(page.get_by_text("$480 a day +1.42")).to_be_visible()
    expect(page.get_by_label("Policy, to remove")).to_have_value("spam.scam")

    page.get_by_label("Policy, to remove").select_option("spam.commercial")
    page.get_by_label("Note").fill("third account this week")
    page.get_by_role("button", name="Remove").click()

    expect(page.get_by_role("status")).to_contain_text("Removed: Unwanted advertising.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Follow by xk99217")
    resolution = served.house.desk.resolution(first)
    assert resolution is not None
    assert (resolution.action, resolution.policy, resolution.moderator, resolution.note) == (
        Action.REMOVE,
        "spam.commercial",
        "ana",
        "third account this week",
    )

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Review desk")).to_be_visible()
    page.goto(f"{served.url}/desk")
    expect(page).to_have_url(f"{served.url}/desk/sign-in")


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


def test_everything_can_be_done_by_keyboard(open_page: Open, served: Served) -> None:
    first = fill(served.house.engine)
    page = open_page()
    sign_in(page, served)
    page.wait_for_load_state()  # the keys work once the script has run

    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Review comment by u_17")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{served.url}/desk/items/{first}")
    page.wait_for_load_state()

    page.keyboard.press("3")
    expect(page.get_by_label("Policy, to remove")).to_have_value("integrity.fake_engagement")
    page.keyboard.press("n")
    page.keyboard.type("rank and file")  # letters in a field are text, not keys
    page.keyboard.press("Enter")
    assert served.house.desk.resolution(first) is None
    page.get_by_label("Note").blur()
    page.keyboard.press("r")
    expect(page.get_by_role("status")).to_contain_text("Removed: Fake followers and likes.")
    page.wait_for_load_state()

    page.keyboard.press("a")
    expect(page.get_by_role("status")).to_contain_text("Kept.")
    page.wait_for_load_state()
    page.keyboard.press("u")
    expect(page.get_by_role("heading", level=1)).to_have_text("4 waiting")


def test_single_keys_can_be_switched_off(open_page: Open, served: Served) -> None:
    item = add_item(served.house.engine)
    page = open_page()
    sign_in(page, served)
    page.goto(f"{served.url}/desk/items/{item}")
    page.keyboard.press("?")
    page.get_by_label("Single keys are on").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="Keep")).to_be_visible()
    page.reload()
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="Keep").locator("kbd")).to_be_hidden()
    assert served.house.desk.resolution(item) is None


def test_of_two_moderators_one_wins_and_the_other_is_told_who(
    open_page: Open, served: Served
) -> None:
    item = add_item(served.house.engine)
    ana, ben = open_page(), open_page()
    for page, name in ((ana, "ana"), (ben, "ben")):
        sign_in(page, served, name)
        page.goto(f"{served.url}/desk/items/{item}")
    ana.get_by_role("button", name="Keep").click()
    expect(ana.get_by_role("status")).to_contain_text("Kept.")
    ben.get_by_role("button", name="Remove").click()
    expect(ben.get_by_role("alert")).to_contain_text("ana decided first: keep")
    expect(ben.get_by_role("heading", name="Kept by ana")).to_be_visible()
    ben.get_by_role("link", name="Next item").click()
    expect(ben.get_by_role("heading", name="All clear")).to_be_visible()


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
    assert served.house.desk.resolution(item) is None
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
    page = open_page()
    sign_in(page, served)
    for item in items:
        page.goto(f"{served.url}/desk/items/{item}")
        expect(page.get_by_role("heading", name="Why flagged")).to_be_visible()
        expect(page).not_to_have_title("owned")
        expect(
            page.get_by_role("region", name="Text as written").locator("a, img, svg")
        ).to_have_count(0)
        width = page.evaluate("() => document.documentElement.scrollWidth")
        assert width <= WIDE["width"], "the text pushes the page apart"


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_used_by_everybody(
    open_page: Open, served: Served, scheme: str, viewport: dict[str, int]
) -> None:
    page = open_page(viewport=viewport, color_scheme=scheme)
    for name in PAGES:
        show(page, served, name)
        found = Axe().run(page, options=WCAG)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= viewport["width"], f"{name} scrolls sideways"


def show(page: Page, served: Served, name: str) -> None:
    house = served.house
    if name == "door":
        page.goto(served.sign_in_url())
    elif name == "queue":
        fill(house.engine)
        sign_in(page, served)
    elif name == "item":
        page.goto(f"{served.url}/desk/next")
    elif name == "shadow open":
        for summary in page.locator("summary").all():
            summary.click()
    elif name == "keys":
        page.keyboard.press("?")
    elif name == "resolved":
        item = house.desk.waiting()[0].item.id
        resolve_item(house, item, note="see case 8")
        page.goto(f"{served.url}/desk/items/{item}")
    elif name == "trouble":
        house.ruleset_error = "spam.yaml:14:9: unknown feature acter.age\n  did you mean actor.age?"
        page.goto(f"{served.url}/desk")
    else:
        page.goto(f"{served.url}/desk/items/none")


def test_the_first_page_is_light(open_page: Open, served: Served) -> None:
    fill(served.house.engine)
    page = open_page()
    sign_in(page, served)
    sizes: list[int] = []
    page.on("response", lambda response: sizes.append(len(response.body())))
    page.reload()
    page.wait_for_load_state("networkidle")
    assert sum(sizes) <= 60_000
