"""Tries that follow wrong passwords wait longer and longer, and keep no owner out."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from safety.accounts.gate_limits import GateLimits
from safety.accounts.login import Refused
from safety.accounts.visitor import Visitor
from safety.domain.errors import InvalidCredentials, TooManyRequests
from safety.store.engine import write
from tests.integration.accounts.gate_house import HOME, MAIN, Gate, a_gate

WRONG = "not the right password"
LIMITS = GateLimits()
FREE = LIMITS.free_failures


@pytest.fixture
def paced(engine: Engine) -> Iterator[Gate]:
    with a_gate(engine, limits=LIMITS) as running:
        yield running


def guess(gate: Gate, login: str = "mia_b", visitor: Visitor | None = None) -> int | None:
    """Seconds to wait before the guess is looked at; None if it was."""
    try:
        answer = gate.login(login, WRONG, visitor=visitor)
    except InvalidCredentials:
        return None
    except TooManyRequests as refused:
        return refused.retry_after
    assert isinstance(answer, Refused)
    return None


def wrong(gate: Gate, subject: str = "acc_mia") -> int | None:
    """The same below the rules, which ask for a challenge in the middle of it."""
    throttle = gate.accounts.login.credentials.throttle
    try:
        with write(gate.engine) as connection:
            throttle.count(connection, MAIN, subject, proved=False)
    except TooManyRequests as refused:
        return refused.retry_after
    return None


def test_each_wrong_password_makes_the_next_wait_twice_as_long(paced: Gate) -> None:
    waits: list[int] = []
    for _ in range(LIMITS.failures_account.most):
        while (wait := wrong(paced)) is not None:
            waits.append(wait)
            paced.clock.at += wait
    assert waits == [1, 2, 4, 8, 16]


def test_a_guess_that_comes_too_early_is_told_how_long_and_makes_it_no_longer(paced: Gate) -> None:
    for _ in range(FREE):
        wrong(paced)
    paced.clock.at += 1
    assert wrong(paced) is None
    assert [wrong(paced) for _ in range(5)] == [2] * 5


@pytest.mark.parametrize("login", ["mia_b", "nobody_has"])
def test_names_that_nobody_has_wait_alike(paced: Gate, login: str) -> None:
    paced.account()
    assert [guess(paced, login) for _ in range(FREE + 1)] == [None] * FREE + [1]


def test_a_few_slips_of_the_finger_are_not_noticed(paced: Gate) -> None:
    paced.account()
    for _ in range(FREE - 1):
        assert guess(paced, visitor=HOME) is None
    paced.signed_in(visitor=HOME)


def test_the_owner_at_home_never_waits_for_strangers(paced: Gate) -> None:
    paced.account()
    paced.signed_in(visitor=HOME)
    for _ in range(FREE + 1):
        guess(paced)
    assert guess(paced) is not None
    paced.signed_in(visitor=HOME)


def test_whoever_proved_a_challenge_never_waits(paced: Gate) -> None:
    account = paced.account()
    throttle = paced.accounts.login.credentials.throttle
    with write(paced.engine) as connection:
        for _ in range(LIMITS.failures_proved.most):
            throttle.count(connection, account.tenant, account.id, proved=True)
        with pytest.raises(TooManyRequests):
            throttle.count(connection, account.tenant, account.id, proved=True)


def test_guesses_at_the_same_moment_do_not_pass_the_pace_together(paced: Gate) -> None:
    account = paced.account()
    throttle = paced.accounts.login.credentials.throttle

    def attempt(_: int) -> bool:
        try:
            with write(paced.engine) as connection:
                throttle.count(connection, account.tenant, account.id, proved=False)
        except TooManyRequests:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(24))) == FREE


@pytest.mark.parametrize("jump", [-86400.0, -1.0])
def test_a_clock_that_is_set_back_lets_nobody_wait_longer(paced: Gate, jump: float) -> None:
    paced.account()
    for _ in range(FREE):
        guess(paced)
    paced.clock.at += jump
    assert (guess(paced) or 0) <= LIMITS.longest_delay


@given(failures=st.integers(0, 10_000), longest=st.floats(0, 300))
def test_a_wait_grows_and_never_exceeds_the_longest(failures: int, longest: float) -> None:
    limits = replace(LIMITS, longest_delay=longest)
    wait = limits.delay_after(failures)
    assert 0 <= wait <= longest
    assert wait <= limits.delay_after(failures + 1)
    assert (wait == 0) == (failures < limits.free_failures or longest == 0)
