"""What an API key promises."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.domain.access import ApiKey, Scope
from safety.gates import apikey

NOON = 1_790_000_000.0
PEPPER = b"p" * 32


def a_key(*, is_test: bool = False, expires_at: float | None = None) -> tuple[ApiKey, str]:
    return apikey.mint(
        "acme",
        "comments service",
        [Scope.DECIDE, Scope.READ],
        is_test=is_test,
        secret_bytes=bytes(range(32)),
        id_bytes=b"\x01" * 8,
        pepper=PEPPER,
        at=NOON,
        expires_at=expires_at,
    )


def opens(key: ApiKey | None, token: str, *, at: float = NOON, pepper: bytes = PEPPER) -> bool:
    parts = apikey.parse(token)
    return parts is not None and apikey.verify(key, parts[1], pepper, at)


def test_a_minted_key_opens_with_its_token() -> None:
    key, token = a_key()
    assert token.startswith("sg_live_")
    assert apikey.parse(token) == (key.id, token.rsplit("_", 1)[1])
    assert opens(key, token)
    assert key.scopes == {Scope.DECIDE, Scope.READ}


def test_a_test_key_says_so_in_its_token() -> None:
    key, token = a_key(is_test=True)
    assert key.is_test
    assert token.startswith("sg_test_")
    assert opens(key, token)


def test_the_secret_is_not_kept() -> None:
    key, token = a_key()
    secret = token.rsplit("_", 1)[1]
    assert secret not in repr(key)
    assert bytes.fromhex(secret) not in key.secret_hash


def test_a_wrong_secret_an_unknown_key_and_another_pepper_do_not_open() -> None:
    key, token = a_key()
    wrong = token[:-1] + ("0" if token[-1] != "0" else "1")
    assert not opens(key, wrong)
    assert not opens(None, token)
    assert not opens(key, token, pepper=b"q" * 32)


def test_an_unknown_key_does_not_open_even_with_the_decoys_hash() -> None:
    assert not apikey.verify(None, "", PEPPER, NOON)


def test_an_expired_or_revoked_key_does_not_open() -> None:
    key, token = a_key(expires_at=NOON + 10)
    assert opens(key, token, at=NOON + 9.9)
    assert not opens(key, token, at=NOON + 10)
    assert not opens(replace(key, revoked_at=NOON), token, at=NOON)


def test_short_random_parts_and_an_empty_pepper_are_refused() -> None:
    for secret, key_id, pepper in [(31, 8, 32), (32, 7, 32), (32, 8, 0)]:
        with pytest.raises(ValueError, match="a key needs"):
            apikey.mint(
                "acme",
                "short",
                [],
                is_test=False,
                secret_bytes=bytes(secret),
                id_bytes=bytes(key_id),
                pepper=bytes(pepper),
                at=NOON,
            )


@pytest.mark.parametrize(
    "hostile",
    [
        "",
        "sg_live_",
        "sg_live__",
        "Bearer sg_live_0101010101010101_" + "0" * 64,
        "sg_prod_0101010101010101_" + "0" * 64,
        "sg_live_0101010101010101_" + "0" * 63,
        "sg_live_0101010101010101_" + "0" * 65,
        "sg_live_0101010101010101_" + "G" * 64,
        "sg_live_0101010101010101_" + "0" * 64 + "\n",
        "sg_live_0101010101010101_" + "\uff10" * 64,  # full-width digits
        "sg_live_\ud800",
        "x" * 10_000_000,
    ],
)
def test_a_hostile_token_is_no_token(hostile: str) -> None:
    assert apikey.parse(hostile) is None


@given(text=st.text())
def test_no_text_crashes_the_check(text: str) -> None:
    assert apikey.parse(text) is None
    assert not apikey.verify(a_key()[0], text, PEPPER, NOON)
