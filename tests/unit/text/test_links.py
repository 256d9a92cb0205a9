"""Links are found however they are written; addresses, versions and file names are not links."""
# ruff: noqa: RUF001 - look-alike characters are the examples

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.text.links import MAX_LINKS, find_links, registrable


@pytest.mark.parametrize(
    ("text", "domains"),
    [
        ("see https://a.b.co.uk/x?y=1, ok", ["b.co.uk"]),
        ("visit www.example.com!", ["example.com"]),
        ("bit.ly/abc and t.me/join", ["bit.ly", "t.me"]),
        ("evil.com, evil.net.", ["evil.com", "evil.net"]),
        ("hxxps://evil[.]com/path", ["evil.com"]),
        ("evil (dot) com", ["evil.com"]),
        ("go to evil dot com now", ["evil.com"]),
        ("ＷＷＷ．ｅｖｉｌ．ＣＯＭ", ["evil.com"]),
        ("𝐞𝐯𝐢𝐥.𝐜𝐨𝐦", ["evil.com"]),
        ("ev\u200bil.com", ["evil.com"]),
        ("http://192.0.2.7/a", ["192.0.2.7"]),
        ("http://user@evil.com/", ["evil.com"]),
        ("мой сайт.рф тут", ["xn--80aswg.xn--p1ai"]),
        ("mine.github.io/page", ["mine.github.io"]),
    ],
)
def test_a_link_is_found(text: str, domains: list[str]) -> None:
    assert [link.domain for link in find_links(text)] == domains


@pytest.mark.parametrize(
    "text",
    [
        "mail bob.smith@example.com",
        "it.is nice. The end.Then more",
        "setup.py and node.js",
        "3.14 at 10.30am, v1.2.3",
        "connect the dot com",
        "no link here",
        "http:// is a scheme",
        "",
    ],
)
def test_what_only_looks_like_a_link_is_not_one(text: str) -> None:
    assert find_links(text) == ()


def test_a_link_says_where_it_stands_in_the_text_as_written() -> None:
    text = "look: 𝐞𝐯𝐢\u200b𝐥.𝐜𝐨𝐦/𝐱 now"
    (link,) = find_links(text)
    assert text[link.start : link.end] == "𝐞𝐯𝐢\u200b𝐥.𝐜𝐨𝐦/𝐱"
    assert link.host == "evil.com"


def test_work_and_answers_are_bounded() -> None:
    assert len(find_links("a.com " * 50_000)) == MAX_LINKS
    assert find_links("word " * 50_000 + "evil.com")[0].start == 250_000
    for hostile in ("a." * 50_000, "a@" * 50_000, "http://" * 20_000, "a dot " * 20_000):
        find_links(hostile)


def test_the_registrable_domain_follows_the_public_suffix_list() -> None:
    assert registrable("A.B.Example.co.uk.") == "example.co.uk"
    assert registrable("localhost") == "localhost"


@given(st.text(st.one_of(st.characters(), st.sampled_from("a.@/:dot [](){}。\ud800")), max_size=80))
def test_any_text_gives_links_inside_it(text: str) -> None:
    for link in find_links(text):
        assert 0 <= link.start < link.end <= len(text)
        assert link.domain


@pytest.mark.parametrize(
    ("text", "defanged"),
    [
        ("see https://example.com/a", False),
        ("hxxps://example.com/a", True),
        ("example[.]com", True),
        ("example (dot) com", True),
        ("http[:]//example.com", True),
        ("it is at example dot com today", True),
    ],
)
def test_a_link_says_whether_it_was_written_to_be_overlooked(text: str, defanged: bool) -> None:
    (link,) = find_links(text)
    assert (link.domain, link.is_defanged) == ("example.com", defanged)
