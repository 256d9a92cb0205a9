"""What codes of an authenticator app promise: right now, six ASCII digits, and only once."""

from base64 import b32encode
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyotp import TOTP

from safety.gates import totp

# RFC 6238, appendix B: its secret and times; its codes have eight digits, of which six are ours.
RFC_SECRET = b32encode(b"12345678901234567890").decode()
RFC_CODES = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}
NOON = 1_795_366_800.0
STEP = int(NOON // 30)


def code_at(step: int, secret: str = RFC_SECRET) -> str:
    return TOTP(secret).generate_otp(step)


@pytest.mark.parametrize(("at", "code"), RFC_CODES.items())
def test_the_codes_are_those_of_the_standard(at: int, code: str) -> None:
    assert totp.match(RFC_SECRET, code[2:], at, last_step=-1) == totp.Matched(at // 30, 0)


@pytest.mark.parametrize("drift", [-1, 0, 1])
def test_a_phone_may_be_one_step_off_and_that_is_reported(drift: int) -> None:
    matched = totp.match(RFC_SECRET, code_at(STEP + drift), NOON, last_step=-1)
    assert matched == totp.Matched(STEP + drift, drift)


@pytest.mark.parametrize("drift", [-3, -2, 2, 3])
def test_a_phone_two_steps_off_is_too_far(drift: int) -> None:
    assert totp.match(RFC_SECRET, code_at(STEP + drift), NOON, last_step=-1) is None


def test_a_code_is_not_accepted_twice_nor_one_before_it() -> None:
    assert totp.match(RFC_SECRET, code_at(STEP), NOON, last_step=STEP) is None
    assert totp.match(RFC_SECRET, code_at(STEP - 1), NOON, last_step=STEP) is None
    assert totp.match(RFC_SECRET, code_at(STEP + 1), NOON, last_step=STEP) is not None


# The same six digits in other scripts, which compatibility normalisation would make equal.
SCRIPTS = {
    "full width": 0xFF10,
    "mathematical bold": 0x1D7CE,
    "mathematical double-struck": 0x1D7D8,
    "mathematical monospace": 0x1D7F6,
    "Arabic-Indic": 0x0660,
    "Devanagari": 0x0966,
}


@pytest.mark.parametrize("zero", SCRIPTS.values(), ids=SCRIPTS)
def test_a_code_in_other_digits_is_not_a_code(zero: int) -> None:
    retyped = "".join(chr(zero + int(digit)) for digit in code_at(STEP))
    assert totp.match(RFC_SECRET, retyped, NOON, last_step=-1) is None


@pytest.mark.parametrize(
    "change", ["{} ", " {}", "{}\n", "{}0", "0{}", "+{}", "{}\x00", "{0:.5}", ""]
)
def test_a_code_with_anything_around_it_is_not_a_code(change: str) -> None:
    assert totp.match(RFC_SECRET, change.format(code_at(STEP)), NOON, last_step=-1) is None


@given(st.text(max_size=40))
def test_any_text_is_answered(text: str) -> None:
    matched = totp.match(RFC_SECRET, text, NOON, last_step=-1)
    near = {code_at(STEP + drift) for drift in (-1, 0, 1)}
    assert (matched is not None) == (text in near)


@given(
    tries=st.lists(st.tuples(st.integers(-3, 3), st.integers(-2, 2)), max_size=30),
)
def test_accepted_steps_only_ever_rise(tries: list[tuple[int, int]]) -> None:
    """Whatever the clock and the phone do, no step is accepted twice and none before another."""
    last, accepted = -1, []
    for clock, phone in tries:
        at = NOON + 30 * clock
        matched = totp.match(RFC_SECRET, code_at(STEP + clock + phone), at, last_step=last)
        if matched:
            accepted.append(matched.step)
            last = matched.step
    assert accepted == sorted(set(accepted))


@pytest.mark.parametrize("at", [-1e9, -1.0, 0.0, 29.9, 1e12])
def test_a_clock_that_is_far_off_breaks_nothing(at: float) -> None:
    assert totp.match(RFC_SECRET, "xxxxxx", at, last_step=-1) is None


def test_a_secret_has_160_random_bits() -> None:
    assert totp.new_secret(b"12345678901234567890") == RFC_SECRET
    with pytest.raises(ValueError, match="20 random bytes"):
        totp.new_secret(b"short")


def test_an_app_reads_the_address() -> None:
    parts = urlsplit(totp.uri(RFC_SECRET, "mo@example.com", "Safety Gate"))
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == "/Safety Gate:mo@example.com"
    assert parse_qs(parts.query) == {"secret": [RFC_SECRET], "issuer": ["Safety Gate"]}


@pytest.mark.parametrize("name", ["a:b?c&secret=x#y", "\u202egnp", "\ud800", "\x00", "名前"])
def test_no_name_changes_what_the_address_says(name: str) -> None:
    parts = urlsplit(totp.uri(RFC_SECRET, name, "Safety Gate"))
    assert parts.path.isascii()
    assert parse_qs(parts.query)["secret"] == [RFC_SECRET]


def test_the_qr_code_is_one_picture_with_a_title_and_without_styles() -> None:
    drawn = totp.qr_svg(totp.uri(RFC_SECRET, "mo@example.com", "Safety Gate"))
    root = ET.fromstring(drawn)  # noqa: S314  our own picture
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("role") == "img"
    assert root.get("viewBox")
    assert root.find("{http://www.w3.org/2000/svg}title") is not None
    assert "style" not in drawn
    assert RFC_SECRET not in drawn
