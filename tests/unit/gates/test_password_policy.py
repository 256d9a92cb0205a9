"""Which passwords are good enough, and what is said about those that are not."""

import unicodedata
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zxcvbn.matching import RANKED_DICTIONARIES

from safety.domain.errors import WeakPassword
from safety.gates.blocklist import Blocklist
from safety.gates.password_policy import PasswordPolicy

POLICY = PasswordPolicy(Blocklist(), product_words=["Safety Gate", "Vogelbörse"])
MO = ("mo.moreno", "mo.moreno@example.com")


def refusal(password: str, *, has_second_factor: bool = False, words: tuple[str, ...] = MO) -> str:
    """What is said against a password, or nothing."""
    try:
        POLICY.check(password, user_words=words, has_second_factor=has_second_factor)
    except WeakPassword as weak:
        return " ".join(error.message for error in weak.errors if error.field == "password")
    return ""


@pytest.mark.parametrize(
    "password",
    [
        "violet umbrella on tuesday",
        "kjhXq82.mmPwqq7",
        "žluťoučký kůň úpěl",
        "三只小猫在屋顶上看月亮和星星啊",
        "🦊🐢🌵🍉🚲🎻🪁🧦🔭🪴🦔🍄🧭🎈🪶",  # emoji are characters, too
        "no rule asks for a digit or a sign",
        "ends in a space ",
        "violet umbrella " * 16,
    ],
)
def test_long_and_uncommon_is_good_enough(password: str) -> None:
    assert refusal(password) == ""


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("", "at least 15"),
        ("kjhXq82.mmPwqq", "at least 15"),
        ("ﬁﬁﬁﬁﬁﬁﬁ", "at least 15"),
        ("violet umbrella" * 18, "at most 256"),
        ("x" * 1_000_000, "at most 256"),
        ("\ufdfa" * 200, "at most 256"),  # NFKC makes eighteen characters of this one
        ("passwordpassword", "tried first"),
        ("iloveyou12345678", "tried first"),
        ("aaaaaaaaaaaaaaaaaaaa", "Repeats"),
        ("abcdefghijklmnopqrst", "easy to guess"),
        ("safety-gate-safety-gate", "besides them"),
        ("SafetyGate2026!!", "besides them"),
        ("vogelbörse vogelbörse", "besides them"),
        ("mo.moreno@example", "besides them"),
        ("MoMoreno-MoMoreno-1", "besides them"),
    ],
)
def test_a_weak_password_is_refused_in_words_to_act_on(password: str, said: str) -> None:
    assert said in refusal(password)


def test_a_second_factor_makes_up_for_length_but_not_for_the_rest() -> None:
    assert refusal("kjhXq82.", has_second_factor=True) == ""
    assert "at least 8" in refusal("kjhXq82", has_second_factor=True)
    assert "tried first" in refusal("iloveyou2", has_second_factor=True)
    assert refusal("mo.moreno", has_second_factor=True)


def test_length_counts_characters_as_people_see_them_in_any_spelling() -> None:
    composed = "žluťoučký kůň ú"
    assert len(composed) == 15
    for form in ("NFC", "NFD"):
        assert refusal(unicodedata.normalize(form, composed)) == ""


def test_lengths_from_the_minimum_to_the_maximum_are_accepted() -> None:
    text = "".join(chr(0x4E00 + number * 37) for number in range(256))
    assert [n for n in (15, 16, 64, 72, 73, 100, 144, 145, 255, 256) if refusal(text[:n])] == []


def test_a_weak_beginning_does_not_spoil_a_long_password() -> None:
    assert refusal("a" * 72 + "kjhXq82.mmPwqq") == ""


@given(password=st.text(st.characters(codec=None), max_size=300))
def test_any_text_is_accepted_or_refused_and_never_repeated(password: str) -> None:
    said = refusal(password)
    if len(password) > 3 and said:
        assert password not in said


@given(
    password=st.text(max_size=80),
    words=st.lists(st.text(st.characters(codec=None), max_size=100), max_size=30),
)
def test_any_words_about_the_user_may_be_given(password: str, words: list[str]) -> None:
    refusal(password, words=tuple(words))


@given(password=st.text(st.characters(codec=None), max_size=80))
def test_any_text_has_a_strength(password: str) -> None:
    assert 0 <= POLICY.strength(password, MO).score <= 4


def test_strength_comes_with_advice() -> None:
    weak, strong = (
        POLICY.strength("qwertyuiop", []),
        POLICY.strength("violet umbrella on sunday", []),
    )
    assert weak.score == 0
    assert weak.warning
    assert weak.suggestions
    assert strong.score == 4


def test_what_is_known_about_the_user_is_no_strength() -> None:
    password = "wolkenkratzer"
    assert POLICY.strength(password, [password]).score < POLICY.strength(password, []).score


@pytest.mark.parametrize("password", ["", "\0", "\ud800", "a" * 1_000_000, "\u0301" * 1_000_000])
def test_strength_is_total_and_quick(password: str) -> None:
    started = perf_counter()
    assert 0 <= POLICY.strength(password, [password]).score <= 4
    assert perf_counter() - started < 5


def test_users_do_not_see_each_others_words() -> None:
    """zxcvbn keeps the words of its last user in a global; here they stay apart."""
    words = [f"wolkenkratzer{number}" for number in range(200)]
    with ThreadPoolExecutor(8) as threads:
        own = list(threads.map(lambda word: POLICY.strength(word, [word]).score, words))
        alone = list(threads.map(lambda word: POLICY.strength(word, ["else"]).score, words))
    assert set(own) == {0}
    assert min(alone) > 0
    assert "user_inputs" not in RANKED_DICTIONARIES
