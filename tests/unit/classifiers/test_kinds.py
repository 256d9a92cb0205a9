"""Kinds of words: what a word is about, in any of the languages, disguised by a number or not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.classifiers.kind_words import KIND_WORDS
from safety.classifiers.kinds import NAMES, kinds_of, names_of
from safety.classifiers.words import kind_features


def names(word: str) -> set[str]:
    return set(names_of(kinds_of(word)))


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("whatsapp", "contact"),
        ("subscribers", "subscribe"),
        ("подписывайтесь", "subscribe"),
        ("заработок", "money"),
        ("préstamo", "loan"),
        ("prestamo", "loan"),
        ("gacor88", "gamble"),
        ("idiotic", "insult"),
        ("scheiße", "profanity"),
        ("垃", "insult"),
        ("muslims", "group"),
        ("+", ""),
        ("$", "currency"),
        ("%", "percent"),
        ("08123456789", "phone"),
        ("2026", ""),
        ("maxwin88", "brand"),
        ("0x52908400098527886e0f7030069857d2e4169ee7", "wallet"),
        ("lovely", "thanks"),
        ("table", ""),
    ],
)
def test_a_word_has_the_kinds_it_is_about(word: str, kind: str) -> None:
    assert kind in names(word) if kind else not names(word)


def test_naming_people_and_insulting_them_are_two_kinds() -> None:
    assert not names("women") & {"insult", "slur", "profanity", "threat", "demean"}
    assert "group" not in names("idiot")


@given(st.text(min_size=1, max_size=60))
def test_any_word_has_kinds(word: str) -> None:
    assert 0 <= kinds_of(word) < 1 << len(NAMES)


def test_every_kind_and_every_pair_of_kinds_is_one_feature() -> None:
    assert list(kind_features(0)) == []
    three = kinds_of("money") | kinds_of("casino") | kinds_of("whatsapp")
    assert len(list(names_of(three))) == 3
    assert len({code for code, _ in kind_features(three)}) == 6


def test_the_lists_are_words_that_folding_leaves_as_they_are() -> None:
    listed = [entry for words in KIND_WORDS.values() for entry in words.split()]
    assert [entry for entry in listed if entry != entry.lower()] == []
    assert [entry for entry in listed if "*" in entry[:-1] or len(entry.rstrip("*")) < 1] == []
    for name, words in KIND_WORDS.items():
        entries = words.split()
        twice = {entry for entry in entries if entries.count(entry) > 1}
        assert not twice, (name, twice)
