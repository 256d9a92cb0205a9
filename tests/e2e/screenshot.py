"""Take the pictures of the desk: `python -m tests.e2e.screenshot`.

Writes those that the documentation shows into docs/img, each in light and in dark; `--all FOLDER`
writes every page, also narrow.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page

from safety.domain.access import Role
from tests.desk_house import a_house
from tests.e2e.desk_browser import ready, resolve
from tests.e2e.desk_scenes import fill
from tests.e2e.desk_server import Served, browse, serve
from tests.e2e.staff_scenes import people

_PICTURES = Path(__file__).parents[2] / "docs" / "img"
_WIDE = {"width": 1280, "height": 800}
_NARROW = {"width": 390, "height": 844}

Scene = Callable[[Page, str, str], None]


def main(arguments: list[str]) -> None:
    """Serve a desk with something on it and take its pictures."""
    with tempfile.TemporaryDirectory() as folder:
        house = a_house(Path(folder))
        first = fill(house.engine)
        house.clerk()
        people(house)
        with serve(house) as served, browse() as browser:
            if arguments[:1] == ["--all"]:
                _take_all(served, browser, first, Path(arguments[1]))
            else:
                _take(served, browser, first)
        house.engine.dispose()


def _take(served: Served, browser: Browser, first: str) -> None:
    """The pictures of the documentation: small, because they travel with the source."""
    _PICTURES.mkdir(exist_ok=True)
    for scheme in ("light", "dark"):
        for name in ("queue", "thread", "remove", "account"):
            page = _signed_in(served, browser, _WIDE, scheme)
            _SCENES[name](page, served.url, first)
            page.screenshot(path=_PICTURES / f"{name}-{scheme}.png", animations="disabled")
            page.context.close()


def _take_all(served: Served, browser: Browser, first: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for size_name, size in (("wide", _WIDE), ("narrow", _NARROW)):
        for scheme in ("light", "dark"):
            page = _signed_in(served, browser, size, scheme)
            for name, scene in _SCENES.items():
                if size_name == "narrow" and name in _NEEDS_KEYS:
                    continue
                scene(page, served.url, first)
                path = folder / f"{name}-{size_name}-{scheme}.png"
                page.screenshot(path=path, full_page=name not in _NEEDS_KEYS, animations="disabled")
            page.context.close()
    page = _signed_in(served, browser, _WIDE, "light")
    resolve(served, first, by="ana")
    page.goto(f"{served.url}/desk/decisions")
    page.screenshot(path=folder / "decisions-wide-light.png")


def _open(path: str) -> Scene:
    def scene(page: Page, url: str, first: str) -> None:
        page.goto(f"{url}/desk{path.format(first=first)}")
        page.wait_for_load_state("networkidle")

    return scene


def _press(*keys: str) -> Scene:
    def scene(page: Page, url: str, _first: str) -> None:
        page.goto(f"{url}/desk")
        ready(page)
        page.wait_for_load_state("networkidle")
        for key in keys:
            page.keyboard.press(key)
        page.locator("dialog[open]").wait_for()

    return scene


def _thread(page: Page, url: str, _first: str) -> None:
    page.goto(f"{url}/desk")
    ready(page)
    page.wait_for_load_state("networkidle")
    page.keyboard.press("t")
    page.locator(".thread[open]").wait_for()


_SCENES: dict[str, Scene] = {
    "queue": _open(""),
    "thread": _thread,
    "item": _open("/items/{first}"),
    "decide": _open("/items/{first}/decide"),
    "account": _open("/account?tenant=demo&id=u_17"),
    "search": _open("/search?q=203.0.113.9"),
    "decisions": _open("/decisions"),
    "settings": _open("/settings"),
    "queues": _open("/queues"),
    "policies": _open("/policies"),
    "me": _open("/me"),
    "members": _open("/members"),
    "keys": _open("/keys"),
    "webhooks": _open("/webhooks"),
    "audit": _open("/audit"),
    "remove": _press("r"),
    "shortcuts": _press("?"),
    "palette": _press("Control+k"),
}
_NEEDS_KEYS = frozenset({"thread", "remove", "shortcuts", "palette"})


def _signed_in(served: Served, browser: Browser, size: dict[str, int], scheme: str) -> Page:
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    served.let_in(context, "ana", Role.ADMIN)
    return context.new_page()


if __name__ == "__main__":
    main(sys.argv[1:])
