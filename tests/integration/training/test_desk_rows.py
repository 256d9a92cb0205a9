"""What people decide becomes rows to learn from: whose label, of which model, how heavy."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, update

from safety.assets import shipped
from safety.classifiers.day_counts import DayCounts, merged
from safety.decisions.explain import Explainer, Outcome
from safety.decisions.judge import Prepared
from safety.ruleset.load import load_bundle
from safety.store import model_watch
from safety.store.engine import read, write
from safety.store.tables import decisions, items, resolutions
from safety.training.desk_evidence import DeskEvidence, kept_calibration
from safety.training.desk_rows import policies_of
from safety.training.labelled import TEST, TRAIN, read_rows, write_rows
from tests.factories import NOW, an_event

DAY = 86_400.0
_numbers = count(1)


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return Prepared(load_bundle([shipped("rules")], run_tests=False, at=NOW), ())


@pytest.fixture
def evidence(engine: Engine, prepared: Prepared) -> DeskEvidence:
    return DeskEvidence(engine, lambda: prepared, lambda: NOW)


def decided(
    engine: Engine,
    score: float = 0.9,
    *,
    actor: str | None = None,
    policy: str | None = None,
    text: str = "cheap watches",
    language: str = "en",
) -> str:
    """A decision about a comment that the spam model gave this score."""
    number = next(_numbers)
    actor = actor or f"u_{number}"
    event = an_event(
        actor={"id": actor, "email": "mia@example.com", "followers": 3},
        content={"text": text, "language": language},
        net={"ip": "203.0.113.9"},
    )
    answer: dict[str, Any] = {"scores": {"spam": score}, "models": {"spam": "1"}, "policy": policy}
    name = f"dec_{number:06}"
    row = {
        "id": name, "tenant": "main", "event_id": f"e{number}",
        "event_type": "comment", "actor_id": actor, "verdict": 2, "decided_at": NOW - 3600,
        "event_time": NOW - 3600, "ruleset": "a" * 64, "event": json.dumps(event).encode(),
        "facts": json.dumps({"content.links": 2, "score.spam": score}).encode(),
        "signals": b"[]", "answer": json.dumps(answer).encode(), "item_id": None,
    }  # fmt: skip
    with write(engine) as connection:
        connection.execute(insert(decisions).values(row))
    return name


def an_item(engine: Engine, decision: str, *, status: str = "resolved") -> str:
    name = f"itm_{next(_numbers):06}"
    row = {
        "id": name, "tenant": "main", "decision_id": decision, "queue": "content", "severity": 1,
        "reason": "R", "event_type": "comment", "actor_id": "u", "verdict": 2, "created_at": NOW,
        "status": status, "version": 2,
    }  # fmt: skip
    with write(engine) as connection:
        connection.execute(insert(items).values(row))
    return name


def resolved(
    engine: Engine,
    decision: str,
    action: str = "remove",
    policy: str | None = "spam.commercial",
    *,
    at: float = NOW - 60,
    **changes: Any,
) -> None:
    row = {
        "id": f"res_{next(_numbers):06}", "item_id": an_item(engine, decision),
        "decision_id": decision, "tenant": "main", "action": action, "policy": policy,
        "note": "", "moderator": "mo", "resolved_at": at,
    }  # fmt: skip
    with write(engine) as connection:
        connection.execute(insert(resolutions).values(row | changes))


def labels(evidence: DeskEvidence, model: str = "spam") -> dict[str, int]:
    return {one.decision_id: one.row.label for one in evidence.told(model)}


def test_keeping_is_a_no_and_removing_under_the_models_policy_a_yes(
    evidence: DeskEvidence,
) -> None:
    engine = evidence.engine
    kept, removed, other, marked, untouched = (decided(engine) for _ in range(5))
    resolved(engine, kept, "keep", None)
    resolved(engine, removed)
    resolved(engine, other, "remove", "links.malicious")
    resolved(engine, marked, "label", None)
    assert labels(evidence) == {kept: 0, removed: 1}
    assert untouched not in labels(evidence)


def test_which_policies_are_a_models_is_said_by_the_rules(prepared: Prepared) -> None:
    assert "spam.commercial" in policies_of(prepared.bundle, "spam")
    assert policies_of(prepared.bundle, "no_such_model") == frozenset()


def test_the_latest_resolution_counts_and_what_was_undone_does_not(
    evidence: DeskEvidence,
) -> None:
    engine = evidence.engine
    reversed_, undone, automated = (decided(engine) for _ in range(3))
    resolved(engine, reversed_, at=NOW - 900)
    resolved(engine, reversed_, "keep", None, at=NOW - 60)
    resolved(engine, undone, undone_at=NOW - 30)
    resolved(engine, automated, automated=True)
    assert labels(evidence) == {reversed_: 0}


def test_what_somebody_appealed_against_teaches_nothing_until_it_is_heard(
    evidence: DeskEvidence,
) -> None:
    engine = evidence.engine
    decision = decided(engine)
    resolved(engine, decision)
    appeal = an_item(engine, decision, status="open")
    assert labels(evidence) == {}
    with write(engine) as connection:
        connection.execute(update(items).where(items.c.id == appeal).values(status="resolved"))
    assert labels(evidence) == {decision: 1}


@pytest.mark.parametrize(
    ("outcome", "model", "policy", "label"),
    [
        (Outcome.CONFIRMED_FINE, "", None, 0),
        (Outcome.RESTORED, "", None, 0),
        (Outcome.CONFIRMED_ABUSE, "", "spam.commercial", 1),
        (Outcome.CONFIRMED_ABUSE, "", None, None),
        (Outcome.CONFIRMED_ABUSE, "spam", None, 1),
        (Outcome.CONFIRMED_ABUSE, "abuse", "spam.commercial", None),
        (Outcome.CONFIRMED_FINE, "spam", None, 0),
        (Outcome.REPORTED, "", "spam.commercial", None),
        (Outcome.PUBLISHED, "", None, None),
    ],
)
def test_what_the_platform_reports_teaches_too(
    evidence: DeskEvidence,
    outcome: Outcome,
    model: str,
    policy: str | None,
    label: int | None,
) -> None:
    decision = decided(evidence.engine, policy=policy)
    explainer = Explainer(evidence.engine, evidence.prepared)
    explainer.add_outcome("main", decision, outcome, "", NOW - 10, model)
    assert labels(evidence).get(decision) == label


def test_the_desk_knows_better_than_the_platform(evidence: DeskEvidence) -> None:
    decision = decided(evidence.engine)
    explainer = Explainer(evidence.engine, evidence.prepared)
    explainer.add_outcome("main", decision, Outcome.CONFIRMED_ABUSE, "", NOW - 10, "spam")
    resolved(evidence.engine, decision, "keep", None)
    assert labels(evidence) == {decision: 0}


def test_a_row_holds_what_a_model_reads_and_nobodys_name_or_address(
    evidence: DeskEvidence, tmp_path: Path
) -> None:
    resolved(evidence.engine, decided(evidence.engine, language="pt-BR"))
    (row,) = evidence.rows("spam")
    assert row.values["content.text"] == "cheap watches"
    assert row.values["content.links"] == 2
    assert row.values["actor.followers"] == 3
    assert row.language == "pt"
    assert not {"actor.id", "actor.email", "net.ip", "score.spam", "target.id"} & set(row.values)
    file = tmp_path / "rows.jsonl"
    assert write_rows(file, [row]) == 1
    assert file.stat().st_mode & 0o077 == 0
    assert list(read_rows(file)) == [row]


def test_one_actors_rows_are_all_learned_from_or_all_judged_by(evidence: DeskEvidence) -> None:
    for actor in range(60):
        for _ in range(2):
            resolved(evidence.engine, decided(evidence.engine, actor=f"person-{actor}"))
    found = evidence.told("spam")
    splits = [one.row.split for one in found]
    assert 8 <= splits.count(TEST) / 2 <= 24
    with read(evidence.engine) as connection:
        actors = dict(connection.execute(decisions.select().with_only_columns(
            decisions.c.id, decisions.c.actor_id)).all())  # fmt: skip
    by_actor: dict[str, set[str]] = {}
    for one in found:
        by_actor.setdefault(actors[one.decision_id], set()).add(one.row.split)
    assert all(len(each) == 1 for each in by_actor.values())
    assert {TRAIN, TEST} == set(splits)


def test_rows_that_people_seldom_look_at_weigh_more(evidence: DeskEvidence) -> None:
    engine = evidence.engine
    for score, number in ((0.97, 6), (0.03, 2)):
        for _ in range(number):
            resolved(engine, decided(engine, score))
    even = evidence.rows("spam")
    assert {row.weight for row in even} == {1.0}
    counts = DayCounts()
    counts.scores[0], counts.scores[-1] = 900, 100
    with write(engine) as connection:
        key = ("spam", "1", int(NOW // DAY), "all")
        model_watch.merge_days(connection, {key: counts.encode()}, merged)
    found = zip(evidence.told("spam"), evidence.rows("spam"), strict=True)
    weights = [(one.score or 0.0, row.weight) for one, row in found]
    low = [weight for score, weight in weights if score < 0.5]
    high = [weight for score, weight in weights if score > 0.5]
    assert min(low) > 5 * max(high)
    assert sum((*low, *high)) / 8 == pytest.approx(1.0, abs=1e-4)


def test_calibration_is_measured_against_people_and_kept(evidence: DeskEvidence) -> None:
    engine = evidence.engine
    for number in range(40):
        resolved(engine, decided(engine, 0.9), *(("keep", None) if number % 2 else ()))
    found = evidence.check({"spam": "1"})
    assert found["spam", "all"].rows == 40
    assert found["spam", "all"].error == pytest.approx(0.4)
    assert ("spam", "lang:en") in found
    with read(engine) as connection:
        kept = model_watch.checks(connection, "spam", "1", int(NOW // DAY))
    assert {key[3]: kept_calibration(row) for key, row in kept.items()} == {
        part: one for (_, part), one in found.items()
    }
    assert evidence.check({"spam": "2"}) == {}
    assert kept_calibration(b"{") is None
