"""Verdicts combine by strictness alone."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.domain.decisions import Signal, SignalSource, combine
from safety.domain.verdicts import FailPolicy, Verdict, strictest

signals = st.lists(
    st.builds(
        Signal,
        source=st.just(SignalSource.RULE),
        name=st.just("r"),
        verdict=st.sampled_from(Verdict),
        reason=st.just("R"),
        live=st.booleans(),
        final=st.booleans(),
        override=st.just(False),
    )
).map(tuple)
lifting = Signal(SignalSource.RULE, "trusted", Verdict.ALLOW, "TRUSTED", override=True)


@given(signals, signals)
def test_one_more_signal_never_softens_a_decision(
    some: tuple[Signal, ...], more: tuple[Signal, ...]
) -> None:
    assert combine(some + more) >= combine(some)


@given(signals, st.randoms())
def test_the_order_of_signals_does_not_matter(
    some: tuple[Signal, ...], chance: random.Random
) -> None:
    shuffled = list(some)
    chance.shuffle(shuffled)
    assert combine(tuple(shuffled)) is combine(some)


@given(signals)
def test_a_shadow_signal_is_never_obeyed(some: tuple[Signal, ...]) -> None:
    live = tuple(signal for signal in some if signal.live)
    assert combine(some) is combine(live)


@given(signals)
def test_an_override_lifts_all_but_final_rules(some: tuple[Signal, ...]) -> None:
    final = strictest(signal.verdict for signal in some if signal.live and signal.final)
    assert combine((*some, lifting)) is final


@given(signals, st.sampled_from(FailPolicy))
def test_an_override_does_not_lift_the_fail_policy(
    some: tuple[Signal, ...], policy: FailPolicy
) -> None:
    failed = Signal(SignalSource.FAIL_POLICY, policy.value, policy.verdict, "NOT_FULLY_JUDGED")
    assert combine((*some, failed, lifting)) >= policy.verdict


def test_no_signal_allows() -> None:
    assert combine(()) is Verdict.ALLOW


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_is_read_back_from_its_word(verdict: Verdict) -> None:
    assert Verdict.parse(verdict.word) is verdict


def test_an_unknown_word_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="use allow, challenge, hold, block"):
        Verdict.parse("ban")


def test_each_fail_policy_has_its_verdict() -> None:
    assert [policy.verdict.word for policy in FailPolicy] == ["allow", "challenge", "block"]
