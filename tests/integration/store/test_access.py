"""Keys and proofs: who may come in, and what works only once."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from safety.domain.access import ApiKey, Scope
from safety.store import keys, spent
from safety.store.engine import read, write
from tests.integration.store.entries import NOW
from tests.integration.store.people import at_once


def a_key(key_id: str = "k1", tenant: str = "acme", created_at: float = NOW) -> ApiKey:
    return ApiKey(
        id=key_id,
        tenant=tenant,
        name="website",
        secret_hash=bytes(range(32)),
        scopes=frozenset({Scope.DECIDE, Scope.READ}),
        is_test=False,
        created_at=created_at,
        expires_at=NOW + 100,
    )


def winners(engine: Engine, act: Callable[[Connection], bool]) -> int:
    """How many of eight who act at the same moment are told that it worked."""
    return sum(at_once(engine, act))


def test_a_key_is_read_back_as_it_was_given(engine: Engine) -> None:
    with write(engine) as connection:
        keys.add_key(connection, a_key())
    with read(engine) as connection:
        assert keys.get_key(connection, "k1") == a_key()
        assert keys.get_key(connection, "k2") is None


def test_keys_are_listed_oldest_first_and_by_tenant(engine: Engine) -> None:
    added = [a_key("k1"), a_key("k2", "other", NOW - 1), a_key("k3", "acme", NOW - 2)]
    with write(engine) as connection:
        for key in added:
            keys.add_key(connection, key)
    with read(engine) as connection:
        assert [key.id for key in keys.list_keys(connection)] == ["k3", "k2", "k1"]
        assert [key.id for key in keys.list_keys(connection, "acme")] == ["k3", "k1"]


def test_a_key_is_revoked_once_and_stays_listed(engine: Engine) -> None:
    with write(engine) as connection:
        keys.add_key(connection, a_key())
        assert keys.revoke_key(connection, "k1", NOW + 1)
        assert not keys.revoke_key(connection, "k1", NOW + 2)
        assert not keys.revoke_key(connection, "k2", NOW + 2)
        (key,) = keys.list_keys(connection)
    assert key.revoked_at == NOW + 1


def test_a_key_id_is_given_once(engine: Engine) -> None:
    with write(engine) as connection:
        keys.add_key(connection, a_key())
    with pytest.raises(IntegrityError), write(engine) as connection:
        keys.add_key(connection, a_key())


def test_a_rotated_key_works_on_until_the_overlap_ends_and_names_its_successor(
    engine: Engine,
) -> None:
    successor = a_key("k2", created_at=NOW + 1)
    with write(engine) as connection:
        keys.add_key(connection, replace(a_key(), expires_at=None))
        assert keys.rotate_key(connection, "k1", successor, until=NOW + 50)
        old = keys.get_key(connection, "k1")
        assert keys.get_key(connection, "k2") == successor
    assert old is not None
    assert (old.expires_at, old.replaced_by) == (NOW + 50, "k2")
    assert old.is_usable(NOW + 49)
    assert not old.is_usable(NOW + 50)


def test_a_rotation_never_makes_an_old_key_last_longer(engine: Engine) -> None:
    with write(engine) as connection:
        keys.add_key(connection, a_key())
        assert keys.rotate_key(connection, "k1", a_key("k2"), until=NOW + 1000)
        old = keys.get_key(connection, "k1")
    assert old is not None
    assert old.expires_at == NOW + 100


def test_a_key_that_is_revoked_or_another_tenants_has_no_successor(engine: Engine) -> None:
    with write(engine) as connection:
        keys.add_key(connection, a_key())
        assert not keys.rotate_key(connection, "k1", a_key("k2", "other"), until=NOW + 5)
        assert not keys.rotate_key(connection, "unknown", a_key("k2"), until=NOW + 5)
        keys.revoke_key(connection, "k1", NOW)
        assert not keys.rotate_key(connection, "k1", a_key("k2"), until=NOW + 5)
        assert keys.get_key(connection, "k2") is None


def test_a_key_is_rotated_once_however_many_rotate_it(engine: Engine) -> None:
    with write(engine) as connection:
        keys.add_key(connection, a_key())
    numbers = count(2)

    def rotate(connection: Connection) -> bool:
        return keys.rotate_key(connection, "k1", a_key(f"k{next(numbers)}"), until=NOW + 5)

    assert winners(engine, rotate) == 1
    with read(engine) as connection:
        assert len(keys.list_keys(connection)) == 2


def test_the_last_use_of_a_key_is_kept_to_the_minute_and_never_goes_back(engine: Engine) -> None:
    with write(engine) as connection:
        keys.add_key(connection, a_key())
        keys.touch_keys(connection, {"k1": NOW + 61.5, "unknown": NOW})
        keys.touch_keys(connection, {"k1": NOW + 1})
        keys.touch_keys(connection, {})
        used = keys.get_key(connection, "k1")
    assert used == replace(a_key(), last_used_at=NOW + 60)


def test_a_proof_is_accepted_exactly_once(engine: Engine) -> None:
    assert winners(engine, lambda connection: spent.spend(connection, "abc", NOW + 10)) == 1


def test_signatures_of_expired_proofs_are_purged(engine: Engine) -> None:
    with write(engine) as connection:
        spent.spend(connection, "old", NOW)
        spent.spend(connection, "new", NOW + 1)
        assert spent.purge(connection, NOW) == 1
        assert not spent.spend(connection, "new", NOW + 1)
