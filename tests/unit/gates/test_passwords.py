"""What checking a password promises: right or wrong, never an error, and one price for nobody."""

import unicodedata
from dataclasses import replace
from statistics import median
from time import perf_counter, thread_time

import pytest
from argon2.profiles import CHEAPEST
from hypothesis import given
from hypothesis import strategies as st

from safety.gates.argon2_profiles import DEFAULT_PROFILE, PROFILES, Profile
from safety.gates.passwords import Checked, Passwords, Peppers, is_known_format

CHEAP = Profile("cheap", "for tests only", CHEAPEST)
RIGHT, RIGHT_BUT_OLD = Checked(is_right=True, is_outdated=False), Checked(True, True)
WRONG = Checked(is_right=False, is_outdated=False)
SALT_AND_HASH = "c29tZXNhbHRzb21lc2FsdA$UBt1fXDMFzF4UaJ1F6cBKkKdFDGXEnMKfJU2uQ3hS1k"

plain = Passwords(CHEAP)
texts = st.text(st.characters(codec=None), max_size=40)  # lone surrogates included


def peppered(*names: str, active: str | None) -> Passwords:
    keys = {name: name.encode() * 8 for name in names}
    return Passwords(CHEAP, Peppers(active, keys))


def test_a_password_is_right_and_another_is_wrong() -> None:
    kept = plain.hash("correct horse")
    assert plain.verify(kept.hash, kept.pepper, "correct horse") == RIGHT
    assert plain.verify(kept.hash, kept.pepper, "correct house") == WRONG


def test_no_character_of_a_long_password_is_ignored() -> None:
    kept = plain.hash("x" * 255 + "y")
    assert plain.verify(kept.hash, None, "x" * 255 + "z") == WRONG


def test_the_default_profile_is_the_one_that_owasp_names_second() -> None:
    made = Passwords(PROFILES[DEFAULT_PROFILE]).hash("correct horse").hash
    assert made.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_every_profile_makes_hashes_that_it_finds_current(profile: Profile) -> None:
    passwords = Passwords(profile)
    made = passwords.hash("correct horse").hash
    assert is_known_format(made)
    assert passwords.verify(made, None, "correct horse") == RIGHT


def test_every_profile_names_its_source() -> None:
    assert all(p.source and name == p.name for name, p in PROFILES.items())


def test_a_hash_of_another_profile_is_outdated_in_both_directions() -> None:
    dearer = Passwords(replace(CHEAP, parameters=replace(CHEAPEST, memory_cost=64)))
    assert dearer.verify(plain.hash("mo").hash, None, "mo") == RIGHT_BUT_OLD
    assert plain.verify(dearer.hash("mo").hash, None, "mo") == RIGHT_BUT_OLD


def test_without_an_account_nothing_is_right() -> None:
    assert plain.verify(None, None, "decoy") == WRONG
    assert plain.verify(None, "gone", "") == WRONG


def test_a_pepper_is_needed_to_check_what_it_was_mixed_into() -> None:
    kept = peppered("first", active="first").hash("mo")
    assert kept.pepper == "first"
    assert peppered("first", active="first").verify(kept.hash, "first", "mo") == RIGHT
    assert plain.verify(kept.hash, None, "mo") == WRONG
    assert plain.verify(kept.hash, "first", "mo") == WRONG


def test_a_new_pepper_outdates_hashes_of_the_old_one_and_of_none() -> None:
    old = peppered("first", active="first").hash("mo")
    both = peppered("first", "second", active="second")
    assert both.verify(old.hash, old.pepper, "mo") == RIGHT_BUT_OLD
    assert both.verify(plain.hash("mo").hash, None, "mo") == RIGHT_BUT_OLD
    assert both.hash("mo").pepper == "second"


@pytest.mark.parametrize("peppers", [("gone", {}), ("empty", {"empty": b""})])
def test_an_active_pepper_without_a_key_is_refused(peppers: tuple[str, dict[str, bytes]]) -> None:
    with pytest.raises(ValueError, match="no key"):
        Peppers(*peppers)


def test_peppers_do_not_show_their_keys() -> None:
    assert "sesame" not in repr(Peppers("a", {"a": b"sesame"}))


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_a_password_is_right_however_a_keyboard_composes_it(form: str) -> None:
    kept = plain.hash("pâté für 2 ﬁlme")
    typed = unicodedata.normalize(form, "pâté für 2 ﬁlme")  # type: ignore[arg-type]  # four names
    assert plain.verify(kept.hash, None, typed) == RIGHT


@pytest.mark.parametrize(
    "text",
    ["", "\0", "a\0b", "\ud800", "\udfff\ud800", "x" * 1_000_000, "a" + "\u0327\u0301" * 500_000],
)
def test_any_text_may_be_a_password_and_takes_no_time_to_read(text: str) -> None:
    started = perf_counter()
    kept = plain.hash(text)
    assert plain.verify(kept.hash, None, text) == RIGHT
    assert plain.verify(kept.hash, None, text + "!") == WRONG
    assert perf_counter() - started < 1


@given(password=texts, other=texts)
def test_only_the_same_text_is_right(password: str, other: str) -> None:
    kept = plain.hash(password)
    is_same = unicodedata.normalize("NFKC", password) == unicodedata.normalize("NFKC", other)
    assert plain.verify(kept.hash, None, password) == RIGHT
    assert plain.verify(kept.hash, None, other).is_right is is_same


@given(stored=st.text(max_size=100) | st.just("$argon2id$") | st.none(), given_text=texts)
def test_whatever_is_kept_nothing_but_a_hash_is_ever_right(
    stored: str | None, given_text: str
) -> None:
    assert plain.verify(stored, None, given_text) == WRONG


@given(data=st.data())
def test_a_hash_that_lost_or_changed_a_character_is_wrong(data: st.DataObject) -> None:
    kept = plain.hash("mo").hash
    place = data.draw(st.integers(0, len(kept) - 1))
    length = data.draw(st.integers(1, len(kept)))
    instead = data.draw(st.text(max_size=2))
    damaged = kept[:place] + instead + kept[place + length :]
    if damaged != kept:
        assert plain.verify(damaged, None, "another password") == WRONG


ABSURD = [
    f"$argon2id$v=19$m={m},t={t},p={p}${SALT_AND_HASH}"
    for m, t, p in [
        (1024 * 1024, 2, 1),
        (128 * 1024 + 1, 1, 1),
        (2**32 - 1, 2**32 - 1, 2**24 - 1),
        (19_456, 11, 1),
        (19_456, 1, 17),
        (0, 0, 0),
        (-8, 1, 1),
        (8, -1, 1),
    ]
]


@pytest.mark.parametrize("stored", ABSURD)
def test_a_hash_of_absurd_cost_is_refused_before_it_is_computed(stored: str) -> None:
    started = perf_counter()
    assert plain.verify(stored, None, "mo") == WRONG
    assert perf_counter() - started < 0.1
    assert not is_known_format(stored)


@pytest.mark.parametrize(
    "stored", ["", "x", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$", "plain text", "$1$salt$hash"]
)
def test_what_is_no_known_hash_may_not_be_imported(stored: str) -> None:
    assert not is_known_format(stored)


def test_a_wrong_password_costs_the_same_whatever_there_is_to_check_it_against() -> None:
    passwords = Passwords(PROFILES[DEFAULT_PROFILE])
    known = passwords.hash("right").hash
    cheaper = Passwords(PROFILES["owasp-12mib"]).hash("right").hash
    others = (None, "damaged", ABSURD[0], cheaper, plain.hash("right").hash)
    # Processor time, which does not depend on what else the machine does.
    times: dict[str | None, list[float]] = {stored: [] for stored in (known, *others)}
    for _ in range(7):
        for stored, taken in times.items():
            started = thread_time()
            passwords.verify(stored, None, "wrong")
            taken.append(thread_time() - started)
    for stored in others:
        assert median(times[stored]) == pytest.approx(median(times[known]), rel=0.3, abs=0.005)
