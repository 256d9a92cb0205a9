"""Signing in: the right password opens, everything else is answered alike."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text

from safety.domain.accounts import Account, Factor
from safety.domain.errors import InvalidCredentials, SafetyError
from safety.gates.argon2_profiles import Profile
from safety.store import accounts
from safety.store.engine import read, write
from tests.integration.accounts.gate_house import CHEAP, MAIN, PASSWORD, Gate, a_gate

WRONG = "not the right password"


def now(gate: Gate, account: Account) -> Account:
    with read(gate.engine) as connection:
        found = accounts.get_account(connection, MAIN, account.id)
    assert found is not None
    return found


def test_a_name_and_its_password_open_a_session(gate: Gate) -> None:
    account = gate.account()
    entered = gate.signed_in("MIA_B")
    assert entered.session.account_id == account.id
    assert entered.session.factors == {Factor.PASSWORD}
    assert gate.accounts.sessions.of(MAIN, entered.token) == entered.session


def test_an_address_signs_in_once_it_is_verified(gate: Gate) -> None:
    gate.account("mia_b", "Mia@Example.com")
    with pytest.raises(InvalidCredentials):
        gate.login("mia@example.com")
    gate.accounts.emails.verify(MAIN, gate.token("account.verify_email"))
    gate.signed_in("mia@EXAMPLE.com")


def test_another_tenant_knows_nobody_here(gate: Gate) -> None:
    gate.account()
    with pytest.raises(InvalidCredentials):
        gate.login(tenant="other")


def lock(gate: Gate, account: Account) -> None:
    gate.accounts.lifecycle.lock(MAIN, account.id, reason="stolen", author="key:1")


def damage(gate: Gate, account: Account) -> None:
    with write(gate.engine) as connection:
        cut = text("UPDATE accounts SET password_hash = '$argon2id$v=19$m=8,t=1' WHERE id = :id")
        connection.execute(cut, {"id": account.id})


def wear_out(gate: Gate, account: Account) -> None:
    with write(gate.engine) as connection:
        accounts.count_failure(connection, MAIN, account.id, most=0)


def erase(gate: Gate, account: Account) -> None:
    gate.accounts.lifecycle.erase(MAIN, account.id, author="key:1")


@pytest.mark.parametrize("spoil", [lock, damage, wear_out, erase])
def test_whoever_may_not_sign_in_is_answered_like_a_wrong_password(
    gate: Gate, spoil: Callable[[Gate, Account], None]
) -> None:
    spoil(gate, gate.account("mia_b"))
    gate.account("another")
    answers = []
    for login, password in (("mia_b", PASSWORD), ("another", WRONG), ("unknown1", WRONG)):
        with pytest.raises(InvalidCredentials) as refused:
            gate.login(login, password)
        answers.append((refused.value.detail, refused.value.errors, refused.value.retry_after))
    assert len(set(map(str, answers))) == 1


@pytest.mark.parametrize(
    "login", ["", "\x00", "\ud800", "x" * 64_000, "@", "a@b@c", "mia_b\x00", "' OR 1=1 --"]
)
def test_any_text_is_a_name_that_nobody_has(gate: Gate, login: str) -> None:
    gate.account()
    with pytest.raises(InvalidCredentials):
        gate.login(login, WRONG)


@pytest.mark.parametrize("password", ["", "\x00", "\ud800", "x" * 1_000_000])
def test_any_text_is_a_password_that_is_wrong(gate: Gate, password: str) -> None:
    gate.account()
    with pytest.raises(InvalidCredentials):
        gate.login(password=password)


def test_a_login_that_nobody_records_does_not_happen(gate: Gate) -> None:
    gate.account()
    gate.asking.bind(None)
    with pytest.raises(SafetyError) as refused:
        gate.login()
    assert refused.value.status == 503


def test_nobody_who_is_locked_while_signing_in_keeps_a_session(gate: Gate) -> None:
    account = gate.account()

    def attempt(number: int) -> None:
        if number == 5:
            lock(gate, account)
            return
        try:
            gate.login()
        except InvalidCredentials:
            return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(attempt, range(10)))
    assert gate.accounts.sessions.list_open(MAIN, account.id) == []


def test_an_outdated_hash_is_made_anew_at_the_next_login(gate: Gate) -> None:
    account = gate.account()
    dearer = Profile("dearer", "for tests", replace(CHEAP.parameters, memory_cost=16))
    with a_gate(gate.engine, profile=dearer) as later:
        later.signed_in()
        assert "m=16" in (now(later, account).password_hash or "")
        later.signed_in()
