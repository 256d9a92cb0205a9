"""The tally: what is counted, measured and remembered."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.demo.door import Answer
from safety.demo.scenarios import Scenario, Step
from safety.demo.tally import SceneCount, Tally, quantile
from safety.domain.verdicts import Verdict


def a_step(text: str = "hello", *, attack: bool = True) -> Step:
    event = {"type": "comment", "actor": {"id": "u-1"}, "content": {"text": text}}
    return Step(0.0, Scenario.SPAM_WAVE, attack, event)


def an_answer(verdict: Verdict = Verdict.HOLD, seconds: float = 0.01) -> Answer:
    return Answer(verdict, ("LINK_BURST",), "content" if verdict else None, seconds)


def test_before_anything_happened_the_waits_are_unknown() -> None:
    seen = Tally().snapshot(0.0)
    assert (seen.events, seen.per_second, seen.last_trouble) == (0, 0.0, None)
    assert math.isnan(seen.median)


def test_a_stopped_attack_and_a_disturbed_person_are_told_apart() -> None:
    tally = Tally()
    for attack, verdict in ((True, Verdict.BLOCK), (True, Verdict.ALLOW), (False, Verdict.HOLD)):
        tally.answered(a_step(attack=attack), an_answer(verdict), 1.0)
    assert tally.snapshot(1.0).scenes == {
        Scenario.SPAM_WAVE: SceneCount(attacks=2, stopped=1, ordinary=1, disturbed=1)
    }


def test_the_rate_is_that_of_the_last_seconds() -> None:
    tally = Tally()
    for tenth in range(100):
        tally.answered(a_step(), an_answer(), tenth / 10)
    assert tally.snapshot(9.9).per_second == pytest.approx(10, abs=0.3)
    assert tally.snapshot(60.0).per_second == 0


def test_only_decisions_above_allow_are_notable_and_only_the_last_few() -> None:
    tally = Tally()
    tally.answered(a_step("fine"), an_answer(Verdict.ALLOW), 0.0)
    for number in range(20):
        tally.answered(a_step(f"spam {number}"), an_answer(), 0.0)
    shown = [one.text for one in tally.snapshot(0.0).notable]
    assert shown == [f"spam {number}" for number in range(14, 20)]


def test_control_characters_and_long_texts_do_not_reach_the_terminal() -> None:
    tally = Tally()
    tally.answered(a_step("\x1b[31mred\u202e" + "x" * 500), an_answer(), 0.0)
    (one,) = tally.snapshot(0.0).notable
    assert one.text.startswith("·[31mred·x")
    assert len(one.text) < 70


def test_a_failure_is_counted_with_its_words() -> None:
    tally = Tally()
    tally.failed("no answer")
    assert (tally.snapshot(0).troubles, tally.snapshot(0).last_trouble) == (1, "no answer")


@given(st.lists(st.floats(0, 10), min_size=1), st.floats(0, 1))
def test_a_quantile_is_a_value_that_enough_others_do_not_exceed(
    values: list[float], share: float
) -> None:
    found = quantile(sorted(values), share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
