"""Windows of the past are counted from what had happened by then, and from nothing later."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.ruleset.bundle import Bundle
from safety.ruleset.load import load_bundle
from safety.store.stored import StoredDecision
from safety.training.replay_windows import WindowPlan, with_windows
from tests.factories import a_catalogue, a_rules_folder
from tests.unit.training.past_events import START, a_decision, segments_of

COUNT = 'count("comment", "post", by=actor.id, within="1m")'
DISTINCT = 'distinct(content.thread_id, "post", by=actor.id, within="10m")'
RULE = f"""
rule: busy
title: Busy
owner: trust
policy: spam.commercial
events: [post]
when:
  - '{COUNT} > 5 or {DISTINCT} > 3'
then: {{verdict: hold}}
"""
CATALOGUE = a_catalogue()
EVENTS = st.lists(
    st.tuples(
        st.integers(0, 40),  # seconds since the event before
        st.sampled_from(["u_1", "u_2"]),
        st.sampled_from(["post", "comment"]),
        st.sampled_from(["a", "b", "c"]),
    ),
    max_size=30,
)


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder: Path = a_rules_folder(tmp_path_factory.mktemp("rules"), RULE)
    return load_bundle([folder], at=START)


def decisions_of(events: list[tuple[int, str, str, str]]) -> list[StoredDecision]:
    at = START
    decisions = []
    for number, (pause, actor, event_type, thread) in enumerate(events):
        at += pause
        changes = {"actor": actor, "event_type": event_type, "thread": thread}
        decisions.append(a_decision(number, at, **changes))
    return decisions


def windows_of(
    bundle: Bundle, decisions: list[StoredDecision], each: int = 1000
) -> list[dict[str, object]]:
    """What the windows said at each post."""
    plan = WindowPlan.of(bundle.compiled)
    read: list[dict[str, object]] = []
    for segment in with_windows(segments_of(CATALOGUE, decisions, each), plan):
        seen = segment.columns.values([COUNT, DISTINCT], segment.rows_of(["post"]))
        read += [dict(values) for values in seen]
    return read


def counted_by_hand(events: list[tuple[int, str, str, str]]) -> list[dict[str, object]]:
    at, past, read = START, [], []
    for pause, actor, event_type, thread in events:
        at += pause
        past.append((at, actor, event_type, thread))
        if event_type == "post":
            mine = [e for e in past if e[1] == actor]
            threads = {e[3] for e in mine if e[2] == "post" and e[0] > at - 600}
            seen: dict[str, object] = {COUNT: sum(e[0] > at - 60 for e in mine)}
            read.append(seen | {DISTINCT: len(threads)})
    for seen in read:  # counted exactly as far as the rule compares
        seen[COUNT] = min(int(str(seen[COUNT])), 6)
        seen[DISTINCT] = min(int(str(seen[DISTINCT])), 4)
    return read


@given(events=EVENTS, each=st.integers(1, 40))
def test_windows_are_what_counting_by_hand_gives(
    bundle: Bundle, events: list[tuple[int, str, str, str]], each: int
) -> None:
    assert windows_of(bundle, decisions_of(events), each) == counted_by_hand(events)


@given(events=EVENTS, cut=st.integers(0, 30))
def test_what_happens_later_changes_no_window(
    bundle: Bundle, events: list[tuple[int, str, str, str]], cut: int
) -> None:
    known = windows_of(bundle, decisions_of(events[:cut]))
    assert windows_of(bundle, decisions_of(events))[: len(known)] == known


def recorded(*numbers: int | None, ruleset: str = "one") -> list[StoredDecision]:
    """Posts a second apart whose facts hold these numbers."""
    return [
        a_decision(place, START + place, facts={} if n is None else {COUNT: n}, ruleset=ruleset)
        for place, n in enumerate(numbers)
    ]


def counts(bundle: Bundle, decisions: list[StoredDecision]) -> list[object]:
    return [seen[COUNT] for seen in windows_of(bundle, decisions)]


def test_recorded_numbers_are_kept(bundle: Bundle) -> None:
    assert counts(bundle, recorded(2, 7, 1, 2, 9)) == [2, 7, 1, 2, 9]


def test_what_was_not_recorded_is_counted(bundle: Bundle) -> None:
    assert counts(bundle, recorded(None, None, 9, None)) == [1, 2, 9, 4]


def test_a_number_that_may_have_been_cut_off_is_counted_again(bundle: Bundle) -> None:
    """The ruleset of then compared with 2, so it knew nothing above 3."""
    assert counts(bundle, recorded(1, 2, 3, 3, 3)) == [1, 2, 3, 4, 5]
    older = recorded(1, 2, 3, 3)
    newer = [a_decision(9, START + 9, facts={COUNT: 40}, ruleset="two")]
    assert counts(bundle, older + newer) == [1, 2, 3, 4, 40]
