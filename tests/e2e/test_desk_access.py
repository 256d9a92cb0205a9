"""Every page of the desk for everybody: WCAG 2.2 AA, light and dark, wide and narrow."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from safety.domain.access import Role
from tests.e2e.desk_browser import (
    NARROW,
    NEEDS_CHROMIUM,
    WCAG,
    WIDE,
    Open,
    at_work,
    ready,
    resolve,
)
from tests.e2e.desk_scenes import fill
from tests.e2e.desk_server import Served

pytestmark = NEEDS_CHROMIUM
LOOKS = [(size, scheme) for size in (WIDE, NARROW) for scheme in ("light", "dark")]


def check(page: Page, name: str) -> None:
    """No violation in any look, and nothing that scrolls sideways."""
    for size, scheme in LOOKS:
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        is_dark = scheme == "dark"
        # What fades from light to dark has colours in between that nobody chose.
        page.emulate_media(color_scheme="dark" if is_dark else "light", reduced_motion="reduce")
        found = Axe().run(page, options=WCAG)
        where = f"{name}, {size['width']} px, {scheme}"
        assert found.violations_count == 0, f"{where}: {found.generate_report()}"
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= size["width"], f"{where} scrolls sideways"
    page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})


def test_the_place_of_work_and_its_dialogs(open_page: Open, served: Served) -> None:
    fill(served.house.engine)
    served.house.clerk()
    page = open_page()
    page.goto(served.sign_in_url())
    check(page, "the door")
    at_work(page, served)
    check(page, "the queue")
    for key, name in (("?", "keys"), ("r", "remove"), ("e", "escalate"), ("w", "later"),
                      ("n", "note"), ("Control+k", "palette")):  # fmt: skip
        page.keyboard.press(key)
        page.locator("dialog[open]").wait_for()
        check(page, name)
        page.keyboard.press("Escape")
    page.keyboard.press("x")
    page.get_by_text("Filter", exact=True).click()
    check(page, "filters")


def test_the_pages_around_it(open_page: Open, served: Served) -> None:
    house = served.house
    first = fill(house.engine)
    house.clerk()
    page = open_page()
    at_work(page, served, "boss", Role.ADMIN)
    for path in (f"items/{first}", f"items/{first}/decide", f"items/{first}/similar",
                 "account?tenant=demo&id=u_17", "search?q=203.0.113.9", "settings", "queues",
                 "policies", "webhooks", "items/none"):  # fmt: skip
        page.goto(f"{served.url}/desk/{path}")
        for summary in page.locator("main summary").all():
            summary.click()
        check(page, path)
    resolve(served, first, by="boss")
    for path in (f"items/{first}", "decisions", "reverse?id=res_1"):
        page.goto(f"{served.url}/desk/{path}")
        check(page, f"{path} afterwards")
    house.ruleset_error = "spam.yaml:14:9: unknown feature acter.age\n  did you mean actor.age?"
    page.goto(f"{served.url}/desk")
    ready(page)
    check(page, "trouble")
