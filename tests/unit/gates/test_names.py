"""Which names may be had, which of them are one name, and what no name can do."""
# ruff: noqa: RUF001 - look-alike characters are what these tests are about

import unicodedata
from hashlib import sha256
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.domain.errors import InvalidInput
from safety.gates.name_key import key_of
from safety.gates.names import RESERVED, login_key, read_email, read_username


def label(text: str) -> str:
    """A test's name for a text that may be huge or unprintable."""
    return f"{text[:24]!a}, {len(text)} long"


texts = st.text(st.characters(codec=None), max_size=200)
NO_NAMES: frozenset[str] = frozenset()


def refusal(name: str, *, reserved: frozenset[str] = RESERVED) -> str:
    with pytest.raises(InvalidInput) as refused:
        read_username(name, reserved=reserved)
    (error,) = refused.value.errors
    assert error.field == "username"
    return error.message


@pytest.mark.parametrize(
    "name",
    [
        "mo",
        "Ana-Lena",
        "j.r.hartley",
        "user_1984",
        "2fast",
        "007",
        "Müller",
        "Łukasz",
        "nguyễn",
        "Вася",
        "Ёжик2",
        "Αθηνά",
        "דוד",
        "محمد",
        "मोहन",
        "สมชาย",
        "タロー",
        "山田たろう",
        "김철수",
        "金철수",
        "x" * 30,
    ],
)
def test_names_of_the_world_may_be_had(name: str) -> None:
    shown = read_username(name).shown
    assert shown == unicodedata.normalize("NFKC", name)


LOOK_ALIKE = [
    ("paypal", "PayPal"),
    ("paypal", "paypaI"),
    ("paypal", "paypa1"),
    ("google", "g00gle"),
    ("google", "ｇｏｏｇｌｅ"),
    ("apple", "\u0430\u0440\u0440\u04cf\u0435"),  # Cyrillic throughout
    ("scope", "\u0455\u0441\u043e\u0440\u0435"),
    ("BOB", "\u0412\u041e\u0412"),
    ("kappa", "\u03ba\u03b1\u03c1\u03c1\u03b1"),  # Greek throughout
    ("modern", "rnodern"),
    ("wolf", "vvolf"),
    ("mo.moreno", "mo_moreno"),
    ("mo-moreno", "mo.moreno"),
    ("straße", "STRASSE"),
    ("jose", "josé"),
    ("jose", "jọse"),
    ("oystein", "Øystein"),
    ("film", "ﬁlm"),
    ("mo", "𝓶𝓸"),
    ("mo", "ⓜⓞ"),
    ("diana", "dıana"),
    ("DIANA", "dİana"),
    ("gala", "ɡɑlɑ"),
    ("mia", "ᴍɪᴀ"),
    ("二人", "ニ人"),  # Han and katakana
    ("口元", "ロ元"),
    ("へん", "ヘん"),  # hiragana and katakana
]


@pytest.mark.parametrize(("one", "other"), LOOK_ALIKE)
def test_names_that_look_alike_are_one_name(one: str, other: str) -> None:
    assert one != other
    assert read_username(one).key == read_username(other).key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mo", "moe"),
        ("ana", "anna"),
        ("mo.li", "moli"),
        ("user1", "user2"),
        ("вася", "васи"),
        ("かき", "がき"),
        ("मोहन", "महन"),
        ("דוד", "דור"),
        ("山田", "山口"),
        ("김철수", "김철호"),
    ],
)
def test_names_that_do_not_look_alike_are_two(one: str, other: str) -> None:
    assert read_username(one).key != read_username(other).key


HOSTILE = [
    "",
    " ",
    "a",
    "x" * 31,
    "x" * 65_536,
    "a" + "\u0301" * 1_000_000,
    "mo\u200b",  # zero width space
    "m\u200do",  # zero width joiner
    "\ufeffmo",
    "mo\u00ad",  # soft hyphen
    "mo\u202egnp",  # right-to-left override
    "\u2066mo\u2069",
    "mo\u3164",  # a filler that shows nothing
    "mo\u2800",  # a Braille pattern without dots
    "mo\x00",
    "mo\x1b[31m",
    "mo\r\nSet-Cookie: a=b",
    "mo\ud800",
    "mo\U000e0041",  # a tag character
    " mo",
    "mo ",
    "m o",
    "_mo",
    "mo.",
    "m__o",
    "m.-o",
    "mo@example.com",
    "<b>mo</b>",
    "../mo",
    "mo'--",
    "👻👻",
    "m\u043e",  # Latin and Cyrillic
    "раураl",
    "mоmо2",
    "日本go",
    "٣٤mo",  # digits of another script
    "mo٣",
    "a\u0338b",  # a stroke through a letter
    "m\u0e34o",
    "\u0301mo",
    "ᎪᏢᏢᏞᎬ",  # a script of look-alikes
    "𐐬𐐬",
    "ーー",
    "moー",
    "\ufdfa\ufdfa",  # NFKC makes eighteen characters of each
]


@pytest.mark.parametrize("name", HOSTILE, ids=label)
def test_a_hostile_name_is_refused_and_quickly(name: str) -> None:
    started = perf_counter()
    said = refusal(name, reserved=NO_NAMES)
    assert perf_counter() - started < 0.5
    assert said.startswith("A name ")


@pytest.mark.parametrize(
    "name",
    ["admin", "Admin", "ADMIN", "adm1n", "admın", "ad.min", "a-d-m-i-n", "ａｄｍｉｎ", "ádmin",
     "r00t", "supp0rt", "no-reply", "staff", "rnoderator", "null", "𝓪𝓭𝓶𝓲𝓷"],
)  # fmt: skip
def test_a_reserved_name_is_refused_in_every_disguise(name: str) -> None:
    assert "reserved" in refusal(name)
    assert read_username(name, reserved=NO_NAMES).key


def test_a_platform_reserves_names_of_its_own() -> None:
    assert "reserved" in refusal("Vogelb0rse", reserved=frozenset({"vogelbörse"}))
    assert read_username("admin", reserved=frozenset({"vogelbörse"})).shown == "admin"


@given(name=texts)
def test_any_text_is_a_name_or_refused(name: str) -> None:
    try:
        username = read_username(name)
    except InvalidInput:
        return
    assert username.key
    assert 2 <= len(username.shown) <= 30
    assert login_key(name) == (username.key, None)


names = st.text(st.characters(codec="utf-8", categories=["L"]), min_size=2, max_size=12)


@given(name=names)
def test_a_key_is_the_key_of_every_spelling_of_the_name(name: str) -> None:
    shown = unicodedata.normalize("NFKC", name)
    key = key_of(shown)
    assert key_of(unicodedata.normalize("NFKC", unicodedata.normalize("NFD", shown))) == key
    assert key_of(unicodedata.normalize("NFKC", shown.casefold())) == key


KEYS_OF_ALPHABETS = "7f35df1af89df0047ef68fc02a802f885534d648e78235a58306375a50a33a13"


def test_keys_are_kept_so_their_making_must_not_change() -> None:
    """If this fails after an update of a library, accounts whose key changed cannot sign in."""
    alphabets = ((0x21, 0x2B0), (0x386, 0x530), (0x5D0, 0x5EB), (0x3041, 0x30FF), (0x4E00, 0x9FA6))
    letters = [chr(code) for first, end in alphabets for code in range(first, end)]
    made = "\n".join(key_of(unicodedata.normalize("NFKC", letter)) for letter in letters)
    assert sha256(made.encode()).hexdigest() == KEYS_OF_ALPHABETS


def read_problem(raw: str) -> str:
    with pytest.raises(InvalidInput) as refused:
        read_email(raw)
    return refused.value.errors[0].field


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("mo@example.com", "mo@example.com"),
        ("Mo.Moreno@Example.COM", "mo.moreno@example.com"),
        ("mo+news@example.com", "mo+news@example.com"),
        ("mo@bücher.example.org", "mo@xn--bcher-kva.example.org"),
        ("mo@BÜCHER.example.org", "mo@xn--bcher-kva.example.org"),
        ("mo@xn--bcher-kva.example.org", "mo@xn--bcher-kva.example.org"),
        ("müller@example.com", "müller@example.com"),
        ("mu\u0308ller@example.com", "müller@example.com"),
    ],
)
def test_an_address_has_one_key_in_every_spelling(raw: str, key: str) -> None:
    email = read_email(raw)
    assert email.key == key
    assert email.domain == key.partition("@")[2]
    assert login_key(f" {raw} ") == (None, key)


@pytest.mark.parametrize(
    "raw",
    ["", "@", "mo", "mo@", "@example.com", "mo@localhost", "mo@example", "mo@@example.com",
     "mo@127.0.0.1", "mo@[127.0.0.1]", '"mo"@example.com', "Mo <mo@example.com>", "mo@exa mple.com",
     "mo\x00@example.com", "mo\r\nBcc: ana@example.com", "mo@\ud800.com", "\u202emo@example.com",
     "mo@example.com, ana@example.com", "x" * 65 + "@example.com", "mo@" + "x" * 65_536 + ".com"],
    ids=label,
)  # fmt: skip
def test_what_is_no_address_is_refused(raw: str) -> None:
    assert read_problem(raw) == "email"
    assert login_key(raw)[1] is None


@given(raw=texts | texts.map(lambda text: f"{text}@example.com") | st.emails())
def test_any_text_is_an_address_or_refused(raw: str) -> None:
    try:
        email = read_email(raw)
    except InvalidInput:
        return
    assert email.key.isprintable()
    assert read_email(email.shown).key == email.key


def test_an_address_that_is_thrown_away_is_known_as_such() -> None:
    assert read_email("mo@mailinator.com").is_disposable
    assert read_email("mo@inbox.mailinator.com").is_disposable
    assert not read_email("mo@example.com").is_disposable


@given(raw=texts)
def test_whatever_is_typed_to_log_in_has_at_most_one_key(raw: str) -> None:
    username_key, email_key = login_key(raw)
    assert username_key is None or email_key is None


@pytest.mark.parametrize(
    "raw", [*HOSTILE[:2], "x" * 65_536, "\ud800", "\x00", "a" * 10**7], ids=label
)
def test_what_cannot_be_a_name_matches_nothing(raw: str) -> None:
    assert login_key(raw) == (None, None)


def test_a_space_that_a_keyboard_added_is_forgiven_at_login() -> None:
    assert login_key("Mo ") == (key_of("mo"), None)
