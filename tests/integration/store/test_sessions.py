"""Sessions: opened for active accounts only, open for a while, ended for good; known devices."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from safety.domain.accounts import AccountStatus, Factor, Session
from safety.store import accounts, sessions
from safety.store.engine import read, write
from tests.integration.store.entries import NOW
from tests.integration.store.people import a_session, an_account, at_once, keep


def open_all(engine: Engine, *new: Session) -> None:
    with write(engine) as connection:
        for session in new:
            assert sessions.add_session(connection, session)


def the_session(engine: Engine, session_id: str) -> Session | None:
    with read(engine) as connection:
        return sessions.get_session(connection, session_id.encode())


def test_a_session_is_read_back_as_it_was_opened_even_after_it_ended(engine: Engine) -> None:
    keep(engine, an_account())
    long = a_session("long", factors=frozenset({Factor.PASSWORD, Factor.TOTP}))
    past = a_session("past", idle_at=NOW, expires_at=NOW)
    open_all(engine, long, past)
    assert the_session(engine, "long") == long
    assert the_session(engine, "past") == past
    assert the_session(engine, "other") is None


@pytest.mark.parametrize("status", [each for each in AccountStatus if each != "active"])
def test_no_session_opens_for_an_account_that_is_not_active(
    engine: Engine, status: AccountStatus
) -> None:
    keep(engine, an_account(status=status))
    with write(engine) as connection:
        assert not sessions.add_session(connection, a_session("new"))
        assert not sessions.add_session(connection, a_session("other", account_id="nobody"))
        assert not sessions.add_session(connection, a_session("third", tenant="other"))
    assert the_session(engine, "new") is None


def test_no_session_is_left_of_an_account_that_is_locked_while_somebody_signs_in(
    engine: Engine,
) -> None:
    """Whoever locks also ends the sessions; one opened in between would outlive the lock."""
    keep(engine, an_account())
    may_lock = threading.Event()

    def lock() -> None:
        may_lock.wait()
        with write(engine) as connection:
            active = [AccountStatus.ACTIVE]
            accounts.set_status(
                connection, "acme", "acc_mia", AccountStatus.LOCKED, "", expected=active
            )
            sessions.end_sessions(connection, "acme", "acc_mia")

    locking = threading.Thread(target=lock)
    locking.start()
    with write(engine) as connection:
        sessions.add_session(connection, a_session("racing"))
        may_lock.set()
        locking.join(timeout=0.3)
        assert locking.is_alive()  # it waits for this transaction
    locking.join()
    assert the_session(engine, "racing") is None


def test_use_keeps_a_session_open_and_nothing_brings_back_one_that_ended(engine: Engine) -> None:
    keep(engine, an_account())
    open_all(engine, a_session("s"))
    with write(engine) as connection:
        assert sessions.refresh_session(connection, b"s", seen_at=NOW + 9, idle_at=NOW + 19)
        assert not sessions.refresh_session(connection, b"s", seen_at=NOW + 19, idle_at=NOW + 29)
        assert not sessions.refresh_session(connection, b"x", seen_at=NOW, idle_at=NOW + 29)
    kept = the_session(engine, "s")
    assert kept is not None
    assert (kept.seen_at, kept.idle_at) == (NOW + 9, NOW + 19)


def test_a_session_never_lasts_longer_than_it_was_opened_for(engine: Engine) -> None:
    keep(engine, an_account())
    open_all(engine, a_session("s", idle_at=NOW + 1000))
    with write(engine) as connection:
        assert not sessions.refresh_session(connection, b"s", seen_at=NOW + 100, idle_at=NOW + 2000)


def test_a_factor_that_is_proved_joins_the_others(engine: Engine) -> None:
    keep(engine, an_account())
    open_all(engine, a_session("s"))
    with write(engine) as connection:
        assert sessions.prove_factor(connection, b"s", Factor.TOTP, NOW + 5)
        assert not sessions.prove_factor(connection, b"s", Factor.LINK, NOW + 10)
        assert not sessions.prove_factor(connection, b"x", Factor.LINK, NOW)
    proved = the_session(engine, "s")
    assert proved is not None
    assert proved.factors == {Factor.PASSWORD, Factor.TOTP}
    assert proved.proved_at == NOW + 5


def test_factors_proved_at_the_same_moment_are_all_kept(engine: Engine) -> None:
    keep(engine, an_account())
    open_all(engine, a_session("s", factors=frozenset()))
    factors = iter(list(Factor) * 2)

    def prove(connection: Connection) -> bool:
        return sessions.prove_factor(connection, b"s", next(factors), NOW)

    assert all(at_once(engine, prove))
    proved = the_session(engine, "s")
    assert proved is not None
    assert proved.factors == set(Factor)


def test_open_sessions_are_listed_those_used_last_first(engine: Engine) -> None:
    keep(engine, an_account(), an_account("acc_ana"))
    first, second = a_session("a", seen_at=NOW + 1), a_session("b", seen_at=NOW + 2)
    ended = a_session("c", idle_at=NOW + 3)
    hers = a_session("d", account_id="acc_ana")
    open_all(engine, first, second, ended, hers)
    with read(engine) as connection:
        assert sessions.list_sessions(connection, "acme", "acc_mia", NOW + 3) == [second, first]
        assert sessions.list_sessions(connection, "other", "acc_mia", NOW + 3) == []


def test_only_the_owner_ends_a_session_and_only_once(engine: Engine) -> None:
    keep(engine, an_account(), an_account("acc_ana"))
    open_all(engine, a_session("a"), a_session("b"))
    with write(engine) as connection:
        assert not sessions.end_session(connection, "acme", "acc_ana", "a")
        assert not sessions.end_session(connection, "other", "acc_mia", "a")
        assert sessions.end_session(connection, "acme", "acc_mia", "a")
        assert not sessions.end_session(connection, "acme", "acc_mia", "a")
        assert sessions.end_by_hash(connection, b"b")
        assert not sessions.end_by_hash(connection, b"b")


def test_all_sessions_of_an_account_end_but_the_one_in_use(engine: Engine) -> None:
    keep(engine, an_account(), an_account("acc_ana"))
    open_all(engine, *map(a_session, "abc"), a_session("d", account_id="acc_ana"))
    with write(engine) as connection:
        assert sessions.end_sessions(connection, "acme", "acc_mia", but="b") == 2
        assert sessions.end_sessions(connection, "acme", "acc_mia") == 1
        assert sessions.end_sessions(connection, "acme", "acc_mia") == 0
    assert the_session(engine, "d") is not None


def test_purging_takes_only_sessions_that_ended(engine: Engine) -> None:
    keep(engine, an_account())
    unused = a_session("unused", idle_at=NOW)
    over = a_session("over", expires_at=NOW)
    open_all(engine, unused, over, a_session("open"))
    with write(engine) as connection:
        assert sessions.purge_sessions(connection, NOW) == 2
    assert the_session(engine, "open") is not None


def test_a_device_is_known_to_its_account_as_long_as_it_is_used(engine: Engine) -> None:
    mark = bytes(range(32))
    with write(engine) as connection:
        for at in (NOW, NOW + 5):
            sessions.remember_device(connection, "acme", "acc_mia", mark, at)
        is_known = sessions.is_known_device
        assert is_known(connection, "acme", "acc_mia", mark, since=NOW + 5)
        assert not is_known(connection, "acme", "acc_mia", mark, since=NOW + 6)
        assert not is_known(connection, "acme", "acc_ana", mark, since=NOW)
        assert not is_known(connection, "other", "acc_mia", mark, since=NOW)
        assert not is_known(connection, "acme", "acc_mia", b"other", since=NOW)
        assert sessions.purge_devices(connection, NOW + 5) == 0
        assert sessions.purge_devices(connection, NOW + 6) == 1


def test_two_sessions_never_share_a_name(engine: Engine) -> None:
    keep(engine, an_account())
    open_all(engine, a_session("a"))
    with pytest.raises(IntegrityError), write(engine) as connection:
        sessions.add_session(connection, replace(a_session("a"), token_hash=b"other"))
