"""How alike two texts are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.text.fold import fold
from safety.text.likeness import likeness, parts, signature

SPAM = "Buy a hundred real followers for very little money today, details on our page, hurry up"


def signed(text: str) -> bytes:
    found = signature(fold(text).text)
    assert found is not None
    return found


@given(st.text(max_size=300))
def test_a_signature_depends_on_nothing_but_the_text(text: str) -> None:
    one, again = signature(text), signature(text)
    assert one == again
    if one is not None:
        assert likeness(one, one) == 1.0
        assert len(parts(one)) == 10


@pytest.mark.parametrize(
    "changed",
    [
        SPAM.upper(),
        SPAM.replace("hundred", "hundred 100"),
        SPAM + " @mia @ben_7",
        SPAM.replace("o", "0"),
        SPAM.replace("hurry up", "do not wait"),
    ],
)
def test_copies_are_alike_and_share_a_part(changed: str) -> None:
    one, other = signed(SPAM), signed(changed)
    assert likeness(one, other) >= 0.5
    assert set(enumerate(parts(one))) & set(enumerate(parts(other)))


def test_other_texts_are_not_alike() -> None:
    other = "What a lovely photo of the old harbour, which lens did you take with you this time?"
    assert likeness(signed(SPAM), signed(other)) < 0.2


@pytest.mark.parametrize("text", ["", "nice one", "1234567890 1234567890 1234567890", "@mia @ben"])
def test_short_texts_have_none(text: str) -> None:
    assert signature(text) is None


def test_a_huge_text_is_signed_by_its_beginning() -> None:
    assert likeness(signed(SPAM * 5000), signed(SPAM * 9)) > 0.8
