"""Marks stand for names, devices and people, and lead back to them only with the key."""

from hypothesis import given
from hypothesis import strategies as st

from safety.accounts.marks import Marks

MARKS = Marks(b"k" * 32)
TEXTS = st.text(st.characters(exclude_categories=[]), max_size=8)


@given(TEXTS, TEXTS)
def test_any_text_has_a_mark_and_the_same_one_each_time(tenant: str, login: str) -> None:
    assert MARKS.unknown(tenant, login) == MARKS.unknown(tenant, login)
    assert MARKS.unknown(tenant, login).removeprefix("unknown_").isalnum()


@given(st.tuples(TEXTS, TEXTS), st.tuples(TEXTS, TEXTS))
def test_different_names_have_different_marks(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert (MARKS.unknown(*one) == MARKS.unknown(*other)) is (one == other)


def test_another_key_makes_other_marks() -> None:
    assert MARKS.erased("main", "acc_1") != Marks(b"x" * 32).erased("main", "acc_1")


def test_marks_of_different_kinds_never_meet() -> None:
    made = {
        MARKS.unknown("t", "x").partition("_")[2],
        MARKS.erased("t", "x").partition("_")[2],
        MARKS.mail("t", "x").partition("_")[2],
        MARKS.place("t", "x", "device", "d").hex(),
        MARKS.place("t", "x", "address", "d").hex(),
    }
    assert len(made) == 5


def test_the_key_is_not_shown() -> None:
    assert "kkk" not in repr(MARKS)
