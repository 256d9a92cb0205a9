"""Precision per rule comes from what was recorded and what moderators decided."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from safety.domain.reviews import Action
from safety.store import history
from safety.store.engine import read
from safety.training import segments as segments_module
from safety.training.past import Past
from safety.training.precision import Precision, RulePrecision, precision_per_rule, worst_first
from safety.training.segments import Segments
from tests.factories import a_catalogue
from tests.integration.training.decided import (
    DAY,
    START,
    a_comment,
    a_reviewed_comment,
    a_signal,
    resolve_all,
    store,
)

UNTIL = START + 30 * DAY


@pytest.fixture
def past(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Past:
    monkeypatch.setattr(segments_module, "EVENTS_EACH", 4)
    monkeypatch.setattr(segments_module, "FEWEST", 2)
    return Past(engine, Segments(tmp_path / "segments", a_catalogue()))


def found(past: Past, tenant: str | None = None) -> list[RulePrecision]:
    with read(past.engine) as connection:
        resolved = history.resolved_since(connection, START)
    return list(precision_per_rule(past, resolved, START, UNTIL, tenant=tenant))


def summed(rules: list[RulePrecision]) -> dict[tuple[str, bool], Precision]:
    return {(one.rule, one.is_live): one.total for one in rules}


def test_live_and_shadow_are_told_apart(past: Past) -> None:
    both = [a_signal("links"), a_signal("quiet", mode="shadow")]
    comments = [a_reviewed_comment(START + n, signals=both) for n in range(6)]
    trial = a_reviewed_comment(START + 50, signals=[a_signal("links", mode="shadow")])
    store(past.engine, *comments, trial, a_comment(START + 60))
    resolve_all(past.engine, Action.REMOVE, comments[:3])
    resolve_all(past.engine, Action.KEEP, [comments[3], trial])
    expected = {
        ("links", True): Precision(6, 4, 3),
        ("links", False): Precision(1, 1, 0),
        ("quiet", False): Precision(6, 4, 3),
    }
    for _ in range(2):  # from the ledger, then from segments
        assert summed(found(past)) == expected
        past.segments.seal(past.engine, UNTIL)


def test_weeks_make_a_trend(past: Past) -> None:
    store(
        past.engine,
        *(a_comment(START + n * 8 * DAY, signals=[a_signal("links")]) for n in range(3)),
    )
    (links,) = found(past)
    assert [week.monday for week in links.trend] == ["2026-11-16", "2026-11-23", "2026-11-30"]


def test_a_tenant_is_asked_about_alone(past: Past) -> None:
    store(past.engine, a_comment(START, signals=[a_signal("links")], tenant="other"))
    assert found(past, tenant="acme") == []
    assert summed(found(past, tenant="other")) == {("links", True): Precision(1, 0, 0)}


def test_the_worst_rule_comes_first_and_unseen_ones_last() -> None:
    rules = [
        RulePrecision("unseen", True, Precision(5, 0, 0), ()),
        RulePrecision("good", True, Precision(50, 40, 40), ()),
        RulePrecision("bad", True, Precision(50, 40, 4), ()),
    ]
    assert [one.rule for one in worst_first(rules)] == ["bad", "good", "unseen"]
