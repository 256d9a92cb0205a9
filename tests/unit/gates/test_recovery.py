"""What recovery codes promise: ten, long, found by a selector, and forgiving of how one types."""

import os
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.gates import recovery

drawn = st.binary(min_size=recovery.RANDOM_BYTES, max_size=recovery.RANDOM_BYTES)


@given(drawn)
def test_there_are_ten_and_their_selectors_differ(random_bytes: bytes) -> None:
    codes = recovery.mint(random_bytes)
    assert len({code.selector for code in codes}) == 10


@given(drawn)
def test_what_is_written_down_is_read_back(random_bytes: bytes) -> None:
    for code in recovery.mint(random_bytes):
        assert recovery.parse(code.text) == (code.selector, code.secret)


@given(drawn, st.randoms())
def test_how_somebody_types_a_code_is_forgiven(random_bytes: bytes, dice: random.Random) -> None:
    code = recovery.mint(random_bytes)[0]
    typed = code.text.replace("0", dice.choice("0Oo")).replace("1", dice.choice("1ILil"))
    typed = typed.replace("-", dice.choice(["", " ", "-", " - "]))
    typed = dice.choice([str.lower, str.upper])(typed)
    assert recovery.parse(f" {typed} ") == (code.selector, code.secret)


def test_a_secret_has_eighty_bits() -> None:
    ones = recovery.mint(b"\xff" * recovery.RANDOM_BYTES)
    zeros = recovery.mint(b"\x00" * recovery.RANDOM_BYTES)
    assert {code.secret for code in ones} == {"Z" * 16}
    assert {code.secret for code in zeros} == {"0" * 16}


@given(st.integers(0, 79), st.integers(0, 9))
def test_every_drawn_bit_is_in_the_secret(bit: int, number: int) -> None:
    plain = bytearray(recovery.RANDOM_BYTES)
    plain[number * 12 + 2 + bit // 8] = 1 << bit % 8
    secrets = [code.secret for code in recovery.mint(bytes(plain))]
    assert secrets[number] != "0" * 16


def test_nothing_on_the_paper_can_be_read_in_two_ways() -> None:
    text = "".join(code.text for code in recovery.mint(os.urandom(recovery.RANDOM_BYTES)))
    assert not set("ILOU") & set(text)


@given(st.text(max_size=100))
def test_any_text_is_answered(text: str) -> None:
    parsed = recovery.parse(text)
    assert parsed is None or (len(parsed[0]), len(parsed[1])) == (4, 16)


@pytest.mark.parametrize(
    "text",
    ["", "123456", "0" * 19, "0" * 21, "U" * 20, "\u0660" * 20, "\uff10" * 20, "\u017f" * 20],
)
def test_what_is_no_code_is_none(text: str) -> None:
    assert recovery.parse(text) is None


def test_a_megabyte_is_none_at_once() -> None:
    assert recovery.parse("0" * 1_000_000) is None


def test_a_code_is_not_shown_by_accident() -> None:
    code = recovery.mint(bytes(range(120)))[0]
    assert code.secret not in repr(code)


def test_too_little_randomness_is_refused() -> None:
    with pytest.raises(ValueError, match="120 random bytes"):
        recovery.mint(b"")
