"""The thread of an item in a real Chromium: by one key, and without scripts."""

from playwright.sync_api import expect

from tests.e2e.desk_browser import NEEDS_CHROMIUM, Open, at_work, sign_in
from tests.e2e.desk_scenes import fill
from tests.e2e.desk_server import Served

pytestmark = NEEDS_CHROMIUM


def test_the_thread_opens_and_closes_by_one_key(open_page: Open, served: Served) -> None:
    fill(served.house.engine)
    served.house.clerk()
    page = open_page()
    at_work(page, served)
    thread = page.get_by_role("list", name="Thread, oldest first")
    expect(page.get_by_text("Thread: 3+ before, 1 after")).to_be_visible()
    expect(thread).to_be_hidden()
    page.keyboard.press("t")
    expect(thread).to_be_visible()
    expect(thread.get_by_role("listitem")).to_have_count(5)
    expect(thread.locator("[aria-current]")).to_contain_text("dealz_4u this comment")
    expect(thread).to_contain_text("last places! hxxps://fast-cash[.]example/join")
    page.keyboard.press("t")
    expect(thread).to_be_hidden()
    page.keyboard.press("t")
    page.get_by_role("link", name="More of it on the item's own page").click()
    expect(thread.get_by_role("listitem").first).to_contain_text("Golden hour at the old harbour")


def test_without_scripts_the_thread_can_be_opened(open_page: Open, served: Served) -> None:
    fill(served.house.engine)
    served.house.clerk()
    page = open_page(java_script_enabled=False)
    sign_in(page, served)
    thread = page.get_by_role("list", name="Thread, oldest first")
    expect(thread).to_be_hidden()
    page.get_by_text("Thread: 3+ before").click()
    expect(thread.get_by_role("listitem").last).to_contain_text("nobody here wants that")
