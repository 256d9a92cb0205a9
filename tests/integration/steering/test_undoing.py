"""What a rule did is taken back: exactly that, once, told, and by two persons where it is much."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import Engine

from safety.decisions.steering.causes import effect_of
from safety.decisions.steering.undoing import Undoing
from safety.domain.decisions import Amendment, AmendmentKind, LedgerEntry
from safety.domain.errors import Forbidden, InvalidInput
from safety.domain.labels import Label
from safety.domain.reviews import Action
from safety.domain.undos import Cause, UndoState
from safety.domain.verdicts import Verdict
from safety.store import audit, ledger, outbox, undos
from safety.store.engine import open_engine, read, write
from safety.store.labels import add_label, live_labels
from safety.store.tables import outbox as outbox_table
from tests.factories import NOW
from tests.integration.training.decided import (
    a_comment,
    a_reviewed_comment,
    a_signal,
    resolve_all,
    store,
)
from tests.steering_bench import Bench

RULE = "long-text"
HOUR = 3600.0
CAUSE = Cause(RULE, NOW - HOUR, NOW)
BLOCK = a_signal(RULE, verdict="block")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Both databases: what is tested here is what they are asked."""
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


def stopped(
    *signals: dict[str, Any], actor: str = "u_1", at: float = NOW - 60, **changes: Any
) -> LedgerEntry:
    wanted = changes.pop("verdict", Verdict.BLOCK)
    return a_comment(at, actor=actor, signals=signals or (BLOCK,), verdict=wanted, **changes)


def verdict_now(engine: Engine, entry: LedgerEntry) -> Verdict:
    with read(engine) as connection:
        later = [
            a.verdict for a in ledger.amendments(connection, entry.id) if a.verdict is not None
        ]
    return later[-1] if later else entry.verdict


def told(engine: Engine) -> list[dict[str, Any]]:
    with read(engine) as connection:
        found = [m for m in outbox.pending(connection) if m.kind == "decision.reversed"]
    return [json.loads(message.body)["data"] for message in found]


def run(undoing: Undoing) -> None:
    while undoing.work():
        pass


def undone(bench: Bench, cause: Cause = CAUSE) -> Any:
    undo = bench.parts.undoing.start(cause, reason="wrong list", author="ana")
    run(bench.parts.undoing)
    return bench.parts.undoing.undo(undo.id)


def test_a_decision_gets_the_verdict_that_it_would_have_had(bench: Bench, engine: Engine) -> None:
    alone = stopped()
    held_too = stopped(BLOCK, a_signal("spam-score", verdict="hold"), actor="u_2")
    store(engine, alone, held_too)
    done = undone(bench)
    assert (done.state, done.reversed, done.left_alone) == (UndoState.DONE, 2, 0)
    assert verdict_now(engine, alone) is Verdict.ALLOW
    assert verdict_now(engine, held_too) is Verdict.HOLD
    assert {(each["decision_id"], each["was"], each["verdict"]) for each in told(engine)} == {
        (alone.id, "block", "allow"),
        (held_too.id, "block", "hold"),
    }
    assert all("text" not in each for each in told(engine))


def test_what_is_not_the_rules_doing_stays(bench: Bench, engine: Engine) -> None:
    entries = {
        "another rule blocked as well": stopped(BLOCK, a_signal("denied", verdict="block")),
        "it was only recorded": stopped(a_signal(RULE, verdict="block", mode="shadow")),
        "before": stopped(at=NOW - HOUR - 1),
        "after": stopped(at=NOW),
        "another rule": stopped(a_signal("long-text-2", verdict="block")),
        "the fail policy": stopped(
            BLOCK,
            {"source": "fail_policy", "name": "closed", "verdict": "block", "reason": "X"},
        ),
    }
    store(engine, *entries.values(), stopped(actor="u_3"))
    done = undone(bench)
    assert done.reversed == 1
    for why, entry in entries.items():
        assert verdict_now(engine, entry) is Verdict.BLOCK, why


def test_a_revision_and_a_tenant_may_be_named(bench: Bench, engine: Engine) -> None:
    wanted = stopped(a_signal(RULE, verdict="block", revision="2"))
    other = stopped(actor="u_2")
    elsewhere = stopped(a_signal(RULE, verdict="block", revision="2"), tenant="other")
    store(engine, wanted, other, elsewhere)
    undone(bench, Cause(RULE, NOW - HOUR, NOW, "2", wanted.tenant))
    assert verdict_now(engine, wanted) is Verdict.ALLOW
    assert verdict_now(engine, other) is verdict_now(engine, elsewhere) is Verdict.BLOCK


def test_what_a_person_or_a_proof_decided_stays(bench: Bench, engine: Engine) -> None:
    reviewed = a_reviewed_comment(NOW - 90, signals=(BLOCK,), verdict=Verdict.BLOCK)
    challenged = stopped(
        a_signal(RULE, verdict="challenge"), actor="u_2", verdict=Verdict.CHALLENGE
    )
    store(engine, reviewed, challenged, stopped(actor="u_3"))
    resolve_all(engine, Action.REMOVE, [reviewed])
    with write(engine) as connection:
        proof = Amendment(challenged.id, AmendmentKind.PROOF, NOW, Verdict.ALLOW, b"{}")
        ledger.amend(connection, proof)
    done = undone(bench)
    assert (done.reversed, done.left_alone) == (1, 2)
    assert verdict_now(engine, reviewed) is Verdict.BLOCK


def test_undoing_twice_does_it_once(bench: Bench, engine: Engine) -> None:
    entry = stopped()
    store(engine, entry)
    undone(bench)
    with pytest.raises(InvalidInput):
        undone(bench)
    with read(engine) as connection:
        assert len(ledger.amendments(connection, entry.id)) == 1
    assert len(told(engine)) == 1


def test_of_two_rules_that_blocked_the_second_that_is_undone_lets_go(
    bench: Bench, engine: Engine
) -> None:
    entry = stopped(BLOCK, a_signal("denied", verdict="block"))
    store(engine, entry, stopped(actor="u_2"))
    undone(bench)
    assert verdict_now(engine, entry) is Verdict.BLOCK
    undone(bench, Cause("denied", NOW - HOUR, NOW))
    assert verdict_now(engine, entry) is Verdict.ALLOW


def test_points_that_the_rule_brought_are_taken_away(bench: Bench) -> None:
    points = {"source": "points", "name": "7", "verdict": "hold", "reason": "POINTS"}
    signals = [a_signal(RULE, verdict="allow", points=4), a_signal("denied", points=3), points]
    signals[1]["verdict"] = "allow"
    suspect = undos.Suspect(
        "dec", "acme", "e", "comment", "u", Verdict.HOLD, NOW - 5, 1, json.dumps(signals).encode(),
        is_settled=False,
    )  # fmt: skip
    steps = {"comment": ((3, Verdict.CHALLENGE), (6, Verdict.HOLD))}
    effect = effect_of(suspect, CAUSE, (), steps)
    assert effect is not None
    assert effect.without is Verdict.CHALLENGE


def test_many_accounts_take_a_second_person(bench: Bench, engine: Engine) -> None:
    entries = [stopped(actor=f"u_{number}") for number in range(4)]
    store(engine, *entries)
    undoing = bench.parts.undoing
    undo = undoing.start(CAUSE, reason="wrong list", author="ana")
    assert (undo.state, undo.accounts) == (UndoState.PROPOSED, 4)
    assert not undoing.work()
    with pytest.raises(Forbidden):
        undoing.approve(undo.id, by="ana")
    undoing.approve(undo.id, by="kim")
    run(undoing)
    assert undoing.undo(undo.id).reversed == 4
    with pytest.raises(InvalidInput):
        undoing.refuse(undo.id, by="kim")
    with read(engine) as connection:
        actions = [(e.action, e.author) for e in audit.recent(connection)]
    assert actions[:3] == [
        ("rule.undone", "kim"),
        ("rule.undo_approved", "kim"),
        ("rule.undo_proposed", "ana"),
    ]


def test_a_preview_changes_nothing_and_counts_the_same(bench: Bench, engine: Engine) -> None:
    store(engine, stopped(), stopped(actor="u_2"), stopped(BLOCK, a_signal("x", verdict="block")))
    preview = bench.parts.undoing.preview(CAUSE)
    assert (preview.decisions, preview.accounts, preview.left_alone) == (2, 2, 1)
    assert preview.changes == {"block to allow": 2}
    assert told(engine) == []
    done = undone(bench)
    assert (done.reversed, done.left_alone) == (2, 1)


def test_labels_that_the_rule_wrote_then_end(bench: Bench, engine: Engine) -> None:
    store(engine, stopped())
    mine = Label(("actor.id", "u_1"), "noisy", f"rule:{RULE}", "LONG", NOW - 60, NOW + HOUR)
    theirs = Label(("actor.id", "u_1"), "known", "ana", "met them", NOW - 60, NOW + HOUR)
    with write(engine) as connection:
        add_label(connection, "acme", mine)
        add_label(connection, "acme", theirs)
    done = undone(bench)
    with read(engine) as connection:
        left = live_labels(connection, "acme", ("actor.id", "u_1"), NOW)
    assert [label.name for label in left] == ["known"]
    assert done.labels == 1
    assert [(tenant, label.name) for tenant, label in bench.ended] == [("acme", "noisy")]
    assert bench.ended[0][1].expires_at == NOW


def test_a_kill_between_batches_loses_nothing_and_repeats_nothing(
    bench: Bench, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("safety.decisions.steering.undoing.BATCH", 3)
    entries = [stopped(actor="u_1", at=NOW - 600 + number // 2) for number in range(10)]
    store(engine, *entries)
    undoing = bench.parts.undoing
    undo = undoing.start(CAUSE, reason="wrong list", author="ana")
    assert undoing.work(most=2)
    halfway = undoing.undo(undo.id)
    assert 0 < halfway.reversed < 10
    # The process that held it is gone; its lease runs out, and another one goes on.
    with write(engine) as connection:
        undos.lease(connection, at=NOW, until=NOW + 30)
    assert not undoing.work()
    bench.clock.at += 31  # type: ignore[attr-defined]  # the test's own clock
    run(undoing)
    assert undoing.undo(undo.id).reversed == 10
    with read(engine) as connection:
        each = [len(ledger.amendments(connection, entry.id)) for entry in entries]
    assert each == [1] * 10
    assert len(told(engine)) == 10


def test_a_batch_that_somebody_else_did_leaves_nothing_behind(bench: Bench, engine: Engine) -> None:
    store(engine, stopped())
    undoing = bench.parts.undoing
    undo = undoing.start(CAUSE, reason="wrong list", author="ana")
    stale = undoing.undo(undo.id)
    run(undoing)
    after = undoing._batch(stale)
    assert after.state is UndoState.DONE
    assert len(told(engine)) == 1


def test_one_that_is_stopped_stays_where_it_is(
    bench: Bench, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("safety.decisions.steering.undoing.BATCH", 2)
    store(engine, *(stopped(at=NOW - 600 + number) for number in range(6)))
    undoing = bench.parts.undoing
    undo = undoing.start(CAUSE, reason="wrong list", author="ana")
    undoing.work(most=1)
    undoing.stop(undo.id, by="kim")
    run(undoing)
    assert (undoing.undo(undo.id).state, undoing.undo(undo.id).reversed) == (UndoState.STOPPED, 2)


BAD: Sequence[Cause] = (
    Cause("", NOW - HOUR, NOW),
    Cause(RULE, NOW, NOW - HOUR),
    Cause(RULE, NOW + HOUR, NOW + 2 * HOUR),
)


@pytest.mark.parametrize("cause", BAD)
def test_a_stretch_of_time_that_is_none_is_refused(bench: Bench, cause: Cause) -> None:
    with pytest.raises(InvalidInput):
        bench.parts.undoing.start(cause, reason="x", author="ana")


def test_nothing_is_undone_without_a_reason(bench: Bench, engine: Engine) -> None:
    store(engine, stopped())
    with pytest.raises(InvalidInput):
        bench.parts.undoing.start(CAUSE, reason=" ", author="ana")
    assert bench.parts.undoing.latest() == []
    with read(engine) as connection:
        assert connection.execute(outbox_table.select()).all() == []
