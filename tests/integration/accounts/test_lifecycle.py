"""What a platform does to accounts is done at once, written down, and really deletes."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from safety.accounts.importing import Brought
from safety.accounts.login import SecondFactorNeeded
from safety.domain.accounts import AccountStatus
from safety.domain.errors import InvalidCredentials, InvalidInput, NotFound, SessionEnded
from safety.store import audit, tables
from safety.store.engine import read
from safety.store.tables import known_devices, one_time_tokens, sessions, throttles
from tests.integration.accounts.gate_house import (
    AUDIT_KEY,
    HOME,
    MAIN,
    NOON,
    PASSWORD,
    Gate,
    Phone,
)

BY = "key:key_1"
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def audited(gate: Gate) -> list[tuple[str, str, str]]:
    with read(gate.engine) as connection:
        assert audit.verify(connection, key=AUDIT_KEY).is_intact
        return [(each.author, each.action, each.subject) for each in audit.recent(connection)]


def test_locking_ends_every_session_and_unlocking_lets_in_again(gate: Gate) -> None:
    account = gate.account()
    entered = gate.signed_in()
    locked = gate.accounts.lifecycle.lock(MAIN, account.id, reason="stolen", author=BY)
    assert (locked.status, locked.status_reason) == (AccountStatus.LOCKED, "stolen")
    with pytest.raises(SessionEnded):
        gate.accounts.sessions.of(MAIN, entered.token)
    with pytest.raises(InvalidCredentials):
        gate.login()
    gate.accounts.lifecycle.unlock(MAIN, account.id, author=BY)
    gate.signed_in()
    assert audited(gate) == [
        (BY, "account.unlocked", account.id),
        (BY, "account.locked", account.id),
    ]


def test_locking_twice_is_one_act(gate: Gate) -> None:
    account = gate.account()
    for _ in range(2):
        gate.accounts.lifecycle.lock(MAIN, account.id, reason="", author=BY)
    assert len(audited(gate)) == 1


def test_another_tenants_account_is_not_there(gate: Gate) -> None:
    account = gate.account()
    lifecycle = gate.accounts.lifecycle
    for act in (
        lambda: lifecycle.get("other", account.id),
        lambda: lifecycle.lock("other", account.id, reason="", author=BY),
        lambda: lifecycle.unlock("other", account.id, author=BY),
        lambda: lifecycle.end_sessions("other", account.id, author=BY),
        lambda: lifecycle.erase("other", account.id, author=BY),
    ):
        with pytest.raises(NotFound):
            act()
    gate.signed_in()


def test_an_admin_signs_somebody_out_everywhere(gate: Gate) -> None:
    account = gate.account()
    entered = gate.signed_in()
    assert gate.accounts.lifecycle.end_sessions(MAIN, account.id, author=BY) == 1
    with pytest.raises(SessionEnded):
        gate.accounts.sessions.of(MAIN, entered.token)


def test_erasing_leaves_nothing_but_a_pseudonym_in_the_audit_log(gate: Gate) -> None:
    account = gate.verified("mia_b", "mia@example.com")
    gate.enrol(account)
    gate.login(visitor=HOME)
    gate.accounts.passwords.request_reset(MAIN, "mia_b", gate.stranger())
    gate.accounts.lifecycle.erase(MAIN, account.id, author=BY)
    with pytest.raises(NotFound):
        gate.accounts.lifecycle.get(MAIN, account.id)
    with pytest.raises(InvalidCredentials):
        gate.login()
    author, action, subject = audited(gate)[0]
    assert (author, action) == (BY, "actor.erased")
    assert subject.startswith("erased_")
    assert account.id not in subject
    assert gate.account("mia_b").id != account.id


def test_erasing_takes_the_bytes_out_of_the_files(gate: Gate, tmp_path: Path) -> None:
    account = gate.verified("mia_zanzibar", "mia@zanzibar.example")
    gate.signed_in("mia_zanzibar", visitor=HOME)
    gate.accounts.lifecycle.erase(MAIN, account.id, author=BY)
    files = list(tmp_path.glob("safety.db*"))
    assert bool(files) is (gate.engine.dialect.name == "sqlite")  # a server's files are its own
    for file in files:
        kept = file.read_bytes()
        for word in (b"zanzibar", account.password_hash):
            assert (word if isinstance(word, bytes) else str(word).encode()) not in kept


def test_nobody_who_is_erased_while_signing_in_leaves_anything_behind(gate: Gate) -> None:
    account = gate.account()

    def act(number: int) -> None:
        try:
            if number == 6:
                gate.accounts.lifecycle.erase(MAIN, account.id, author=BY)
            else:
                gate.login(visitor=HOME)
        except (InvalidCredentials, SessionEnded):
            return

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(act, range(12)))
    with gate.engine.connect() as connection:
        for table in (sessions, known_devices, tables.accounts):
            assert connection.execute(select(func.count()).select_from(table)).scalar() == 0


def test_who_never_was_cannot_be_erased(gate: Gate) -> None:
    with pytest.raises(NotFound):
        gate.accounts.lifecycle.erase(MAIN, "acc_nobody", author=BY)
    assert audited(gate) == []


def test_accounts_come_along_with_the_passwords_they_have(gate: Gate) -> None:
    phone = Phone("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", gate.clock)
    brought = [
        Brought("mia_b", "mia@example.com", HASH, NOON - 1000, is_email_verified=True),
        Brought("another", None, HASH, totp_secret="jbsw y3dp ehpk 3pxp jbsw y3dp ehpk 3pxp"),
    ]
    results = gate.accounts.importer.import_accounts(MAIN, brought, author=BY)
    assert all(result.error is None for result in results)
    gate.signed_in("mia@example.com")
    needed = gate.login("another")
    assert isinstance(needed, SecondFactorNeeded)
    gate.accounts.login.second_step(MAIN, needed.token, phone(), HOME)
    assert audited(gate)[0] == (BY, "accounts.imported", MAIN)


def test_what_is_wrong_with_one_account_costs_no_other(gate: Gate) -> None:
    gate.verified("mia_b", "mia@example.com")
    dear = "$argon2id$v=19$m=4194304,t=99,p=1$c29tZXNhbHQ$aGFzaA"
    brought = [
        Brought("Mia_B", None, HASH),
        Brought("fine", None, HASH),
        Brought("fine", None, HASH),
        Brought("claims", "mia@example.com", HASH, is_email_verified=True),
        Brought("claims_too", "mia@example.com", HASH),
        Brought("a\u200bb", None, HASH),
        Brought("mail", "nonsense", HASH),
        Brought("dear", None, dear),
        Brought("plain", None, "hunter2"),
        Brought("early", None, HASH, created_at=-1),
        Brought("late", None, HASH, created_at=NOON + 10),
        Brought("nan", None, HASH, created_at=float("nan")),
        Brought("factor", None, HASH, totp_secret="not base32!"),
        Brought("brief", None, HASH, totp_secret="MFRA"),
    ]
    results = gate.accounts.importer.import_accounts(MAIN, brought, author=BY)
    wrong = [result.error.field if result.error else None for result in results]
    assert wrong == [
        "username",
        None,
        "username",
        "email",
        None,
        "username",
        "email",
        "password_hash",
        "password_hash",
        "created_at",
        "created_at",
        "created_at",
        "totp_secret",
        "totp_secret",
    ]


def test_an_account_without_a_password_comes_in_by_a_reset(gate: Gate) -> None:
    brought = [Brought("mia_b", "mia@example.com", None, is_email_verified=True)]
    gate.accounts.importer.import_accounts(MAIN, brought, author=BY)
    with pytest.raises(InvalidCredentials):
        gate.login(password="")
    gate.accounts.passwords.request_reset(MAIN, "mia_b", gate.stranger())
    token = gate.token("account.reset_password")
    gate.accounts.passwords.confirm_reset(MAIN, token, PASSWORD, gate.stranger())
    gate.signed_in()


def test_a_thousand_accounts_are_taken_over_and_one_more_is_refused(gate: Gate) -> None:
    brought = [Brought(f"user{number}x", None, HASH) for number in range(1001)]
    with pytest.raises(InvalidInput):
        gate.accounts.importer.import_accounts(MAIN, brought, author=BY)
    results = gate.accounts.importer.import_accounts(MAIN, brought[:1000], author=BY)
    assert sum(result.account_id is not None for result in results) == 1000


def test_what_is_over_is_purged_and_nothing_else(gate: Gate) -> None:
    gate.account("mia_b", "mia@example.com")
    kept = gate.signed_in(visitor=HOME)
    gate.accounts.purge.run()
    gate.accounts.sessions.of(MAIN, kept.token)
    gate.clock.at += 100 * 86_400
    assert gate.accounts.purge.run() > 0
    with gate.engine.connect() as connection:
        for table in (sessions, one_time_tokens, known_devices, throttles):
            assert connection.execute(select(func.count()).select_from(table)).scalar() == 0


def test_audit_details_hold_no_name(gate: Gate) -> None:
    account = gate.account()
    gate.accounts.lifecycle.lock(MAIN, account.id, reason="mia wrote", author=BY)
    with read(gate.engine) as connection:
        (entry,) = audit.recent(connection)
    assert json.loads(entry.details) == {"tenant": MAIN}
