"""Text patterns: one scan finds what single searches find, whole words mean whole words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.ruleset.patterns import Scanner, found, refusal, spans, word_pattern, word_spans

PATTERNS = [
    "casino",
    r"(?i)free\s+money",
    r"^a",
    "z*",
    r"\d{3}",
    "é+",
    word_pattern(frozenset({"x", "yy"})),
]


@given(text=st.text(max_size=80) | st.sampled_from(["FREE  money", "a123", "xx x", "\ud800é"]))
def test_one_scan_finds_what_single_searches_find(text: str) -> None:
    hits = Scanner(PATTERNS).hits(text)
    assert hits - {-1} == {n for n, pattern in enumerate(PATTERNS) if found(pattern, text)}


@pytest.mark.parametrize(
    ("word", "text", "expected"),
    [
        ("casino", "the Casino, again", True),
        ("casino", "casinos", False),
        ("ass", "class", False),
        ("été", "l'été dernier", True),
        ("été", "étés", False),
        ("贷款", "快速贷款服务", True),
        ("free money", "get free money now", True),
        ("c++", "c++", True),
        ("$$$", "win $$$now", True),
    ],
)
def test_words_are_found_whole(word: str, text: str, expected: bool) -> None:
    assert found(word_pattern(frozenset({word})), text) is expected


def test_an_empty_list_finds_nothing() -> None:
    assert not found(word_pattern(frozenset()), "anything\n")


def test_neighbouring_words_are_both_shown() -> None:
    assert word_spans(frozenset({"a", "b"}), "a b ab b") == [(0, 1), (2, 3), (7, 8)]


def test_spans_are_characters_not_bytes() -> None:
    assert spans("b+", "éé bb") == [(3, 5)]


@pytest.mark.parametrize(
    "pattern", [r"\bx\b", r"[^)]{3}y", r"a{200}", r"\d{16}", r"(?i)x.{0,10}y", r"\\1"]
)
def test_harmless_patterns_are_accepted(pattern: str) -> None:
    assert refusal(pattern) is None
