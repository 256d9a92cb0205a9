"""What is counted as it comes: by minute, by rule and by entry, for all processes together."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from safety.decisions.judge import Judge, Judgement, Prepared
from safety.decisions.steering.tallies import Tallying
from safety.domain.reviews import Action
from safety.domain.verdicts import Verdict
from safety.state.memory import MemoryCounters
from safety.store import rule_counts
from safety.store.engine import open_engine, read
from safety.store.tables import attack_minutes
from tests.factories import NOW, an_event, raw
from tests.integration.training.decided import (
    a_comment,
    a_reviewed_comment,
    a_signal,
    resolve_all,
    store,
)
from tests.steering_bench import Bench

MINUTE, HOUR = NOW - NOW % 60, NOW - NOW % 3600


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Both databases: what is tested here is what they are asked."""
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


def judged(bench: Bench, number: int = 1, **changes: Any) -> Judgement:
    judge = Judge(MemoryCounters(), lambda prefix: f"{prefix}_{number}")
    prepared = Prepared(bench.bundle, ())
    event = prepared.reader.read(
        raw(an_event(id=f"e{number}", **changes)), now=bench.clock(), fallback_id=lambda: "e"
    )
    return judge.judge("acme", event, prepared, now=bench.clock(), has_time=lambda: True)


@pytest.fixture
def tallying(bench: Bench) -> Tallying:
    return Tallying(bench.engine, bench.clock, lambda: bench.bundle)


def notice(tallying: Tallying, *judgements: Judgement) -> None:
    for judgement in judgements:
        tallying.noticed(judgement, judgement.verdict)
    tallying.refresh()
    tallying.flush()


def test_rules_events_and_entries_are_counted(
    bench: Bench, tallying: Tallying, engine: Engine
) -> None:
    actor = {"id": "u_2", "email": "x@spam.example"}
    notice(tallying, judged(bench), judged(bench, 2, actor=actor))
    record = bench.parts.records.of("long-text")
    assert (record.today, record.week, record.days[-1]) == (2, 2, 2)
    assert bench.parts.records.of("denied").today == 1
    with read(engine) as connection:
        assert rule_counts.hits_of(connection, "deny_domains")["spam.example"].hits == 1
    scene = bench.parts.scene()
    assert scene.minutes[-1].start == MINUTE
    assert scene.minutes[-1].counts == {Verdict.BLOCK: 2}
    tops = {group.kind: group.subjects for group in scene.groups}
    assert [(s.value, s.events, s.stopped) for s in tops["net.ip"]] == [("203.0.113.9", 2, 2)]
    assert {s.value for s in tops["rule"]} == {"long-text", "denied"}


def test_what_several_processes_count_is_added(bench: Bench, engine: Engine) -> None:
    for number in range(3):
        one = Tallying(engine, bench.clock, lambda: bench.bundle)
        notice(one, judged(bench, number))
    assert bench.parts.records.of("long-text").today == 3
    assert bench.parts.scene().events == 3


def test_matches_in_shadow_are_counted_apart(bench: Bench, tallying: Tallying) -> None:
    notice(tallying, judged(bench, content={"text": "a long text indeed " * 8}))
    record = bench.parts.records.of("quiet")
    assert (record.week, record.shadow_week, record.today) == (0, 1, 0)


def test_a_flood_of_addresses_fills_neither_memory_nor_database(
    bench: Bench, tallying: Tallying, engine: Engine
) -> None:
    base = judged(bench)
    for number in range(3_000):
        values = {**base.values, "net.ip": f"2001:db8:{number % 2000:x}::/64"}
        tallying.noticed(base._replace(values=values), Verdict.BLOCK)
        if number % 500 == 0:
            tallying.refresh()
    tallying.refresh()
    assert len(tallying._tally.minutes) < 1_500
    tallying.flush()
    with read(engine) as connection:
        rows = connection.execute(attack_minutes.select()).all()
    assert sum(row.kind == "net.ip" for row in rows) <= 500
    assert bench.parts.scene().events == 3_000


def test_minutes_are_kept_for_a_day_and_hours_for_five_weeks(
    bench: Bench, tallying: Tallying, engine: Engine
) -> None:
    notice(tallying, judged(bench))
    bench.clock.at += 86_400 + 60  # type: ignore[attr-defined]  # the test's own clock
    tallying._purge()
    with read(engine) as connection:
        assert connection.execute(attack_minutes.select()).all() == []
    assert bench.parts.records.of("long-text").week == 1
    bench.clock.at += 35 * 86_400  # type: ignore[attr-defined]  # as above
    tallying._purge()
    with read(engine) as connection:
        assert rule_counts.last_hour_of(connection, "long-text") is None


def test_precision_is_what_moderators_said_live_and_shadow_apart(
    bench: Bench, engine: Engine
) -> None:
    live, shadow = a_signal("long-text"), a_signal("quiet", mode="shadow")
    entries = [
        a_reviewed_comment(NOW - 9_000 + number, signals=(live, shadow), verdict=Verdict.HOLD)
        for number in range(4)
    ]
    store(engine, *entries)
    resolve_all(engine, Action.REMOVE, entries[:3])
    records = bench.parts.records
    assert (records.of("long-text").confirmed, records.of("long-text").looked_at) == (3, 3)
    resolve_all(engine, Action.KEEP, entries[3:])
    record = records.of("long-text")
    assert (record.confirmed, record.looked_at) == (3, 4)
    assert record.precision is not None
    assert record.precision[0] == 0.75
    assert records.of("quiet").shadow_precision == record.precision
    assert records.of("quiet").precision is None


def test_matches_are_found_by_the_hour_in_which_the_rule_matched(
    bench: Bench, engine: Engine, tallying: Tallying
) -> None:
    assert bench.parts.matches.latest("long-text", limit=5) == []
    notice(tallying, judged(bench))
    older = a_comment(HOUR + 1, signals=(a_signal("long-text", verdict="block"),))
    newer = a_comment(HOUR + 2, signals=(a_signal("long-text", mode="shadow"),))
    store(engine, older, newer, a_comment(HOUR + 3, signals=(a_signal("long-text-2"),)))
    found = bench.parts.matches.latest("long-text", limit=5)
    assert [match.decision for match in found] == [newer.id, older.id]
    assert [match.is_live for match in found] == [False, True]
