"""Which alphabets a text is written in, and emoji."""
# ruff: noqa: RUF001 - look-alike characters are the examples

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.text.scripts import NONE, count_emoji, scripts


@pytest.mark.parametrize(
    ("text", "main", "mixed"),
    [
        ("plain words", "latin", 0),
        ("", NONE, 0),
        ("12345 !!!", NONE, 0),
        ("привет, как дела", "cyrillic", 0),
        ("frее money nоw", "latin", 2),
        ("смотрю YouTube", "latin", 0),
        ("你好 世界", "han", 0),
        ("שלום", "hebrew", 0),
        ("𝓯𝓻𝓮𝓮 ｍｏｎｅｙ", "latin", 0),
        ("\ud800", NONE, 0),
    ],
)
def test_the_main_script_is_that_of_most_letters(text: str, main: str, mixed: int) -> None:
    found = scripts(text)
    assert (found.main, found.mixed_words) == (main, mixed)


def test_the_share_is_of_letters_only() -> None:
    assert scripts("привет you 123").share == pytest.approx(6 / 9)


@given(st.text(max_size=80))
def test_any_text_has_scripts_and_a_number_of_emoji(text: str) -> None:
    found = scripts(text)
    assert 0 < found.share <= 1
    assert 0 <= found.mixed_words <= len(text)
    assert 0 <= count_emoji(text) <= len(text)


def test_what_emoji_are_joined_with_does_not_count() -> None:
    assert count_emoji("❤️👍🏽 ok") == 3  # a heart, a thumb and its colour
    assert count_emoji("plain") == 0
