"""The second step: a code completes a sign-in, and nothing else does."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from safety.accounts.login import SecondFactorNeeded
from safety.domain.accounts import Account, Factor
from safety.domain.errors import (
    CodeRejected,
    SafetyError,
    TokenRejected,
    TooManyRequests,
)
from tests.integration.accounts.gate_house import HOME, MAIN, PASSWORD, Gate

MINUTE = 60


def lock(gate: Gate, account: Account) -> None:
    gate.accounts.lifecycle.lock(MAIN, account.id, reason="stolen", author="key:1")


def test_the_second_factor_is_asked_for_and_opens_the_session(gate: Gate) -> None:
    phone = gate.enrol(gate.account())
    needed = gate.login()
    assert isinstance(needed, SecondFactorNeeded)
    entered = gate.accounts.login.second_step(MAIN, needed.token, phone(), HOME)
    assert entered.session.factors == {Factor.PASSWORD, Factor.TOTP}


def test_a_code_on_paper_opens_it_too_and_once(gate: Gate) -> None:
    phone = gate.enrol(gate.account())
    paper = phone.paper[0]
    for is_first in (True, False):
        needed = gate.login()
        assert isinstance(needed, SecondFactorNeeded)
        if is_first:
            entered = gate.accounts.login.second_step(MAIN, needed.token, paper, HOME)
            assert Factor.RECOVERY_CODE in entered.session.factors
        else:
            with pytest.raises(CodeRejected):
                gate.accounts.login.second_step(MAIN, needed.token, paper, HOME)


def test_the_token_between_the_steps_is_no_session(gate: Gate) -> None:
    gate.enrol(gate.account())
    needed = gate.login()
    assert isinstance(needed, SecondFactorNeeded)
    with pytest.raises(SafetyError):
        gate.accounts.sessions.of(MAIN, needed.token)


def test_the_token_between_the_steps_lasts_five_minutes(gate: Gate) -> None:
    phone = gate.enrol(gate.account())
    needed = gate.login()
    assert isinstance(needed, SecondFactorNeeded)
    gate.clock.at += 5 * MINUTE
    with pytest.raises(TokenRejected):
        gate.accounts.login.second_step(MAIN, needed.token, phone(), HOME)


def test_the_token_between_the_steps_works_once(gate: Gate) -> None:
    phone = gate.enrol(gate.account())
    needed = gate.login()
    assert isinstance(needed, SecondFactorNeeded)
    gate.accounts.login.second_step(MAIN, needed.token, phone(), HOME)
    gate.clock.at += 30
    with pytest.raises(TokenRejected):
        gate.accounts.login.second_step(MAIN, needed.token, phone(), HOME)


def test_the_token_between_the_steps_is_for_its_tenant(gate: Gate) -> None:
    phone = gate.enrol(gate.account())
    needed = gate.login()
    assert isinstance(needed, SecondFactorNeeded)
    with pytest.raises(TokenRejected):
        gate.accounts.login.second_step("other", needed.token, phone(), HOME)


def test_five_wrong_codes_end_the_step_and_a_new_token_brings_no_more(gate: Gate) -> None:
    phone = gate.enrol(gate.account())
    needed = gate.login()
    assert isinstance(needed, SecondFactorNeeded)
    for _ in range(5):
        with pytest.raises(CodeRejected):
            gate.accounts.login.second_step(MAIN, needed.token, "000000", HOME)
    with pytest.raises(TokenRejected):
        gate.accounts.login.second_step(MAIN, needed.token, phone(), HOME)
    again = gate.login()
    assert isinstance(again, SecondFactorNeeded)
    with pytest.raises(TooManyRequests):
        gate.accounts.login.second_step(MAIN, again.token, phone(), HOME)


def test_another_password_ends_the_step(gate: Gate) -> None:
    account = gate.account()
    session = gate.signed_in().session
    phone = gate.enrol(account)
    needed = gate.login()
    assert isinstance(needed, SecondFactorNeeded)
    gate.accounts.passwords.change(session, PASSWORD, "another sentence of four words")
    with pytest.raises(TokenRejected):
        gate.accounts.login.second_step(MAIN, needed.token, phone(), HOME)


def test_locking_ends_the_step(gate: Gate) -> None:
    account = gate.account()
    phone = gate.enrol(account)
    needed = gate.login()
    assert isinstance(needed, SecondFactorNeeded)
    lock(gate, account)
    with pytest.raises(TokenRejected):
        gate.accounts.login.second_step(MAIN, needed.token, phone(), HOME)


def test_of_many_who_send_one_code_at_once_one_gets_in(gate: Gate) -> None:
    phone = gate.enrol(gate.account())
    needed = gate.login()
    assert isinstance(needed, SecondFactorNeeded)
    token, code = needed.token, phone()

    def attempt(_: int) -> bool:
        try:
            gate.accounts.login.second_step(MAIN, token, code, HOME)
        except (TokenRejected, CodeRejected, TooManyRequests):
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(12))) == 1
