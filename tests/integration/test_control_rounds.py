"""Controls over a real database: obeyed within a round, set by the breaker, ended by a person."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Engine

from safety.app.controls import Bench, LiveControls
from safety.config import Settings
from safety.decisions.judge import Judge, Judgement, Prepared
from safety.decisions.record import answer, entry
from safety.domain.controls import Control, ControlKind, Over
from safety.domain.reviews import Action, Resolution
from safety.domain.verdicts import Verdict
from safety.review.route import Sampling
from safety.ruleset.bundle import Bundle
from safety.state.memory import MemoryCounters
from safety.store import audit, history, items, rule_controls
from safety.store.batch import write_batch
from safety.store.engine import read, write
from tests.controlled_rules import a_controlled_bundle
from tests.factories import NOW, an_event, raw

PEOPLE = 300
TOLD = "the circuit breaker demoted 1: see `safety-gate rules controls`"
RULE = (Over.RULE, "long-text")


@dataclass
class House:
    """A judge that obeys controls, and the rounds that keep them."""

    engine: Engine
    bundle: Bundle
    settings: Settings
    now: float = NOW
    made: int = 0
    demoted: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.prepared = Prepared(self.bundle, [])
        self.judge = Judge(MemoryCounters(), self.new_id, Sampling(86_400))
        bench = Bench(
            self.engine, lambda: self.now, bytes(32), lambda: self.prepared, self.demoted.append
        )
        self.controls = LiveControls(self.settings, bench, self.judge)

    def new_id(self, prefix: str) -> str:
        self.made += 1
        return f"{prefix}_{self.made}"

    def decided(self, number: int = 0, text: str = "a long text") -> Judgement:
        event = an_event(
            id=f"c_{number}_{self.made}",
            actor={"id": f"u_{number}"},
            content={"text": text},
            net={"ip": f"10.{number // 250}.{number % 250}.7"},
        )
        read_event = self.prepared.reader.read(raw(event), now=self.now, fallback_id=lambda: "e")
        judgement = self.judge.judge(
            "main", read_event, self.prepared, now=self.now, has_time=lambda: True
        )
        self.controls.noticed(judgement)
        return judgement

    def kept(self, number: int, action: Action) -> None:
        """Decide, store, and let a moderator resolve it."""
        self.now += 1
        judgement = self.decided(number)
        with write(self.engine) as connection:
            write_batch(connection, [entry(judgement, answer(judgement, took_ms=1))])
            assert judgement.item is not None
            resolution = Resolution(
                id=self.new_id("res"),
                item_id=judgement.item.id,
                decision_id=judgement.id,
                tenant="main",
                action=action,
                policy=None,
                note="",
                moderator="mo",
                resolved_at=self.now,
            )
            assert items.resolve(connection, resolution, 1)

    def runaway(self) -> None:
        """Half of everybody matches, and a round goes by."""
        for number in range(PEOPLE):
            self.decided(number, "a long text" if number % 2 else "hi")
        self.controls.refresh()

    def in_force(self) -> list[Control]:
        with read(self.engine) as connection:
            return rule_controls.in_force(connection, self.now)


@pytest.fixture
def house(engine: Engine, tmp_path: Path) -> House:
    return House(engine, a_controlled_bundle(tmp_path), Settings())


@pytest.fixture
def another(house: House) -> Callable[[], House]:
    """A second process over the same database."""
    return lambda: House(house.engine, house.bundle, house.settings, house.now)


def resumed(house: House, until: float) -> None:
    with write(house.engine) as connection:
        for control in rule_controls.in_force(connection, house.now):
            assert rule_controls.end(connection, control)
        left = Control(ControlKind.RESUMED, *RULE, "fixed", "ana", house.now, until)
        rule_controls.put(connection, left)
    house.controls.refresh()


def test_a_runaway_rule_is_demoted_everywhere_with_alarms_and_a_trace(
    house: House, another: Callable[[], House]
) -> None:
    assert house.decided().verdict is Verdict.BLOCK
    house.runaway()
    assert house.decided().verdict is Verdict.CHALLENGE
    assert house.controls.trouble() == TOLD
    assert house.controls.count(ControlKind.BREAKER) == 1
    assert house.demoted == ["rule"]
    with read(house.engine) as connection:
        (event,) = audit.recent(connection)
    assert (event.author, event.action) == ("circuit breaker", "rule.demoted")
    assert another().decided().verdict is Verdict.CHALLENGE


def test_running_away_further_never_takes_the_challenge_away(house: House) -> None:
    for _ in range(3):
        house.runaway()
    assert [(c.kind, c.most) for c in house.in_force()] == [
        (ControlKind.BREAKER, Verdict.CHALLENGE)
    ]


def test_an_operator_may_agree_that_a_rule_falls_into_shadow(
    engine: Engine, tmp_path: Path
) -> None:
    house = House(engine, a_controlled_bundle(tmp_path), Settings(breaker_may_shadow=True))
    house.runaway()
    house.runaway()
    assert house.decided().verdict is Verdict.ALLOW


def test_a_demotion_ends_by_itself_and_is_tried_anew(house: House) -> None:
    house.runaway()
    house.now += 3_601
    house.controls.refresh()
    assert house.decided().verdict is Verdict.BLOCK
    assert house.controls.trouble() is None
    house.runaway()
    assert house.decided().verdict is Verdict.CHALLENGE


def test_what_a_person_resumed_is_left_alone_for_a_while(house: House) -> None:
    house.runaway()
    resumed(house, house.now + 60)
    house.runaway()
    assert house.decided().verdict is Verdict.BLOCK
    house.now += 61
    house.runaway()
    assert house.decided().verdict is Verdict.CHALLENGE


def test_what_moderators_overturn_falls_step_by_step_until_a_person_resumes_it(
    house: House,
) -> None:
    for verdict in (Verdict.CHALLENGE, Verdict.ALLOW):
        for number in range(25):
            house.kept(number, Action.KEEP)
        house.now += 61
        house.controls.refresh()
        assert house.decided(99).verdict is verdict
    assert house.in_force()[0].expires_at is None


def test_what_moderators_confirm_stays(house: House) -> None:
    for number in range(25):
        house.kept(number, Action.KEEP if number % 3 == 0 else Action.REMOVE)
    house.now += 61
    house.controls.refresh()
    assert house.in_force() == []


def test_a_label_from_the_shadow_queue_counts_for_precision(house: House) -> None:
    with write(house.engine) as connection:
        switched = Control(ControlKind.SWITCH, *RULE, "a try", "ana", house.now)
        rule_controls.put(connection, switched)
    house.controls.refresh()
    house.kept(1, Action.REMOVE)
    with read(house.engine) as connection:
        assert list(history.resolved_since(connection, 0).values()) == [Action.REMOVE]
        (reviewed,) = rule_controls.reviewed_since(connection, 0, limit=9)
    signal = next(s for s in json.loads(reviewed.signals) if s["source"] == "rule")
    assert (signal["mode"], signal["control"]["kind"]) == ("shadow", "switched_off")


def test_a_newer_control_takes_the_place_of_the_same_one(engine: Engine) -> None:
    first = Control(ControlKind.SWITCH, *RULE, "first", "ana", NOW)
    second = Control(ControlKind.SWITCH, *RULE, "second", "bo", NOW + 1, NOW + 60)
    snooze = Control(ControlKind.SNOOZE, *RULE, "vip", "bo", NOW, NOW + 9, entity=("actor.id", "u"))
    with write(engine) as connection:
        for control in (first, second, snooze):
            rule_controls.put(connection, control)
        assert rule_controls.in_force(connection, NOW + 2) == [snooze, second]
        assert rule_controls.in_force(connection, NOW + 20) == [second]
        assert rule_controls.end(connection, second)
        assert not rule_controls.end(connection, second)


def test_a_backtest_is_kept_by_rule_and_revision(engine: Engine) -> None:
    found = rule_controls.Baseline("long-text", "7", 1000, 5, NOW)
    with write(engine) as connection:
        rule_controls.put_baseline(connection, found)
        assert rule_controls.baselines(connection) == {("long-text", "7"): found}
    assert found.rate == pytest.approx(0.005)
