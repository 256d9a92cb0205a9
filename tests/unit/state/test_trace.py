"""What one actor's trace remembers: exact while nothing is forgotten, bounded for ever."""

import sys
from collections import Counter
from itertools import pairwise
from math import isclose, isfinite, isnan, log2
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from safety.domain.habits import LEAST_ACTIONS, OF_TIMES, packed, unpacked
from safety.state.habits import content_of, times_of
from safety.state.trace import FORGETS_AT, REMEMBERED_TEXTS, Trace

NOON = 1_790_000_000.0
DAY = 86_400.0


def after(*times: float) -> Trace:
    trace = Trace()
    for at in times:
        trace.act(at)
    return trace


def habits(times: list[float]) -> dict[str, float]:
    numbers = times_of(after(*times))
    assert numbers is not None
    return dict(zip(OF_TIMES, numbers, strict=True))


def every(seconds: float, times: int) -> list[float]:
    return [NOON + seconds * number for number in range(times)]


def a_person(days: int, seed: int = 1) -> list[float]:
    random = Random(seed)  # noqa: S311  a test throws its dice
    times = []
    for day in range(days):
        at = NOON + day * DAY + random.uniform(0, 3) * 3600
        for _ in range(random.randint(2, 12)):
            at += random.lognormvariate(4.5, 1.3)
            times.append(at)
    return sorted(times)


def bits(values: list[int]) -> float:
    return -sum(n / len(values) * log2(n / len(values)) for n in Counter(values).values())


def test_too_few_actions_show_nothing() -> None:
    assert times_of(after(*every(60, LEAST_ACTIONS - 1))) is None
    assert times_of(after(*every(60, LEAST_ACTIONS))) is not None


@given(st.lists(st.floats(0, 20_000), min_size=25, max_size=200))
@settings(max_examples=50, deadline=None)
def test_entropies_kept_up_to_date_are_those_of_the_whole_list(gaps: list[float]) -> None:
    times = [NOON]
    for gap in gaps:
        times.append(times[-1] + gap)
    found = habits(times)
    bins = [int(b - a).bit_length() for a, b in pairwise(times)]
    pairs = [a * 100 + b for a, b in pairwise(bins)]
    assert isclose(found["gap_entropy"], bits(bins), abs_tol=1e-9)
    expected = max(0.0, bits(pairs) - bits(bins))
    assert isclose(found["gap_transition_entropy"], expected, abs_tol=1e-9)


@given(st.lists(st.floats(-1e9, 4e9, allow_nan=False), min_size=20, max_size=300))
@settings(max_examples=80, deadline=None)
def test_any_times_in_any_order_show_numbers_that_can_be_kept(times: list[float]) -> None:
    numbers = times_of(after(*times))
    if numbers is not None:
        assert all(isfinite(number) or isnan(number) for number in numbers)
        assert unpacked(packed(numbers)) is not None


def test_a_clock_shows_what_a_person_does_not() -> None:
    clock, person = habits(every(300, 200)), habits(a_person(30))
    assert clock["gap_entropy"] == 0.0
    assert clock["same_gap_share"] == 1.0
    assert clock["minute_rhythm"] > 0.99
    assert clock["five_minute_rhythm"] > 0.99
    assert person["gap_entropy"] > 2.5
    assert person["same_gap_share"] < 0.1
    assert person["minute_rhythm"] < 0.3
    assert person["quiet_hours_share"] == 0.0
    assert person["longest_awake"] < 8


def test_who_never_rests_is_awake_as_long_as_it_acts() -> None:
    assert isclose(habits(every(600, 433))["longest_awake"], 72.0)


def test_what_is_old_is_forgotten_so_that_a_new_habit_shows() -> None:
    trace = after(*a_person(300))
    start = trace.last
    for number in range(4 * FORGETS_AT):
        trace.act(start + 60.0 * (number + 1))
    numbers = times_of(trace)
    assert numbers is not None
    assert numbers[OF_TIMES.index("same_gap_share")] > 0.9
    assert trace.actions <= FORGETS_AT


def test_a_flood_of_late_actions_changes_no_gap_and_breaks_nothing() -> None:
    trace = after(*every(60, 30))
    before = trace.gaps.tolist()
    for _ in range(200_000):
        trace.act(NOON - DAY)
    assert trace.gaps.tolist() == [0] * len(before)  # halved again and again
    assert trace.actions <= FORGETS_AT


def test_a_trace_takes_a_few_kilobytes() -> None:
    trace = after(*a_person(200))
    for number in range(100):
        trace.write(number << 20)
        trace.reach(number)
    parts = [getattr(trace, name) for name in Trace.__slots__]
    held = [*trace.same, *trace.close, *trace.texts, *trace.targets, *trace.moments]
    assert sum(map(sys.getsizeof, (trace, *parts, *held))) < 7_000
    arrays = (trace.gaps, trace.pairs, trace.hours)
    assert sum(len(each) * each.itemsize for each in arrays) < 1_000


def test_repeated_texts_and_targets_are_shares_of_what_was_done() -> None:
    trace = Trace()
    for number in range(10):
        trace.write(0xFFFF0000FFFF0000 ^ (number % 4))  # two bits apart at most
        trace.reach(number % 2)
    trace.delete(quick=True)
    trace.delete(quick=False)
    assert dict(content_of(trace)) == {
        "actor.text_repeats": 0.9,
        "actor.target_repeats": 0.8,
        "actor.quick_deletes": 0.5,
    }


def test_a_text_counts_as_new_again_once_others_came_between() -> None:
    trace = Trace()
    marks = [number * 0x9E3779B97F4A7C15 & (1 << 64) - 1 for number in range(REMEMBERED_TEXTS + 2)]
    for mark in (*marks, marks[0]):
        trace.write(mark)
    assert trace.repeats == 0


def test_who_writes_nothing_shows_nothing_of_texts() -> None:
    assert dict(content_of(after(*every(60, 50)))) == {}


@given(st.text(max_size=120))
def test_a_text_that_is_no_packed_habits_is_unknown(text: str) -> None:
    found = unpacked(text)
    assert found is None or len(found) == len(OF_TIMES)
