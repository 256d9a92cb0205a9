"""What the vault promises: a secret opens in its own place, whole, and with a key of the ring."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from safety.gates.vault import KeyRing, Vault, VaultError, key_of

OLD = KeyRing("k1", {"k1": b"1" * 32})
ROTATED = KeyRing("k2", {"k1": b"1" * 32, "k2": b"2" * 32})
RETIRED = KeyRing("k2", {"k2": b"2" * 32})
PLACE = ("totp", "acme/u_1", "sealed")

texts = st.text(max_size=12)


@given(table=texts, row=texts, column=texts, plain=st.binary(max_size=200))
def test_what_is_sealed_opens_again_in_its_place(
    table: str, row: str, column: str, plain: bytes
) -> None:
    vault = Vault(OLD)
    assert vault.open(table, row, column, vault.seal(table, row, column, plain)) == plain


@given(
    sealed_for=st.tuples(texts, texts, texts),
    opened_for=st.tuples(texts, texts, texts),
)
def test_what_is_sealed_opens_in_no_other_place(
    sealed_for: tuple[str, str, str], opened_for: tuple[str, str, str]
) -> None:
    assume(sealed_for != opened_for)
    vault = Vault(OLD)
    with pytest.raises(VaultError):
        vault.open(*opened_for, vault.seal(*sealed_for, b"secret"))


def test_text_does_not_move_from_one_part_of_a_place_to_the_next() -> None:
    vault = Vault(OLD)
    with pytest.raises(VaultError):
        vault.open("to", "tpu_1", "sealed", vault.seal("totp", "u_1", "sealed", b"secret"))


@given(position=st.integers(0, 45), flip=st.integers(1, 255))
def test_one_changed_byte_anywhere_is_noticed(position: int, flip: int) -> None:
    vault = Vault(ROTATED)
    sealed = bytearray(vault.seal(*PLACE, b"twenty bytes of seed"))
    sealed[position % len(sealed)] ^= flip
    with pytest.raises(VaultError):
        vault.open(*PLACE, bytes(sealed))


@given(st.binary(max_size=80))
def test_what_no_vault_sealed_raises_nothing_else(garbage: bytes) -> None:
    with pytest.raises(VaultError):
        Vault(OLD).open(*PLACE, garbage)


def test_the_same_secret_never_looks_the_same() -> None:
    vault = Vault(OLD)
    assert len({vault.seal(*PLACE, b"secret") for _ in range(100)}) == 100


def test_the_plain_secret_is_not_in_what_is_sealed() -> None:
    assert b"JBSWY3DPEHPK3PXP" not in Vault(OLD).seal(*PLACE, b"JBSWY3DPEHPK3PXP")


def test_an_old_key_opens_and_no_longer_seals() -> None:
    before = Vault(OLD).seal(*PLACE, b"secret")
    rotated = Vault(ROTATED)
    assert rotated.open(*PLACE, before) == b"secret"
    assert not rotated.is_current(before)
    after = rotated.seal(*PLACE, rotated.open(*PLACE, before))
    assert rotated.is_current(after)
    assert Vault(RETIRED).open(*PLACE, after) == b"secret"


def test_a_retired_key_opens_nothing() -> None:
    with pytest.raises(VaultError, match="not in the ring"):
        Vault(RETIRED).open(*PLACE, Vault(OLD).seal(*PLACE, b"secret"))


def test_the_key_that_sealed_something_can_be_named() -> None:
    assert key_of(Vault(ROTATED).seal(*PLACE, b"secret")) == "k2"
    assert key_of(b"") is None
    assert key_of(b"\x02k") is None


@pytest.mark.parametrize(
    ("active", "keys"),
    [
        ("k1", {}),
        ("k1", {"k2": b"2" * 32}),
        ("k1", {"k1": b"1" * 31}),
        ("k1", {"k1": b""}),
        ("K1", {"K1": b"1" * 32}),
        ("", {"": b"1" * 32}),
        ("k" * 17, {"k" * 17: b"1" * 32}),
    ],
)
def test_a_ring_that_could_not_seal_is_refused(active: str, keys: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match="key"):
        KeyRing(active, keys)


def test_a_ring_shows_no_keys() -> None:
    assert "1111" not in repr(OLD)


def test_a_vault_takes_another_ring_while_it_is_in_use() -> None:
    vault = Vault(OLD)
    before = vault.seal(*PLACE, b"secret")
    vault.use(ROTATED)
    assert vault.open(*PLACE, before) == b"secret"
    assert key_of(vault.seal(*PLACE, b"secret")) == "k2"
