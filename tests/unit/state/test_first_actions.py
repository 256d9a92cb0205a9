"""The first actions of an actor lead to the very trace that would have been kept of them."""

from hypothesis import given
from hypothesis import strategies as st

from safety.domain.features import Value
from safety.domain.habits import LEAST_ACTIONS, PACKED, Watch
from safety.state.behaviour import Behaviour
from safety.state.first_actions import is_enough, trace_of, with_action, with_delete
from safety.state.trace import Trace

NOON = 1_790_000_000.0
marks = st.none() | st.integers(min_value=0, max_value=2**64 - 1)
targets = st.none() | st.integers(min_value=0, max_value=2**32 - 1)
moments = st.floats(min_value=NOON, max_value=NOON + 1e7)
actions = st.lists(st.tuples(moments, marks, targets) | st.booleans(), max_size=2 * LEAST_ACTIONS)


def told(trace: Trace) -> dict[str, object]:
    return {name: getattr(trace, name) for name in Trace.__slots__}


@given(actions)
def test_a_trace_of_what_was_kept_is_the_trace_of_what_happened(
    found: list[tuple[float, int | None, int | None] | bool],
) -> None:
    trace, known = Trace(), b""
    for one in found:
        if isinstance(one, bool):
            trace.delete(quick=one)
            known = with_delete(known, quick=one)
            continue
        at, text, target = one
        known = with_action(known, at, text, target)
        trace.act(at)
        if text is not None:
            trace.write(text)
        if target is not None:
            trace.reach(target)
    assert told(trace_of(known)) == told(trace)


def test_they_are_kept_until_a_trace_could_show_something() -> None:
    known = b""
    for number in range(LEAST_ACTIONS):
        assert not is_enough(known)
        known = with_action(known, NOON + number, None, None)
    assert is_enough(known)
    assert trace_of(known).actions == LEAST_ACTIONS


def test_few_actions_take_no_more_than_a_tenth_of_a_trace() -> None:
    behaviour = Behaviour(10)
    watch = Watch(habits=True, reads=(PACKED,))
    shown: dict[str, Value] = {}
    for number in range(LEAST_ACTIONS):
        kept = behaviour._traces.get(("main", "mia"), b"")
        assert isinstance(kept, bytes)
        assert len(kept) < 30 * LEAST_ACTIONS
        shown = behaviour.observe("main", watch, {"actor.id": "mia"}, NOON + 60.0 * number)
    assert isinstance(behaviour._traces["main", "mia"], Trace)
    assert PACKED in shown
