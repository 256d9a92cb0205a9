"""The challenge level: raised for a while by a person, obeyed by all, never stricter than that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from safety.decisions.steering.raising import Raising, raised_signal
from safety.domain.attack import NEW_SECONDS, AttackLevel
from safety.domain.decisions import Signal, SignalSource, combine
from safety.domain.errors import InvalidInput
from safety.domain.features import Values
from safety.domain.verdicts import Verdict
from safety.store import audit
from safety.store.engine import read
from tests.factories import NOW
from tests.steering_bench import AUDIT_KEY, Bench

NEW: Values = {"actor.created_at": NOW - 60}
OLD: Values = {"actor.created_at": NOW - NEW_SECONDS - 1}
NOBODY_KNOWS: Values = {}


def another(bench: Bench) -> Raising:
    """The same in another process."""
    return Raising(bench.engine, bench.clock, lambda prefix: f"{prefix}_other", AUDIT_KEY)


@pytest.mark.parametrize(
    ("level", "event", "values", "is_challenged"),
    [
        (AttackLevel.DEARER, "signup", NEW, False),
        (AttackLevel.NEWCOMERS, "comment", NEW, True),
        (AttackLevel.NEWCOMERS, "comment", OLD, False),
        (AttackLevel.NEWCOMERS, "comment", NOBODY_KNOWS, False),
        (AttackLevel.NEWCOMERS, "signup", NOBODY_KNOWS, True),
        (AttackLevel.EVERYBODY, "comment", OLD, True),
        (AttackLevel.EVERYBODY, "comment", NOBODY_KNOWS, True),
    ],
)
def test_a_level_challenges_whom_it_says(
    level: AttackLevel, event: str, values: Values, is_challenged: bool
) -> None:
    signal = raised_signal(level, event, values, (), NOW)
    assert (signal is not None) is is_challenged
    assert signal is None or signal.verdict is Verdict.CHALLENGE


def test_whoever_a_rule_trusts_is_left_alone_and_so_are_test_values() -> None:
    trusted = Signal(SignalSource.RULE, "trusted", Verdict.ALLOW, "T", override=True)
    in_shadow = Signal(SignalSource.RULE, "t", Verdict.ALLOW, "T", override=True, live=False)
    test_value = Signal(SignalSource.TEST_VALUE, "x", Verdict.ALLOW, "TEST_VALUE")
    for signals, is_challenged in (
        ((trusted,), False),
        ((test_value,), False),
        ((in_shadow,), True),
    ):
        signal = raised_signal(AttackLevel.EVERYBODY, "comment", OLD, signals, NOW)
        assert (signal is not None) is is_challenged


SIGNALS = st.lists(
    st.builds(
        Signal,
        st.just(SignalSource.RULE),
        st.just("r"),
        st.sampled_from(Verdict),
        st.just("R"),
        live=st.booleans(),
        override=st.booleans(),
    ),
    max_size=4,
).map(tuple)


@given(st.sampled_from(AttackLevel), SIGNALS, st.sampled_from([NEW, OLD, NOBODY_KNOWS]))
def test_a_level_never_softens_and_never_goes_beyond_a_challenge(
    level: AttackLevel, signals: tuple[Signal, ...], values: Values
) -> None:
    before = combine(signals)
    signal = raised_signal(level, "comment", values, signals, NOW)
    after = before if signal is None else combine((*signals, signal))
    assert after >= before
    assert after <= max(before, Verdict.CHALLENGE)


def test_what_one_process_raises_every_process_obeys_until_its_end(bench: Bench) -> None:
    raising, other = bench.parts.raising, another(bench)
    raising.raise_to(AttackLevel.NEWCOMERS, lasts=1800, reason="wave", author="ana")
    other.refresh()
    assert other.now is not None
    assert other.now.level is AttackLevel.NEWCOMERS
    assert other.effort() == 4
    assert other.signal("signup", {}, (), bench.clock()) is not None
    bench.clock.at += 1800  # type: ignore[attr-defined]  # the test's own clock
    assert (other.effort(), other.height()) == (1, 0.0)
    assert other.signal("signup", {}, (), bench.clock()) is None


def test_a_new_level_takes_the_place_of_the_one_before_and_may_be_lowered(
    bench: Bench, engine: Engine
) -> None:
    raising = bench.parts.raising
    raising.raise_to(AttackLevel.EVERYBODY, lasts=1800, reason="wave", author="ana")
    bench.clock.at += 1  # type: ignore[attr-defined]  # the test's own clock
    raising.raise_to(AttackLevel.DEARER, lasts=900, reason="less", author="kim")
    other = another(bench)
    other.refresh()
    assert other.height() == 1.0
    assert other.lower(author="ana")
    raising.refresh()
    assert raising.now is None
    assert not raising.lower(author="ana")
    with read(engine) as connection:
        done = [(e.action, e.author) for e in audit.recent(connection)]
    assert done[:3] == [
        ("attack.lowered", "ana"), ("attack.raised", "kim"), ("attack.raised", "ana"),
    ]  # fmt: skip
    assert [each.ended_by for each in raising.history()] == ["ana", "kim"]


@pytest.mark.parametrize(("lasts", "reason"), [(59, "x"), (86_401, "x"), (1800, " ")])
def test_a_level_has_a_reason_and_an_end_within_a_day(
    bench: Bench, lasts: float, reason: str
) -> None:
    with pytest.raises(InvalidInput):
        bench.parts.raising.raise_to(AttackLevel.DEARER, lasts=lasts, reason=reason, author="ana")
