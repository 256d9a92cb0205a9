"""The nearest word is found, and a hostile one costs nothing."""

import pytest

from safety.ruleset.spelling import nearest

KNOWN = ("actor.id", "actor.verified", "content.text")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("actor.verifid", "actor.verified"),
        ("acotr.id", "actor.id"),
        ("Content.Text", "content.text"),
        ("nothing", None),
        ("", None),
        ("a" * 10_000_000, None),  # comparing it letter by letter would take minutes
    ],
    ids=["missing letter", "swapped letters", "capitals", "no word", "empty", "very long"],
)
def test_the_nearest_word_is_the_one_that_was_meant(word: str, meant: str | None) -> None:
    assert nearest(word, KNOWN) == meant
