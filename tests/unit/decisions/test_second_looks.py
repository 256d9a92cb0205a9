"""Events that the first stage leaves open: who is asked again, and what happens otherwise."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event

import pytest

from safety.classifiers.batcher import Batcher
from safety.decisions.judge import Judge, Judgement, Prepared, Skip, Undecided
from safety.decisions.second_looks import SecondLooks
from safety.domain.features import Values
from safety.domain.ports import Classifier, Contribution, Question, SecondStage
from safety.domain.verdicts import Verdict
from safety.state.memory import MemoryCounters
from tests.factories import NOW, a_bundle, an_event, raw

RULE = """
rule: spam-score
title: Looks like spam
owner: abuse
policy: spam.commercial
events: [comment]
when: score.spam >= 0.9
then: {verdict: challenge, reason: SPAM_SCORE}
rollout: {mode: enforce}
tests:
  - {name: high, expect: match, given: {score.spam: 0.95}}
  - {name: low, expect: no match, given: {score.spam: 0.1}}
"""


class Encoder:
    """A second stage that says the same of every text."""

    def __init__(self, said: Sequence[float] = (0.97, 0.0), error: Exception | None = None) -> None:
        self.said = tuple(said)
        self.error = error
        self.texts: list[str] = []
        self.may_go = Event()
        self.may_go.set()

    def warm(self) -> None:
        """Nothing to build."""

    def read(self, folded: Sequence[str]) -> Sequence[tuple[float, ...]]:
        assert self.may_go.wait(10)
        self.texts += folded
        if self.error is not None:
            raise self.error
        return [self.said for _ in folded]


class First:
    """The first stage: one score for every text."""

    def __init__(self, name: str, score: float) -> None:
        self.name = name
        self.version = "3"
        self._score = score

    def score(self, values: Values) -> float | None:
        return self._score if "content.text" in values else None

    def explain(self, values: Values) -> Sequence[Contribution]:
        return ()


class TwoStages:
    """A model that asks from 0.2 on and then believes the encoder."""

    def __init__(self, encoder: Encoder, score: float = 0.5, name: str = "spam") -> None:
        self.first: Classifier = First(name, score)
        self.second: SecondStage = encoder
        self._head = ("spam", "abuse").index(name)

    name = property(lambda self: self.first.name)
    version = property(lambda self: self.first.version)

    def score(self, values: Values) -> float | None:
        return self.first.score(values)

    def explain(self, values: Values) -> Sequence[Contribution]:
        return ()

    def doubt(self, values: Values, score: float) -> Question | None:
        if score < 0.2:
            return None
        return Question(self.second, str(values["content.text_folded"]), self._head, score)

    def settle(self, question: Question, said: Sequence[float]) -> float:
        return said[question.head] if said else question.score


class Scene:
    """A judge, a bundle with one rule, and the way to the second stage."""

    def __init__(self, tmp_path: Path) -> None:
        self.bundle = a_bundle(tmp_path, RULE)
        self.batcher = Batcher(time.perf_counter)
        self.batcher.start()
        self.why: list[str] = []
        self.has_time = True

    def begin(self, *models: Classifier, asks_twice: bool = True) -> Judgement | Undecided:
        prepared = Prepared(self.bundle, models)
        event = prepared.reader.read(raw(an_event()), now=NOW, fallback_id=lambda: "e")
        self.judge = Judge(MemoryCounters(), lambda p: f"{p}_1", asks_twice=asks_twice)
        return self.judge.begin("main", event, prepared, now=NOW, has_time=lambda: self.has_time)

    def judged(self, *models: Classifier, seconds: float = 5.0, patience: float = 5.0) -> Judgement:
        begun = self.begin(*models)
        assert isinstance(begun, Undecided)

        async def finish() -> Judgement:
            looks = SecondLooks(self.batcher, patience, self.why.append)
            return self.judge.finish(begun, await looks.ask(begun.questions, seconds))

        return asyncio.run(finish())


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path)
    yield scene
    scene.batcher.stop()


def test_what_is_clear_is_judged_at_once(scene: Scene) -> None:
    encoder = Encoder()
    judgement = scene.begin(TwoStages(encoder, score=0.1))
    assert isinstance(judgement, Judgement)
    assert judgement.scores == {"spam": 0.1}
    assert encoder.texts == []


def test_the_second_stage_settles_what_the_first_leaves_open(scene: Scene) -> None:
    judgement = scene.judged(TwoStages(Encoder((0.97, 0.0))))
    assert judgement.scores == {"spam": 0.97}
    assert judgement.values["score.spam"] == 0.97
    assert judgement.verdict is Verdict.CHALLENGE
    assert judgement.skipped == ()


def test_a_text_that_cannot_be_read_keeps_its_first_score(scene: Scene) -> None:
    judgement = scene.judged(TwoStages(Encoder(())))
    assert judgement.scores == {"spam": 0.5}
    assert judgement.skipped == ()


def test_two_models_that_ask_one_stage_about_one_text_have_it_read_once(scene: Scene) -> None:
    encoder = Encoder((0.3, 0.7))
    questions = [Question(encoder, "the text", head, 0.5) for head in (0, 1)]

    async def ask() -> list[object]:
        return list(await SecondLooks(scene.batcher, 5.0).ask(questions, 5.0))

    assert asyncio.run(ask()) == [(0.3, 0.7), (0.3, 0.7)]
    assert encoder.texts == ["the text"]


def test_an_answer_that_comes_too_late_leaves_the_first_score(scene: Scene) -> None:
    encoder = Encoder()
    encoder.may_go.clear()
    judgement = scene.judged(TwoStages(encoder), seconds=0.02)
    encoder.may_go.set()
    assert judgement.scores == {"spam": 0.5}
    assert judgement.skipped == (Skip("score.spam.encoder", "deadline"),)
    assert judgement.fail_policy is None  # the first stage has judged
    assert judgement.verdict is Verdict.ALLOW
    assert scene.why == ["deadline"]


def test_without_time_left_nobody_is_asked(scene: Scene) -> None:
    encoder = Encoder()
    judgement = scene.judged(TwoStages(encoder), seconds=-0.1)
    assert judgement.skipped == (Skip("score.spam.encoder", "deadline"),)
    assert encoder.texts == []


def test_what_would_take_longer_than_patience_is_not_begun(scene: Scene) -> None:
    judgement = scene.judged(TwoStages(Encoder()), patience=0.0005)
    assert judgement.skipped == (Skip("score.spam.encoder", "busy"),)
    assert judgement.scores == {"spam": 0.5}


def test_a_stage_that_fails_degrades_the_decision_and_the_first_score_stands(scene: Scene) -> None:
    judgement = scene.judged(TwoStages(Encoder(error=RuntimeError("broken"))))
    assert judgement.scores == {"spam": 0.5}
    assert judgement.degraded == ("score.spam.encoder",)
    assert judgement.skipped == (Skip("score.spam.encoder", "unavailable"),)
    assert judgement.fail_policy is None


@pytest.mark.parametrize("said", [float("nan"), 1.5, -0.1])
def test_an_answer_that_is_no_probability_is_no_answer(scene: Scene, said: float) -> None:
    judgement = scene.judged(TwoStages(Encoder((said, 0.0))))
    assert judgement.scores == {"spam": 0.5}
    assert judgement.skipped == (Skip("score.spam.encoder", "unavailable"),)


def test_switched_off_the_first_stage_decides(scene: Scene) -> None:
    judgement = scene.begin(TwoStages(Encoder()), asks_twice=False)
    assert isinstance(judgement, Judgement)
    assert judgement.scores == {"spam": 0.5}
    assert judgement.skipped == ()


def test_judging_in_one_go_asks_on_the_spot(scene: Scene) -> None:
    prepared = Prepared(scene.bundle, [TwoStages(Encoder((0.97, 0.0)))])
    event = prepared.reader.read(raw(an_event()), now=NOW, fallback_id=lambda: "e")
    judge = Judge(MemoryCounters(), lambda p: f"{p}_1")
    judgement = judge.judge("main", event, prepared, now=NOW, has_time=lambda: True)
    assert judgement.scores == {"spam": 0.97}


def test_many_at_once_each_get_their_own_answer(scene: Scene) -> None:
    class Lengths(Encoder):
        def read(self, folded: Sequence[str]) -> Sequence[tuple[float, ...]]:
            return [(float(len(text)), 0.0) for text in folded]

    stage = Lengths()

    async def ask() -> list[object]:
        looks = SecondLooks(scene.batcher, 5.0)
        each = (looks.ask([Question(stage, "x" * n, 0, 0.5)], 5.0) for n in range(1, 40))
        return [said[0] for said in await asyncio.gather(*each)]

    assert asyncio.run(ask()) == [(float(n), 0.0) for n in range(1, 40)]


def test_a_caller_who_gives_up_leaves_nothing_behind(scene: Scene) -> None:
    encoder = Encoder()
    encoder.may_go.clear()

    async def give_up() -> None:
        looks = SecondLooks(scene.batcher, 5.0)
        blocked = asyncio.create_task(looks.ask([Question(encoder, "first", 0, 0.5)], 5.0))
        await asyncio.sleep(0.02)
        waiting = asyncio.create_task(looks.ask([Question(encoder, "second", 0, 0.5)], 5.0))
        await asyncio.sleep(0.02)
        waiting.cancel()
        await asyncio.sleep(0)
        encoder.may_go.set()
        await blocked
        await asyncio.sleep(0.02)

    asyncio.run(give_up())
    assert encoder.texts == ["first"]
