"""Keys, sign-in links, sessions and proofs: who may come in, and what works only once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from safety.domain.access import ApiKey, Scope, StaffSession
from safety.store import keys, spent, staff
from safety.store.engine import read, write
from tests.integration.store.entries import NOW


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

    def try_to(_: int) -> bool:
        with write(engine) as connection:
            return act(connection)

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(try_to, range(8)))


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


def test_a_link_works_exactly_once_however_many_follow_it(engine: Engine) -> None:
    with write(engine) as connection:
        staff.add_link(connection, b"hash", "sign-in:mo", NOW + 10)
    assert winners(engine, lambda connection: staff.spend_link(connection, b"hash", NOW)) == 1


def test_a_link_does_not_work_late_or_for_something_else(engine: Engine) -> None:
    with write(engine) as connection:
        staff.add_link(connection, b"hash", "sign-in:mo", NOW + 10)
        assert not staff.spend_link(connection, b"other", NOW)
        assert not staff.spend_link(connection, b"hash", NOW + 10)
        assert not staff.spend_link(connection, b"hash", NOW, purpose="sign-in:ana")
        assert staff.spend_link(connection, b"hash", NOW, purpose="sign-in:mo")


def test_a_session_lasts_until_it_expires_or_ends(engine: Engine) -> None:
    session = StaffSession(b"token", "mo", "csrf", NOW, NOW + 10)
    with write(engine) as connection:
        staff.add_session(connection, session)
        assert staff.get_session(connection, b"token", NOW + 9.9) == session
        assert staff.get_session(connection, b"token", NOW + 10) is None
        assert staff.get_session(connection, b"other", NOW) is None
        assert staff.end_session(connection, b"token")
        assert not staff.end_session(connection, b"token")
        assert staff.get_session(connection, b"token", NOW) is None


def test_purging_takes_only_what_is_of_no_more_use(engine: Engine) -> None:
    with write(engine) as connection:
        for name, expires_at in ((b"used", NOW + 9), (b"old", NOW), (b"good", NOW + 9)):
            staff.add_link(connection, name, "sign-in:mo", expires_at)
        staff.spend_link(connection, b"used", NOW)
        staff.add_session(connection, StaffSession(b"old", "mo", "csrf", NOW, NOW))
        staff.add_session(connection, StaffSession(b"good", "mo", "csrf", NOW, NOW + 9))
        assert staff.purge(connection, NOW) == 3
        assert staff.spend_link(connection, b"good", NOW)
        assert staff.get_session(connection, b"good", NOW) is not None


def test_a_proof_is_accepted_exactly_once(engine: Engine) -> None:
    assert winners(engine, lambda connection: spent.spend(connection, "abc", NOW + 10)) == 1


def test_signatures_of_expired_proofs_are_purged(engine: Engine) -> None:
    with write(engine) as connection:
        spent.spend(connection, "old", NOW)
        spent.spend(connection, "new", NOW + 1)
        assert spent.purge(connection, NOW) == 1
        assert not spent.spend(connection, "new", NOW + 1)
