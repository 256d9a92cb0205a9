"""What hostile content does to a page of the desk: nothing."""

import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from safety.text.fold import fold
from tests.desk_house import House, a_comment, a_house, a_model_signal, a_rule_signal, add_item
from tests.e2e.hostile import HOSTILE
from tests.e2e.test_desk_http import ORIGIN, sign_in


class Seen(HTMLParser):
    """The tags and attributes of a page, as a browser would find them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = a_house(tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
def browser(house: House) -> Iterator[TestClient]:
    with TestClient(house.app(), base_url=ORIGIN, follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_content_is_only_text(browser: TestClient, house: House, text: str) -> None:
    harmless = add_item(house.engine, a_comment("harmless"), signals=[a_rule_signal()])
    sign_in(browser, house)
    expected = tags_of(browser.get(f"/desk/items/{harmless}").text)
    word = text[:6]
    signals = [
        a_rule_signal(
            title=text[:500],
            reason=text[:500],
            spans=[[0, len(text)], [2, 5]],
            lines=[{"text": text[:500], "outcome": True, "values": {text[:500]: text[:500]}}],
        ),
        a_model_signal(text, [(word, 1.0)]),
    ]
    actor = {"id": "u_\u202e17", "name": text[:300], "bio": text[:300]}
    event = a_comment(text, actor=actor, attributes={text[:100]: text[:100]})
    item = add_item(house.engine, event, signals=signals, reason="R")
    # From here on it stands in the thread of the harmless one as well.
    house.review.clerk.indexing.run(timer=time.monotonic)
    page = browser.get(f"/desk/items/{item}")
    assert page.status_code == 200
    found = tags_of(page.text)
    assert set(found.tags) - set(expected.tags) <= {"mark", "meter", "b", "article"}
    assert found.tags.count("script") == found.tags.count("base") + 1 == 1
    for tag, name, value in found.attributes:
        assert not name.startswith("on"), (tag, name, value)
        if name in {"src", "href", "action", "formaction"}:
            assert value.startswith(("/desk", "#")), (tag, name, value)
    assert not set("\u202e\u200b\x00\x1b\u2028\u2066") & set(page.text)
    beside = browser.get(f"/desk/items/{harmless}").text
    assert ("Thread, oldest first" in beside) == bool(fold(text).text)
    assert not set("\u202e\u200b\x00\x1b\u2028\u2066") & set(beside)
    assert tags_of(beside).tags.count("script") == 1
    assert browser.get("/desk").status_code == 200


def tags_of(html: str) -> Seen:
    seen = Seen()
    seen.feed(html)
    return seen
