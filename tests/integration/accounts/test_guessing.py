"""Guessing is counted by account, by address and in all, and keeps no owner out at home."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event

from safety.accounts.login import Refused
from safety.accounts.visitor import Visitor
from safety.domain.accounts import Account
from safety.domain.errors import (
    InvalidCredentials,
    ProofRejected,
    TooManyRequests,
    Unavailable,
)
from safety.store import accounts
from safety.store.engine import read, write
from tests.integration.accounts.gate_house import HOME, MAIN, Gate

MINUTE = 60
WRONG = "not the right password"


def now(gate: Gate, account: Account) -> Account:
    with read(gate.engine) as connection:
        found = accounts.get_account(connection, MAIN, account.id)
    assert found is not None
    return found


def fail(gate: Gate, login: str, times: int, visitor: Visitor | None = None) -> None:
    """Wrong passwords, from somewhere else each time unless told; challenges are proved."""
    for _ in range(times):
        where = visitor or gate.stranger()
        try:
            answer = gate.login(login, WRONG, visitor=where)
        except InvalidCredentials:
            continue
        assert isinstance(answer, Refused)
        decision_id = answer.decision["id"]
        gate.prove(decision_id)
        with pytest.raises(InvalidCredentials):
            gate.login(login, WRONG, visitor=where, decision_id=decision_id)


def test_strangers_are_asked_for_a_proof_and_the_owner_gets_in_with_one(gate: Gate) -> None:
    gate.account()
    fail(gate, "mia_b", 9)
    decision_id = gate.challenged("mia_b")
    gate.prove(decision_id)
    assert not isinstance(gate.login(decision_id=decision_id), Refused)


def test_names_that_nobody_has_are_challenged_alike(gate: Gate) -> None:
    fail(gate, "nobody_has", 9)
    assert gate.challenged("nobody_has")


def test_a_proof_is_one_try(gate: Gate) -> None:
    gate.account()
    fail(gate, "mia_b", 9)
    decision_id = gate.challenged("mia_b")
    gate.prove(decision_id)
    with pytest.raises(InvalidCredentials):
        gate.login(password=WRONG, decision_id=decision_id)
    with pytest.raises(ProofRejected):
        gate.login(decision_id=decision_id)


def test_a_proof_is_for_the_name_it_was_asked_for(gate: Gate) -> None:
    gate.account("mia_b")
    gate.account("another")
    fail(gate, "mia_b", 9)
    decision_id = gate.challenged("mia_b")
    gate.prove(decision_id)
    with pytest.raises(ProofRejected):
        gate.login("another", decision_id=decision_id)


def test_a_challenge_that_was_not_proved_is_no_proof(gate: Gate) -> None:
    gate.account()
    fail(gate, "mia_b", 9)
    with pytest.raises(ProofRejected):
        gate.login(decision_id=gate.challenged("mia_b"))


def test_many_strangers_cannot_keep_the_owner_out_at_home(gate: Gate) -> None:
    gate.account()
    gate.signed_in(visitor=HOME)
    fail(gate, "mia_b", 18)
    with pytest.raises(TooManyRequests):
        fail(gate, "mia_b", 1)
    gate.signed_in(visitor=HOME)


def test_strangers_make_nobody_wait_longer_than_the_window(gate: Gate) -> None:
    gate.account()
    fail(gate, "mia_b", 19)
    with pytest.raises(TooManyRequests) as refused:
        fail(gate, "mia_b", 1)
    assert refused.value.retry_after is not None
    assert 0 < refused.value.retry_after <= 15 * MINUTE
    gate.clock.at += 15 * MINUTE
    answer = gate.login()
    if isinstance(answer, Refused):
        gate.prove(answer.decision["id"])
        answer = gate.login(decision_id=answer.decision["id"])
    assert not isinstance(answer, Refused)


def test_one_address_tries_many_names_until_it_is_told_to_wait(gate: Gate) -> None:
    where = Visitor(ip="203.0.113.66")
    asked = 0
    for number in range(60):
        try:
            asked += isinstance(gate.login(f"name{number}x", WRONG, visitor=where), Refused)
        except InvalidCredentials:
            continue
    with pytest.raises(TooManyRequests) as refused:
        gate.login("one_more", WRONG, visitor=where)
    assert asked == 60 - 19  # the rules ask for a proof from the twentieth name on
    assert refused.value.retry_after is not None
    gate.account()
    with pytest.raises(TooManyRequests):
        gate.login(visitor=where)
    gate.signed_in(visitor=gate.stranger())


def test_an_office_that_signs_in_is_no_attack(gate: Gate) -> None:
    gate.account()
    doorbell = gate.accounts.login.doorbell
    for _ in range(200):
        doorbell.forgive(doorbell.knock(MAIN, HOME))
    gate.signed_in(visitor=HOME)


def test_addresses_within_one_subnet_count_together(gate: Gate) -> None:
    doorbell = gate.accounts.login.doorbell
    for number in range(60):
        doorbell.knock(MAIN, Visitor(ip=f"2001:db8:1:2::{number:x}"))
    with pytest.raises(TooManyRequests):
        doorbell.knock(MAIN, Visitor(ip="2001:db8:1:2:ffff::1"))
    doorbell.knock(MAIN, Visitor(ip="2001:db8:1:3::1"))
    doorbell.knock(MAIN, Visitor(ip="::ffff:192.0.2.1"))


def test_a_hundred_wrong_passwords_ask_for_a_reset_except_at_home(gate: Gate) -> None:
    account = gate.account()
    gate.signed_in(visitor=HOME)
    with write(gate.engine) as connection:
        for _ in range(99):
            accounts.count_failure(connection, MAIN, account.id, most=100)
    with pytest.raises(InvalidCredentials):
        gate.login(password=WRONG)
    with pytest.raises(InvalidCredentials):
        gate.login()
    assert now(gate, account).must_reset
    gate.signed_in(visitor=HOME)


def test_after_ninety_nine_wrong_passwords_the_right_one_still_lets_in(gate: Gate) -> None:
    account = gate.account()
    with write(gate.engine) as connection:
        for _ in range(99):
            accounts.count_failure(connection, MAIN, account.id, most=100)
    gate.signed_in()
    assert not now(gate, account).must_reset


@pytest.mark.parametrize("login", ["mia_b", "nobody_has"])
def test_a_wrong_password_is_one_write_whoever_it_is(gate: Gate, login: str) -> None:
    """A disk takes its time for each transaction that changes anything, and for no other."""
    gate.account()
    with read(gate.engine) as connection:
        who = gate.accounts.login.finder.find(connection, MAIN, login, gate.stranger())
    changed = [0]  # rows, by transaction

    def note(_connection: object, cursor: Any, statement: str, *_: object) -> None:
        changed[-1] += cursor.rowcount if statement.startswith("UPDATE") else 0

    event.listen(gate.engine, "commit", lambda _: changed.append(0))
    event.listen(gate.engine, "after_cursor_execute", note)
    with pytest.raises(InvalidCredentials):
        gate.accounts.login.credentials.check(who, WRONG)
    first, *others = changed
    assert first > 0
    assert others == [0]


def test_a_password_that_nobody_looked_at_is_no_failure(gate: Gate) -> None:
    account = gate.account()
    gate.accounts.login.credentials.pool.stop()
    for _ in range(3):
        with pytest.raises(Unavailable):
            gate.login(visitor=HOME)
    assert now(gate, account).failures == 0


def test_the_right_password_forgets_the_wrong_ones(gate: Gate) -> None:
    account = gate.account()
    fail(gate, "mia_b", 3)
    assert now(gate, account).failures == 3
    gate.signed_in()
    assert now(gate, account).failures == 0


def test_the_right_password_uses_up_no_try(gate: Gate) -> None:
    gate.account()
    for _ in range(25):
        answer = gate.login(visitor=HOME)
        if isinstance(answer, Refused):
            gate.prove(answer.decision["id"])
            gate.login(visitor=HOME, decision_id=answer.decision["id"])


def test_three_times_the_budget_at_once_leaves_exactly_the_budget(gate: Gate) -> None:
    """Of thirty wrong passwords at once ten are looked at."""
    account = gate.account()
    throttle = gate.accounts.login.credentials.throttle

    def attempt(_: int) -> bool:
        try:
            with write(gate.engine) as connection:
                throttle.count(connection, MAIN, account.id, proved=False)
        except TooManyRequests:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(attempt, range(30))) == 10
