"""Hostile text is shown so that it fools nobody."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.text.links import find_links
from safety.web.inert import Kind, Mark, defang, pieces, tame, visible

ANY_TEXT = st.text(st.characters(exclude_categories=())) | st.text("a\u0301\u200b\u202e\n .:/x")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("safe\u202egnp.exe", "safe⟨U+202E⟩gnp.exe"),
        ("te\u200bleg\u200bram", "te⟨U+200B⟩leg⟨U+200B⟩ram"),
        ("nul\x00bell\x07", "nul⟨U+0000⟩bell⟨U+0007⟩"),
        ("\u200b" * 500, "⟨U+200B \N{MULTIPLICATION SIGN}500⟩"),
        ("lone \ud800 half", "lone ⟨U+D800⟩ half"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("blank\u3164filler", "blank⟨U+3164⟩filler"),
        ("\U000e0041tag", "⟨U+E0041⟩tag"),
    ],
)
def test_hidden_characters_are_shown_by_their_number(written: str, shown: str) -> None:
    assert visible(written) == shown


@pytest.mark.parametrize("text", ["👩‍👩‍👧", "❤️", "ไม่เป็นไร", "ế", "1️⃣", "नमस्ते", "مرحبا"])
def test_emoji_and_written_languages_stay_as_they_are(text: str) -> None:
    assert visible(text) == text


def test_a_tower_of_marks_is_cut_and_counted() -> None:
    shown = visible("z" + "\u0301\u0316" * 50 + "algo")
    assert shown == "z" + "\u0301\u0316" * 2 + "⟨96 marks⟩algo"


def test_a_link_loses_its_teeth_and_keeps_its_path() -> None:
    text = "see https://evil.example.com/a.html?x=1 now"
    found = pieces(text, links=find_links(text))
    assert [(p.text, p.kind) for p in found] == [
        ("see ", Kind.PLAIN),
        ("hxxps://evil[.]example[.]com", Kind.LINK),
        ("/a.html?x=1 now", Kind.PLAIN),
    ]


def test_defanging_twice_changes_nothing_more() -> None:
    once = defang("http://a.example.com")
    assert defang(once) == once


def test_marks_cut_the_text_and_the_first_one_speaks() -> None:
    found = pieces("buy gold now", [Mark(4, 8, "rule"), Mark(0, 12, "model")])
    assert [(p.text, p.why) for p in found] == [
        ("buy ", "model"),
        ("gold", "rule"),
        (" now", "model"),
    ]


def test_spans_beyond_the_text_are_ignored() -> None:
    assert [p.text for p in pieces("short", [Mark(3, 99, "x"), Mark(-4, 0, "y")])] == ["sho", "rt"]


@given(ANY_TEXT)
def test_nothing_invisible_is_left_in_what_is_shown(text: str) -> None:
    shown = visible(text)
    shown.encode()  # lone surrogates are gone, too
    for character in shown:
        if character not in "\n\t\u200d":
            assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(ANY_TEXT, st.lists(st.tuples(st.integers(-5, 60), st.integers(-5, 60))))
def test_marks_never_change_what_is_shown(text: str, spans: list[tuple[int, int]]) -> None:
    """But for hidden runs, which a mark may cut in two."""
    marks = [Mark(start, end, "x") for start, end in spans]
    plain = [c for c in text if c.isalnum()]
    shown = "".join(p.text for p in pieces(text, marks) if p.kind is Kind.PLAIN)
    assert [c for c in shown if c.isalnum()] == plain


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (
            "see https://evil.example/a.html?v=1.5 now",
            "see hxxps://evil[.]example/a[.]html?v=1.5 now",
        ),
        ("evil.example, or HTTP://10.0.0.1/x", "evil[.]example, or hxxp://10.0.0.1/x"),
        ("evil\u200b.ex\u0430mple", "evil⟨U+200B⟩[.]ex\u0430mple"),
        ("full\uff0ewidth\u3002dots", "full[.]width[.]dots"),
        ("10.0.0.1.evil.example", "10.0.0.1[.]evil[.]example"),
        ("It costs 3.50. Wait... what", "It costs 3.50. Wait... what"),
        ("hxxps://evil[.]example", "hxxps://evil[.]example"),
    ],
)
def test_in_one_line_nothing_is_left_that_opens_as_a_link(written: str, shown: str) -> None:
    assert tame(written) == shown
    assert tame(shown) == shown


@given(st.text("ab1.:/\uff0e\u3002 [](@") | ANY_TEXT)
def test_what_was_tamed_holds_no_link_that_is_not_defanged(text: str) -> None:
    shown = tame(text)
    assert "http:" not in shown.lower()
    assert all(link.is_defanged or _is_address(link.host) for link in find_links(shown))


def _is_address(host: str) -> bool:
    return host.replace(".", "").isdigit()


@given(ANY_TEXT)
def test_taming_never_fails(text: str) -> None:
    tame(text).encode()
