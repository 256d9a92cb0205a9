"""Marks of texts: nearly equal texts have nearly equal marks, and no text breaks them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from safety.text.fold import fold
from safety.text.simhash import simhash

TEXT = (
    "we ride along the canal every sunday morning and stop for coffee where the old bridge was "
    "before they built the new one"
)


def apart(one: str, other: str) -> int:
    marks = simhash(fold(one).text), simhash(fold(other).text)
    assert all(marks)
    first, second = (int(mark or "", 16) for mark in marks)
    return (first ^ second).bit_count()


def test_a_changed_word_changes_few_bits() -> None:
    assert apart(TEXT, TEXT) == 0
    assert apart(TEXT, TEXT.replace("sunday", "monday")) <= 8
    assert apart(TEXT, TEXT.upper() + " 12345 https://a.example/x @mia") == 0


def test_another_text_has_another_mark() -> None:
    other = "cheap followers for everybody, order now and win a great prize in our shop today"
    assert apart(TEXT, other) > 16


def test_a_few_words_have_no_mark() -> None:
    assert simhash("nice one") is None
    assert simhash("") is None
    assert simhash("1234 5678 @mia https://a.example") is None


def test_a_text_without_spaces_has_one() -> None:
    text = "今天天气很好我们一起去公园散步吧明天也去"
    assert apart(text, text) == 0


@given(st.text(max_size=3000))
@settings(max_examples=100)
def test_any_text_has_a_mark_or_none(text: str) -> None:
    mark = simhash(text)
    assert mark is None or (len(mark) == 16 and int(mark, 16) >= 0)


def test_a_very_long_text_and_lone_surrogates_have_marks() -> None:
    assert simhash("word " * 100_000) is not None
    assert simhash("a\ud800 bb cc dd ee ff gg") is not None
