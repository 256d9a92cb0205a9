"""Nobody learns from the time of an answer whether somebody has an account."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest

from safety.accounts.gate_limits import Rate
from safety.domain.errors import InvalidCredentials
from safety.gates.argon2_profiles import DEFAULT_PROFILE, PROFILES
from safety.store.engine import migrate, open_engine
from tests.integration.accounts.gate_house import MAIN, UNPACED, Gate, a_gate

ROUNDS = 20
# Alike is: within a tenth or five milliseconds, or no better told apart than by a bad guess.
_GAP_SECONDS, _GAP_SHARE, _GUESS = 0.005, 0.1, 0.2


@pytest.fixture
def dear_gate(tmp_path: Path) -> Iterator[Gate]:
    """A gate with the passwords that ship, and room for many tries."""
    engine = open_engine(f"sqlite:///{tmp_path / 'safety.db'}")
    migrate(engine)
    plenty = Rate(10_000, 60)
    limits = replace(UNPACED, failures_address=plenty, resets_address=plenty)
    with a_gate(engine, profile=PROFILES[DEFAULT_PROFILE], limits=limits) as running:
        yield running
    engine.dispose()


def seconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def tells_apart(one: Sequence[float], other: Sequence[float]) -> float:
    """The probability that of two times the one from `other` is the longer (AUC)."""
    longer = sum((b > a) + 0.5 * (b == a) for a in one for b in other)
    return longer / (len(one) * len(other))


def are_alike(one: Sequence[float], other: Sequence[float]) -> bool:
    gap = abs(median(one) - median(other))
    allowed = max(_GAP_SECONDS, _GAP_SHARE * median(one))
    return gap <= allowed or abs(tells_apart(one, other) - 0.5) <= _GUESS


def test_a_wrong_password_takes_as_long_as_an_unknown_name(dear_gate: Gate) -> None:
    for number in range(ROUNDS):
        dear_gate.account(f"known{number}x")

    def fail(login: str) -> None:
        with pytest.raises(InvalidCredentials):
            dear_gate.login(login, "not the right password")

    known, unknown = [], []
    for number in range(ROUNDS):  # interleaved, so that what else runs here disturbs both
        known.append(seconds(partial(fail, f"known{number}x")))
        unknown.append(seconds(partial(fail, f"nobody{number}x")))
    assert are_alike(known[2:], unknown[2:])


def test_asking_for_a_reset_takes_as_long_for_a_name_that_nobody_has(dear_gate: Gate) -> None:
    for number in range(ROUNDS):
        dear_gate.account(f"known{number}x", f"mia{number}@example.com")

    def ask(login: str) -> None:
        dear_gate.accounts.passwords.request_reset(MAIN, login, dear_gate.stranger())

    known, unknown = [], []
    for number in range(ROUNDS):
        known.append(seconds(partial(ask, f"known{number}x")))
        unknown.append(seconds(partial(ask, f"nobody{number}x")))
    assert are_alike(known[2:], unknown[2:])


def test_signing_up_with_a_known_address_takes_as_long(dear_gate: Gate) -> None:
    for number in range(ROUNDS):
        dear_gate.verified(f"owner{number}x", f"known{number}@example.com")

    def sign_up(name: str, email: str) -> None:
        assert dear_gate.sign_up(name, email).account is not None

    known, fresh = [], []
    for number in range(ROUNDS):
        known.append(seconds(partial(sign_up, f"one{number}x", f"known{number}@example.com")))
        fresh.append(seconds(partial(sign_up, f"two{number}x", f"fresh{number}@example.com")))
    assert are_alike(known[2:], fresh[2:])
