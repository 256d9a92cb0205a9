"""Little words say which side of the known languages a text in Latin letters is on."""

import pytest

from safety.text.tongues import is_in_other_tongue

KNOWN = frozenset({"en", "de", "id"})


@pytest.mark.parametrize(
    "text",
    [
        "você não sabe o que está falando",
        "no sé por qué dices eso, pero está muy mal",
        "je ne sais pas ce que vous avez fait",
        "non so perché questa cosa è successa",
        "nie wiem co on mówi ale jest to dziwne",
    ],
)
def test_other_languages_are_told(text: str) -> None:
    assert is_in_other_tongue(text.split(), KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "😂😂",
        "que",
        "no me digas",
        "you are the one who said that to me",
        "das ist doch nicht dein ernst",
        "kamu itu siapa sih kok gitu",
        "la la la what a song",
        "de la soul is the best band of all time",
    ],
)
def test_known_languages_and_texts_that_say_too_little_are_not(text: str) -> None:
    assert not is_in_other_tongue(text.split(), KNOWN)


def test_who_knows_a_language_does_not_call_it_other() -> None:
    words = ["você", "não", "sabe", "quem", "está"]
    assert is_in_other_tongue(words, KNOWN)
    assert not is_in_other_tongue(words, KNOWN | {"pt"})
