"""A rule on history: what it matches, what was done about it, and what moderators made of it."""

from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from safety.domain.reviews import Action
from safety.domain.verdicts import Verdict
from safety.ruleset.bundle import Bundle
from safety.store import history
from safety.store.engine import read
from safety.training import segments as segments_module
from safety.training.backtest import Backtest, Question, backtest
from safety.training.past import Past
from safety.training.segments import Segments
from tests.factories import a_bundle, a_catalogue
from tests.integration.training.decided import (
    DAY,
    HOUR,
    START,
    a_comment,
    a_reviewed_comment,
    a_signal,
    resolve_all,
    store,
)

RULE = """
rule: sales
title: Sales talk
owner: trust
policy: spam.commercial
events: [comment]
when: ['content.text.contains("buy")']
unless: ['actor.has_label("partner")']
then: {verdict: block}
"""
WEEK = 7 * DAY
Facts = dict[str, Any]
UNTIL = START + 2 * WEEK


@pytest.fixture
def past(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Past:
    monkeypatch.setattr(segments_module, "EVENTS_EACH", 7)
    monkeypatch.setattr(segments_module, "FEWEST", 3)
    return Past(engine, Segments(tmp_path / "segments", a_catalogue()))


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return a_bundle(tmp_path, RULE)


def a_timer() -> float:
    return 0.001 * next(_TICKS)


_TICKS = count()


def ask(past: Past, question: Question) -> Backtest:
    with read(past.engine) as connection:
        resolved = history.resolved_since(connection, question.since)
    return backtest(past, question, resolved, timer=a_timer)


def question_of(bundle: Bundle, since: float = START, rule: str = "sales") -> Question:
    return Question(
        bundle.source(rule), bundle.values_of_lists, bundle.catalogue, since=since, until=UNTIL
    )


def test_matches_are_counted_by_day_and_verdict(past: Past, bundle: Bundle) -> None:
    no_label: Facts = {"actor.labels": []}
    store(
        past.engine,
        *(a_comment(START + n * HOUR, text="buy it", facts=no_label) for n in range(30)),
        *(a_comment(START + n * HOUR, text="nice", facts=no_label) for n in range(50)),
        a_comment(START + 3 * DAY, text="buy it", facts=no_label, verdict=Verdict.BLOCK),
        a_comment(START + 3 * DAY, text="buy it", facts={"actor.labels": ["partner"]}),
        a_comment(START - HOUR, text="buy it", facts=no_label),
    )
    found = ask(past, question_of(bundle))
    assert (found.events, found.matches, found.new, found.unknown) == (82, 31, 30, 0)
    assert [(day.date, day.events, day.matches, day.new) for day in found.days[:4]] == [
        ("2026-11-16", 48, 24, 24),
        ("2026-11-17", 30, 6, 6),
        ("2026-11-18", 2, 0, 0),
        ("2026-11-19", 2, 1, 0),
    ]
    assert len(found.days) == 14
    assert found.verdicts == {"allow": 30, "challenge": 0, "hold": 0, "block": 1}
    assert found.per_day == pytest.approx(31 / 14)
    assert found.cost_us is not None


def test_the_answer_is_the_same_before_and_after_sealing(past: Past, bundle: Bundle) -> None:
    facts: tuple[Facts, ...] = ({"actor.labels": []}, {"actor.labels": ["partner"]}, {})
    store(
        past.engine,
        *(a_comment(START + n, text=f"buy {n % 5}", facts=facts[n % 3]) for n in range(40)),
    )
    before = ask(past, question_of(bundle))
    past.segments.seal(past.engine, UNTIL)
    assert len(past.segments.sealed()) > 3
    assert replace(ask(past, question_of(bundle)), cost_us=before.cost_us) == before


def test_an_exclusion_nobody_recorded_caps_matches_and_is_told(past: Past, bundle: Bundle) -> None:
    held = a_comment(START + 1, text="buy it", verdict=Verdict.HOLD)
    store(past.engine, a_comment(START, text="buy it"), held)
    found = ask(past, question_of(bundle))
    assert (found.matches, found.capped, found.new) == (2, 2, 1)
    assert {one.name: one.missing for one in found.inputs} == {
        "actor.labels": 2,
        "content.text": 0,
    }


def test_events_that_lack_a_value_are_counted_as_unknown(past: Past, bundle: Bundle) -> None:
    store(
        past.engine,
        a_comment(START, event={"content": {"thread_id": "t"}}),
        a_comment(START + 1, text="buy"),
        a_comment(START + 2, text="hello"),
    )
    found = ask(past, question_of(bundle))
    assert (found.events, found.matches, found.unknown) == (3, 1, 1)


def test_it_says_which_live_rules_had_matched_and_what_the_rule_itself_did(
    past: Past, bundle: Bundle
) -> None:
    store(
        past.engine,
        a_comment(START, text="buy", signals=[a_signal("links"), a_signal("sales", mode="shadow")]),
        a_comment(START + 1, text="buy", signals=[a_signal("links")]),
        a_comment(START + 2, text="buy", signals=[a_signal("quiet", mode="shadow")]),
        a_comment(START + 3, text="hello", signals=[a_signal("sales"), a_signal("links")]),
    )
    found = ask(past, question_of(bundle))
    assert [(one.rule, one.matches) for one in found.overlaps] == [("links", 2)]
    recorded = found.recorded
    assert (recorded.both, recorded.only_then, recorded.only_now) == (1, 1, 2)


def test_moderators_tell_how_right_the_rule_is(past: Past, bundle: Bundle) -> None:
    first = [a_reviewed_comment(START + n, text="buy") for n in range(6)]
    second = [a_reviewed_comment(START + WEEK + n, text="buy") for n in range(4)]
    store(past.engine, *first, *second, a_comment(START + 50, text="buy"))
    resolve_all(past.engine, Action.REMOVE, [*first[:4], *second[:1]])
    resolve_all(past.engine, Action.KEEP, [*first[4:], *second[1:3]])
    found = ask(past, question_of(bundle))
    precision = found.precision
    assert (precision.matches, precision.looked_at, precision.confirmed) == (11, 9, 5)
    assert precision.coverage == pytest.approx(9 / 11)
    assert precision.interval is not None
    assert precision.interval == pytest.approx((0.2667, 0.8112), abs=1e-4)
    weeks = [(week.monday, week.precision.looked_at, week.precision.confirmed)
             for week in found.trend]  # fmt: skip
    assert weeks == [("2026-11-16", 6, 4), ("2026-11-23", 3, 1)]


def test_samples_bring_ids_and_values_and_content_only_on_request(
    past: Past, bundle: Bundle
) -> None:
    known = a_comment(START + 5, text="buy", verdict=Verdict.BLOCK, facts={"actor.labels": []})
    new = a_reviewed_comment(START + 2, text="buy this", facts={"actor.labels": ["old"]})
    store(past.engine, new, known)
    resolve_all(past.engine, Action.REMOVE, [new])
    first, second = ask(past, question_of(bundle)).samples
    assert (first.decision_id, first.is_new, first.reviewed) == (new.id, True, "confirmed")
    assert (second.decision_id, second.is_new, second.reviewed) == (known.id, False, "")
    assert first.values == {"actor.labels": ("old",)}
    open_question = replace(question_of(bundle), with_content=True, samples=1)
    (only,) = ask(past, open_question).samples
    assert only.values == {"actor.labels": ("old",), "content.text": "buy this"}
    assert ask(past, replace(open_question, samples=0)).samples == ()


def test_a_tenant_is_asked_about_alone(past: Past, bundle: Bundle) -> None:
    store(
        past.engine,
        a_comment(START, text="buy"),
        a_comment(START + 1, text="buy", tenant="other"),
    )
    assert ask(past, replace(question_of(bundle), tenant="other")).matches == 1
    assert ask(past, question_of(bundle)).matches == 2


WINDOWED = """
rule: burst
title: Burst
owner: trust
policy: spam.commercial
events: [comment]
when: ['count("comment", by=actor.id, within="1h") > 3']
then: {verdict: hold}
"""


def test_a_window_that_nobody_counted_then_is_counted_from_before_the_first_event(
    past: Past, tmp_path: Path
) -> None:
    bundle = a_bundle(tmp_path / "windowed", WINDOWED)
    store(past.engine, *(a_comment(START + n * 600) for n in range(12)))
    question = question_of(bundle, START + 6 * 600, "burst")
    found = ask(past, question)
    assert (found.events, found.matches) == (6, 6)
    assert ask(past, replace(question, since=START)).matches == 9


def test_what_came_later_changes_nothing_about_earlier_days(past: Past, tmp_path: Path) -> None:
    bundle = a_bundle(tmp_path / "windowed", WINDOWED)
    question = replace(question_of(bundle, START, "burst"), until=START + DAY)
    store(past.engine, *(a_comment(START + n * 700) for n in range(20)))
    before = ask(past, question)
    store(past.engine, *(a_comment(START + DAY + n) for n in range(20)))
    assert replace(ask(past, question), cost_us=before.cost_us) == before
