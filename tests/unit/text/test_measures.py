"""Counts and shares of a text."""
# ruff: noqa: RUF001 - look-alike characters are the examples

from safety.text.measures import count_hashtags, count_mentions, uppercase_share


def test_names_are_counted_and_addresses_are_not() -> None:
    assert count_mentions("@mia and @bob.k, write to me@example.com or a+b@example.com") == 2


def test_tags_need_a_letter() -> None:
    assert count_hashtags("#sunset #2024trip #1 &#39; C# ＃wide") == 3


def test_the_upper_case_share_is_one_of_letters_alone() -> None:
    assert uppercase_share("ABcd 1234!!") == 0.5
    assert uppercase_share("1234") == 0.0
    assert uppercase_share("ⒶⒷ") == 1.0


def test_a_flood_of_names_is_counted_in_full() -> None:
    assert count_mentions("@name " * 10_000) == 10_000
