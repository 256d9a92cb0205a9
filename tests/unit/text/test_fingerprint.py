"""Copies of one text share a fingerprint; different texts do not."""

from hypothesis import given
from hypothesis import strategies as st

from safety.text.fingerprint import fingerprint
from safety.text.fold import fold


def test_numbers_link_paths_names_and_spacing_make_no_difference() -> None:
    first = fingerprint("@mia buy my followers at https://spam.example/abc123 only 99!")
    second = fingerprint("buy  my followers at https://spam.example/zzz-17 only 5 ...")
    assert first == second
    assert first is not None
    assert len(first) == 16


def test_another_text_has_another_fingerprint() -> None:
    first = fingerprint("buy my followers at spam.example/a today")
    assert first != fingerprint("buy my followers at other.example/a today")


def test_a_short_text_has_none() -> None:
    assert fingerprint("happy birthday 2024") is None


@given(st.text())
def test_any_folded_text_is_taken(text: str) -> None:
    found = fingerprint(fold(text).text)
    assert found is None or len(found) == 16
