"""The desk under somebody's hands: how long a clear item takes by keyboard, from key to next item.

A script presses what a quick person would, in a real Chromium with a round trip of 80 ms, and goes
on as soon as the next item stands there. What a person takes to read comes on top.
"""

import logging
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from itertools import cycle, islice
from pathlib import Path
from typing import Final

import structlog
from playwright.sync_api import Page, expect

from tests.bench.figures import Figure
from tests.desk_house import a_comment, a_house, add_item
from tests.e2e.desk_browser import at_work
from tests.e2e.desk_server import Served, browse, chromium, serve

# Together little more than a hundred: of more in a minute the desk takes from nobody.
ITEMS: Final = 75
LOOKED_AT: Final = 30
GLANCE_MS: Final = 250
ROUND_TRIP_MS: Final = 80
# Of five clear items three are kept; a removal takes a dialog and a number, the next like it a key.
_RUN: Final = (("a",), ("r", "1"), ("a",), (".",), ("a",))
_NAMES: Final = {("a",): "keep", ("r", "1"): "remove by number", (".",): "remove as before"}
# In the page itself: from the first key to the frame in which another item stands there.
_WATCH: Final = """() => {
  let began = 0;
  let was = "";
  window.took = [];
  const item = () => document.querySelector(".pane.subject")?.dataset.item ?? was;
  const look = () => {
    if (item() === was) return requestAnimationFrame(look);
    window.took.push(performance.now() - began);
    began = 0;
  };
  addEventListener("keydown", () => {
    if (began) return;
    began = performance.now();
    was = item();
    look();
  }, true);
}"""


def desk_hands() -> list[Figure]:
    """Milliseconds for each clear item; nothing where there is no browser."""
    if chromium() is None:
        return []
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder:
        house = a_house(Path(folder))
        for number in range(ITEMS + LOOKED_AT + 10):
            actor = {"id": f"u_{number}", "name": f"dealz{number}"}
            add_item(house.engine, a_comment(f"{number} come and look at my shop", actor=actor))
        with serve(house) as served, browse() as browser:
            figures = list(_figures(browser.new_page(), served))
        house.engine.dispose()
    return figures


def _figures(page: Page, served: Served) -> Iterator[Figure]:
    page.add_init_script(f"({_WATCH})()")
    at_work(page, served)
    _slow_down(page)
    began = time.perf_counter()
    at_once = _run(page, ITEMS, glance=0)
    whole = time.perf_counter() - began
    for keys, took in at_once.items():
        yield Figure(f"desk: {_NAMES[keys]} by keyboard", statistics.median(took), "ms, median")
    yield Figure("desk: clear item by keyboard, no look at it", _middle(at_once), "ms, median")
    yield Figure("desk: the same with what the script waits for", 1000 * whole / ITEMS, "ms each")
    looked_at = _middle(_run(page, LOOKED_AT, GLANCE_MS))
    name = f"desk: clear item by keyboard, after {GLANCE_MS} ms of looking"
    yield Figure(name, looked_at, "ms, median")
    expect(page.locator(".row[data-state=sent], .row.unsaved")).to_have_count(0)


def _middle(took: Mapping[tuple[str, ...], list[float]]) -> float:
    return statistics.median(each for some in took.values() for each in some)


def _run(page: Page, items: int, glance: int) -> dict[tuple[str, ...], list[float]]:
    """Decide about so many items, each after looking at it for so long."""
    took: dict[tuple[str, ...], list[float]] = {keys: [] for keys in _NAMES}
    for keys in islice(cycle(_RUN), items):
        page.wait_for_timeout(glance)
        took[keys] += _decide(page, keys)
    return took


def _decide(page: Page, keys: tuple[str, ...]) -> list[float]:
    """Press, and wait until the next item is there; its milliseconds, none where a page turned."""
    was = page.locator(".pane.subject").get_attribute("data-item") or ""
    for key in keys:
        page.keyboard.press(key)
    expect(page.locator(f'.pane.subject:not([data-item="{was}"])')).to_have_count(1)
    found: list[float] = page.evaluate("() => window.took.splice(0)")
    return found


def _slow_down(page: Page) -> None:
    devtools = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": ROUND_TRIP_MS}
    slow |= {"downloadThroughput": -1, "uploadThroughput": -1}
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", slow)
