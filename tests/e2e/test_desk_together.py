"""Several people at one desk, a network that goes away, and how little each step costs."""

import gzip

from playwright.sync_api import Page, Response, Route, expect

from safety.domain.access import Role
from safety.domain.reviews import Reviewer
from tests.desk_house import a_comment, add_item
from tests.e2e.desk_browser import (
    NEEDS_CHROMIUM,
    Open,
    at_work,
    resolve,
    says,
    shown,
    shows,
)
from tests.e2e.desk_scenes import fill
from tests.e2e.desk_server import Served

pytestmark = NEEDS_CHROMIUM
FIRST, SECOND = "Comment by dealz_4u", "Follow by xk99217"
KIB = 1024


def test_what_somebody_reads_is_theirs_and_comes_back_when_they_leave(
    open_page: Open, served: Served
) -> None:
    fill(served.house.engine)
    ana, ben = open_page(), open_page()
    at_work(ana, served)
    expect(ana.locator("[data-lease]")).to_contain_text("yours for 9:")
    first = shown(ana)

    at_work(ben, served, "ben")
    row = ben.locator(f'.row[data-item="{first}"]')
    expect(row.locator(".row-mark")).to_have_text("◔ ana")
    assert shown(ben) != first, "ben begins with what is free"
    row.get_by_role("link").click()
    expect(ben.locator("[data-lease]")).to_contain_text("ana has this")
    ben.keyboard.press("a")
    says(ben, "ana has this item on their desk")
    expect(row.locator(".row-mark")).to_have_text("◔ ana")
    assert served.house.resolution(first) is None

    ana.goto(f"{served.url}/desk/policies")
    ana.wait_for_load_state()
    ben.wait_for_timeout(500)  # what is sent while a page goes cannot be waited for
    ben.reload()
    expect(row.locator(".row-mark")).to_have_text("")


def test_of_two_who_decide_one_wins_and_the_other_is_told_who(
    open_page: Open, served: Served
) -> None:
    fill(served.house.engine)
    ana = open_page()
    at_work(ana, served)
    first = shown(ana)
    served.house.clock.at += 15 * 60  # her lease is over; she does not know
    resolve(served, first, by="ben")
    ana.keyboard.press("a")
    says(ana, "ben decided first: remove under spam.scam. Nothing was changed.")
    mark = ana.locator(f'.row[data-item="{first}"] .row-mark')
    expect(mark).to_have_text("ben: removed")
    resolution = served.house.resolution(first)
    assert resolution is not None
    assert resolution.moderator == "ben"


def test_without_scripts_the_second_is_told_as_well(open_page: Open, served: Served) -> None:
    item = add_item(served.house.engine)
    ben = open_page(java_script_enabled=False)
    served.let_in(ben.context, "ben")
    ben.goto(f"{served.url}/desk/items/{item}")
    resolve(served, item, by="ana")
    ben.get_by_role("button", name="Keep").click()
    expect(ben.get_by_role("alert")).to_contain_text("ana decided first: remove")
    expect(ben.get_by_role("heading", name="Removed by ana")).to_be_visible()
    ben.get_by_role("link", name="Next item").click()
    expect(ben.get_by_role("heading", name="All clear")).to_be_visible()


def test_what_is_decided_without_a_connection_is_sent_later_and_once(
    open_page: Open, served: Served, complaints: list[str]
) -> None:
    fill(served.house.engine)
    page = open_page()
    at_work(page, served)
    first = shown(page)
    expect(page.locator("[data-lease]")).to_contain_text("yours")
    tries: list[str] = []

    def lose_the_answer(route: Route) -> None:
        """The server hears the first one, the browser never learns of it."""
        tries.append(route.request.post_data or "")
        if len(tries) == 1:
            route.fetch()
        if len(tries) <= 2:
            route.abort()
        else:
            route.continue_()

    page.route("**/resolve", lose_the_answer)
    page.keyboard.press("a")
    shows(page, SECOND)
    says(page, "not saved yet")
    row = page.locator(f'.row[data-item="{first}"]')
    expect(row.locator(".row-mark")).to_have_text("not saved yet")
    expect(row.locator(".row-mark")).to_have_text("✓ kept", timeout=15_000)
    assert len(tries) == 3
    lea = Reviewer("lea", Role.LEAD)
    assert len(served.house.review.items.open(first, lea).resolutions) == 1
    complaints[:] = [each for each in complaints if "ERR_FAILED" not in each]


def weigh(response: Response) -> int:
    """What an answer weighs as it travels, without its head."""
    body = response.body()
    return len(gzip.compress(body, 5)) if "content-encoding" in response.headers else len(body)


def test_the_first_page_is_light(open_page: Open, served: Served) -> None:
    for n in range(50):
        add_item(served.house.engine, a_comment(f"{n} come and look at my shop, friends"))
    served.house.clerk()  # with a thread, copies and linked accounts
    page = open_page()
    at_work(page, served)
    sizes: dict[str, int] = {}
    page.on("response", lambda r: sizes.update({r.url.rsplit("/", 1)[-1]: weigh(r)}))
    page.reload()
    page.wait_for_load_state("networkidle")
    del sizes["pane"], sizes["pulse"]  # the next item, fetched ahead, and the first beat
    scripts = sum(size for name, size in sizes.items() if name.endswith(".js"))
    assert scripts <= 12 * KIB
    assert sum(sizes.values()) <= 25 * KIB


SLOW = 80


def test_the_next_item_shows_before_the_network_answers(open_page: Open, served: Served) -> None:
    for n in range(30):
        actor = {"id": f"u_{n}", "name": f"dealz{n}"}
        add_item(served.house.engine, a_comment(f"{n} look at my shop", actor=actor))
    page = open_page()
    at_work(page, served)
    devtools = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": SLOW, "downloadThroughput": -1, "uploadThroughput": -1}
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", slow)
    sent: list[Response] = []
    page.on("response", lambda r: sent.append(r) if "pulse" not in r.url else None)
    times = [next_after(page, "a") for _ in range(12)]
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    weight = sum(map(weigh, sent)) / len(times)
    assert sorted(times)[len(times) // 2] <= 50
    assert len(sent) <= 2 * len(times) + 1
    assert weight <= 4 * KIB


def next_after(page: Page, key: str) -> float:
    """Milliseconds from a key to the frame in which the next item stands there, in the page."""
    page.wait_for_timeout(250)  # somebody reads; what comes next is fetched meanwhile
    page.evaluate(
        """() => {
          const was = document.querySelector(".pane.subject").dataset.item;
          window.took = new Promise((done) => {
            addEventListener("keydown", () => {
              const began = performance.now();
              const look = () =>
                document.querySelector(".pane.subject")?.dataset.item === was
                  ? requestAnimationFrame(look)
                  : done(performance.now() - began);
              look();
            }, { once: true, capture: true });
          });
        }"""
    )
    page.keyboard.press(key)
    took: float = page.evaluate("() => window.took")
    return took
