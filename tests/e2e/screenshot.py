"""Take the pictures of the desk that the documentation shows: `python -m tests.e2e.screenshot`.

Writes docs/desk.png, the item page; `--all FOLDER` writes every page in light and in dark, wide and
narrow.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from safety.domain.access import Role
from tests.desk_house import a_house
from tests.e2e.desk_scenes import fill
from tests.e2e.desk_server import Served, browse, serve
from tests.e2e.staff_scenes import people

_PICTURE = Path(__file__).parents[2] / "docs" / "desk.png"
_WIDE = {"width": 1280, "height": 800}
_NARROW = {"width": 390, "height": 844}


def main(arguments: list[str]) -> None:
    """Serve a desk with something on it and take its pictures."""
    with tempfile.TemporaryDirectory() as folder:
        house = a_house(Path(folder))
        first = fill(house.engine)
        people(house)
        with serve(house) as served, browse() as browser:
            if arguments[:1] == ["--all"]:
                _take_all(served, browser, first, Path(arguments[1]))
            else:
                page = _signed_in(served, browser, _WIDE, "light")
                page.goto(f"{served.url}/desk/items/{first}")
                expect(page.get_by_role("heading", name="Why flagged")).to_be_visible()
                page.screenshot(path=_PICTURE)
        house.engine.dispose()


def _take_all(served: Served, browser: Browser, first: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for size_name, size in (("wide", _WIDE), ("narrow", _NARROW)):
        for scheme in ("light", "dark"):
            name = f"{size_name}-{scheme}"
            page = _signed_in(served, browser, size, scheme, folder / f"sign-in-{name}.png")
            page.screenshot(path=folder / f"queue-{name}.png", full_page=True)
            page.goto(f"{served.url}/desk/items/{first}")
            page.screenshot(path=folder / f"item-{name}.png")
            page.screenshot(path=folder / f"item-full-{name}.png", full_page=True)
            page.keyboard.press("?")
            page.screenshot(path=folder / f"shortcuts-{name}.png")
            for section in ("me", "members", "keys", "audit"):
                page.goto(f"{served.url}/desk/{section}")
                page.screenshot(path=folder / f"{section}-{name}.png", full_page=True)


def _signed_in(
    served: Served,
    browser: Browser,
    size: dict[str, int],
    scheme: str,
    picture: Path | None = None,
) -> Page:
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    if picture:
        page.goto(served.sign_in_url())
        page.screenshot(path=picture)
    served.let_in(context, "ana", Role.ADMIN)
    page.goto(f"{served.url}/desk")
    return page


if __name__ == "__main__":
    main(sys.argv[1:])
