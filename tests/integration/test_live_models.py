"""Models in a running service: followed, swapped, tried in shadow and watched for drift."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from safety.app.model_metrics import alarm_numbers, drift_numbers
from safety.app.model_watch import QUEUE, ModelWatch, Stand
from safety.app.models import InForce, LiveModels
from safety.classifiers.day_counts import decoded
from safety.config import Settings
from safety.decisions.judge import Judge, Judgement, Prepared
from safety.decisions.model_versions import By
from safety.decisions.record import answer, entry
from safety.domain.ports import Classifier, Contribution
from safety.domain.verdicts import Verdict
from safety.state.memory import MemoryCounters
from safety.store import model_watch
from safety.store.batch import write_batch
from safety.store.engine import read, write
from safety.store.tables import items
from tests.factories import a_bundle, an_event, raw
from tests.model_house import AUDIT_KEY, NOW, a_version, weights_for

BY = By("ana")
RULES = """
rule: spam-score
title: Looks like spam
owner: abuse
policy: spam.commercial
events: [comment]
when: score.spam >= threshold.spam
then: {verdict: hold, reason: SPAM_SCORE}
rollout: {mode: enforce}
tests:
  - {name: high, expect: match, given: {score.spam: 0.99}}
  - {name: low, expect: no match, given: {score.spam: 0.1}}
"""


class Clock:
    at = NOW

    def __call__(self) -> float:
        return self.at


class Process:
    """One process: its models, and a judge who uses what is in force."""

    def __init__(self, engine: Engine, tmp_path: Path, name: str = "one") -> None:
        self.clock = Clock()
        settings = Settings(data_dir=tmp_path / name, models_dir=tmp_path / "shipped")
        self.engine = engine
        self.bundle = a_bundle(tmp_path, RULES)
        self.prepared = Prepared(self.bundle, ())
        self.models = LiveModels(settings, engine, self.clock, AUDIT_KEY)
        self.models.tell(self.use)
        numbers = iter(range(100_000))

        def new_id(prefix: str) -> str:
            return f"{prefix}_{name}{next(numbers):05}"

        self.new_id = new_id
        self.judge = Judge(MemoryCounters(), self.new_id)
        stand = Stand(
            engine, self.clock, lambda: self.models.in_force, lambda: self.prepared,
            self.models.versions.card, self.new_id, samples=4,
        )  # fmt: skip
        self.watch = ModelWatch(stand)

    def use(self, classifiers: Sequence[Classifier], thresholds: Mapping[str, float]) -> None:
        self.prepared = Prepared(self.bundle, classifiers, thresholds)

    def decide(self, text: str, **event: object) -> Judgement:
        given = an_event(content={"text": text, "language": "en"}, **event)
        number = self.new_id("event")
        seen = self.prepared.reader.read(
            raw(given | {"id": number}), now=self.clock.at, fallback_id=lambda: number
        )
        judgement = self.judge.judge(
            "main", seen, self.prepared, now=self.clock.at, has_time=lambda: True
        )
        with write(self.engine) as connection:
            write_batch(connection, [entry(judgement, answer(judgement, took_ms=1.0))])
        self.watch.noticed(judgement)
        return judgement


@pytest.fixture
def process(engine: Engine, tmp_path: Path) -> Iterator[Callable[..., Process]]:
    a_version(tmp_path / "shipped", "1")
    (tmp_path / "shipped" / "spam" / "1").is_dir()
    return lambda name="one": Process(engine, tmp_path, name)  # type: ignore[return-value]


Processes = Callable[..., Process]
SPAM = "win at the casino casino"


def test_a_promoted_version_is_followed_by_every_process(
    process: Processes, tmp_path: Path
) -> None:
    one, two = process("one"), process("two")
    assert one.decide(SPAM).verdict is Verdict.HOLD
    a_version(tmp_path / "one" / "models", "1001", weights=weights_for(["garden"]))
    one.models.versions.keep("spam", "1001", BY)
    one.models.versions.promote("spam", "1001", BY, shown={})
    for each in (one, two):
        each.models.follow()
        judgement = each.decide(SPAM)
        assert judgement.models["spam"] == "1001"
        assert judgement.verdict is Verdict.ALLOW
        assert each.decide("garden garden").verdict is Verdict.HOLD
    assert (tmp_path / "two" / "models" / "spam" / "1001" / "card.json").is_file()


def test_a_threshold_of_the_site_changes_what_rules_do(process: Processes) -> None:
    one = process()
    before = one.decide(SPAM)
    assert before.verdict is Verdict.HOLD
    assert before.values["threshold.spam"] == 0.9
    stricter = (before.scores["spam"] + 1) / 2
    one.models.versions.set_threshold("spam", "1", stricter, BY)
    one.models.follow()
    after = one.decide(SPAM)
    assert after.verdict is Verdict.ALLOW
    assert after.values["threshold.spam"] == stricter
    one.models.versions.drop_threshold("spam", "1", BY)
    one.models.follow()
    assert one.decide(SPAM).verdict is Verdict.HOLD


def test_a_tampered_version_never_takes_a_good_ones_place(
    process: Processes, tmp_path: Path
) -> None:
    one = process()
    folder = a_version(tmp_path / "shipped", "2", weights=weights_for(["garden"]))
    one.models.versions.promote("spam", "2", BY, shown={})
    for file in ("weights.npz", "card.json"):
        kept = (folder / file).read_bytes()
        (folder / file).write_bytes(kept + b" ")
        one.models.follow()
        assert one.decide(SPAM).verdict is Verdict.HOLD, "the version before stays in force"
        assert one.decide(SPAM).models["spam"] == "1"
        assert "cannot be used" in str(one.models.trouble())
        assert one.models.broken() == 1.0
        (folder / file).write_bytes(kept)
        one.clock.at += 31
    one.models.follow()
    assert one.models.trouble() is None, "what is whole again is taken"
    assert one.decide(SPAM).models["spam"] == "2"


def test_a_chosen_version_that_is_broken_at_the_start_leaves_its_score_unknown(
    process: Processes, tmp_path: Path
) -> None:
    folder = a_version(tmp_path / "shipped", "2")
    process().models.versions.promote("spam", "2", BY, shown={})
    (folder / "weights.npz").unlink()
    started = process("late")
    judgement = started.decide(SPAM)
    assert judgement.verdict is Verdict.ALLOW
    assert judgement.degraded == ("score.spam",)
    assert judgement.scores == {}


def test_a_version_in_shadow_is_scored_beside_the_live_one_and_never_obeyed(
    process: Processes, tmp_path: Path
) -> None:
    one = process()
    a_version(tmp_path / "shipped", "2", weights=weights_for(["casino", "garden"]))
    one.models.versions.promote("spam", "1", BY, shown={})
    one.models.versions.shadow("spam", "2", BY)
    one.models.follow()
    calm, odd = one.decide("hello there"), one.decide("garden garden")
    one.watch.round()
    assert odd.verdict is Verdict.ALLOW
    with read(one.engine) as connection:
        (said,) = model_watch.shadow_of(connection, odd.id)
        waiting = connection.execute(select(items)).all()
    assert (said.version, said.live_version) == ("2", "1")
    assert said.score is not None
    assert said.score >= 0.9 > odd.scores["spam"]
    assert said.live_score == odd.scores["spam"]
    assert [(row.decision_id, row.queue, row.reason) for row in waiting] == [
        (odd.id, QUEUE, "MODELS_DISAGREE")
    ]
    assert (one.watch.told.compared, one.watch.told.disagreed) == (2, 1)
    assert calm.id != odd.id


def test_a_burst_of_disagreements_does_not_fill_the_queue(
    process: Processes, tmp_path: Path
) -> None:
    one = process()
    a_version(tmp_path / "shipped", "2", weights=weights_for(["garden"]))
    one.models.versions.promote("spam", "1", BY, shown={})
    one.models.versions.shadow("spam", "2", BY)
    one.models.follow()
    for _ in range(12):
        one.decide("garden garden")
    one.watch.round()
    one.clock.at += 86_400 / 4
    one.decide("garden garden")
    one.watch.round()
    with read(one.engine) as connection:
        assert len(connection.execute(select(items)).all()) == 2
    assert one.watch.told.disagreed == 13


def test_a_version_that_fails_in_shadow_harms_nobody(process: Processes) -> None:
    class Broken:
        name, version = "spam", "2"

        def score(self, values: object) -> float | None:
            raise RuntimeError

        def explain(self, values: object) -> Sequence[Contribution]:
            return ()

    one = process()
    in_force = one.models.in_force
    one.models.in_force = InForce(
        in_force.live, {"spam": Broken()}, in_force.thresholds, {"spam": 0.9}
    )
    judgement = one.decide(SPAM)
    one.watch.round()
    assert judgement.verdict is Verdict.HOLD
    assert one.watch.told.failed == 1
    with read(one.engine) as connection:
        (said,) = model_watch.shadow_of(connection, judgement.id)
    assert said.score is None


def test_counts_of_processes_add_up_and_a_new_kind_of_traffic_raises_an_alarm(
    process: Processes,
) -> None:
    one, two = process("one"), process("two")
    for each in (one, two):
        watch_often(each, each.decide("hello there, how are you"), 149)
        each.watch.flush()
    day = int(NOW // 86_400)
    with read(one.engine) as connection:
        kept = model_watch.days(connection, "spam", "1", day)
    counts = {key[3]: decoded(row) for key, row in kept.items()}
    assert {part: row.events for part, row in counts.items()} == {
        "all": 300, "event:comment": 300, "lang:en": 300,
    }  # fmt: skip
    two.watch.flush()
    before = drift_numbers(two.watch.told)["spam", "score"]
    assert alarm_numbers(two.watch.told)[("spam",)] == 0
    watch_often(two, two.decide(SPAM), 600)
    two.watch.flush()
    assert drift_numbers(two.watch.told)["spam", "score"] > before
    assert alarm_numbers(two.watch.told)[("spam",)] >= 1


def watch_often(process: Process, judgement: Judgement, times: int) -> None:
    """Have something noticed again and again, no faster than it can be looked at."""
    for number in range(times):
        process.watch.noticed(judgement)
        if number % 50 == 0:
            process.watch.round()
    process.watch.round()


def test_what_arrives_too_fast_is_let_go(process: Processes) -> None:
    one = process()
    judgement = one.decide("hello")
    for _ in range(5_000):
        one.watch.noticed(judgement)
    one.watch.round()
    one.watch.flush()
    with read(one.engine) as connection:
        kept = model_watch.days(connection, "spam", "1", 0)
    assert decoded(next(iter(kept.values()))).events == 100


def test_old_rows_are_forgotten(process: Processes) -> None:
    one = process()
    score = model_watch.ShadowScore("dec_1", "spam", "main", "2", "1", 0.9, 0.1, NOW)
    rows = [
        score,
        model_watch.ShadowScore("dec_2", "spam", "main", "2", "1", 0.9, 0.1, NOW - 40 * 86_400),
    ]
    with write(one.engine) as connection:
        model_watch.add_shadow(connection, rows)
        model_watch.merge_days(connection, {("spam", "1", 1, "all"): b"{}"}, lambda _, new: new)
        gone = model_watch.forget(connection, before=NOW - 30 * 86_400, before_day=10, most=10)
        assert gone == 2
        rows = [
            model_watch.ShadowScore(f"dec_{n}", "spam", "main", "2", "1", 0.9, 0.1, NOW + n)
            for n in range(3, 9)
        ]
        model_watch.add_shadow(connection, rows)
        model_watch.forget(connection, before=NOW - 30 * 86_400, before_day=10, most=3)
        assert len(model_watch.shadow_pairs(connection, "spam", "2", limit=100)) <= 4


def test_the_card_of_a_decision_names_the_live_version_only(process: Processes) -> None:
    judgement = process().decide("hello")
    told = json.loads(answer(judgement, took_ms=1.0))
    assert told["models"] == {"spam": "1"}
