"""The whole decision path with the shipped text model of two stages."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from safety.app import create_app
from safety.assets import shipped
from safety.classifiers.cascade import TextCascade
from safety.classifiers.registry import load_model, newest_version
from safety.config import Settings
from safety.decisions.decide import Caller
from safety.web.services import Services
from tests.factories import Json, an_event, raw

MAIN = Caller("main")
# What the first stage leaves open.
OPEN = "hey guys please check out my new channel, i upload every week and you can win prizes"


@asynccontextmanager
async def running(tmp_path: Path, **changes: object) -> AsyncIterator[Services]:
    app = create_app(Settings(data_dir=tmp_path / "data", **changes))  # type: ignore[arg-type]
    async with app.inner.router.lifespan_context(app.inner):
        yield app.services


async def decide(services: Services, event: Json) -> Json:
    read = services.decider.read(raw(event), lambda: "evt_1")
    answer: Json = json.loads(await services.decider.decide(MAIN, read, services.timer()))
    return answer


def a_comment(number: int = 1, text: str = OPEN, **changes: object) -> Json:
    return an_event(id=f"c-{number}", content={"text": text, "thread_id": "t"}, **changes)


@pytest.fixture(scope="module")
def cascade() -> TextCascade:
    folder = newest_version(shipped("models") / "spam")
    assert folder is not None
    model = load_model(folder)
    assert isinstance(model, TextCascade)
    assert model.doubt({"content.text": OPEN}, first(model)) is not None
    return model


def first(model: TextCascade) -> float:
    return model.first.score({"content.text": OPEN}) or 0.0


def test_a_decision_carries_the_score_of_both_stages(tmp_path: Path, cascade: TextCascade) -> None:
    async def story() -> Json:
        async with running(tmp_path, encoder_wait_ms=5_000) as services:
            return await decide(services, a_comment(deadline_ms=10_000))

    answer = asyncio.run(story())
    assert answer["scores"]["spam"] == pytest.approx(cascade.score({"content.text": OPEN}), abs=0.1)
    assert answer["skipped"] == []
    assert answer["degraded"] == []
    assert answer["stored"]


def test_switched_off_the_first_stage_decides(tmp_path: Path, cascade: TextCascade) -> None:
    async def story() -> Json:
        async with running(tmp_path, encoder=False) as services:
            return await decide(services, a_comment())

    answer = asyncio.run(story())
    assert answer["scores"]["spam"] == pytest.approx(first(cascade), abs=0.05)
    assert answer["skipped"] == []


def test_a_decision_that_cannot_wait_says_what_it_skipped(
    tmp_path: Path, cascade: TextCascade
) -> None:
    async def story() -> tuple[Json, str]:
        async with running(tmp_path, encoder_wait_ms=0.01) as services:
            answer = await decide(services, a_comment())
            return answer, services.metrics.text().decode()

    answer, metrics = asyncio.run(story())
    assert {"part": "score.spam.encoder", "why": "busy"} in answer["skipped"]
    assert answer["scores"]["spam"] == pytest.approx(first(cascade), abs=0.05)
    assert answer["fail_policy"] is None
    assert "NOT_FULLY_JUDGED" not in answer["reasons"]
    assert 'safety_encoder_skipped_total{why="busy"} 1.0' in metrics


def test_many_doubtful_events_at_once_are_read_in_batches_and_kept(
    tmp_path: Path, cascade: TextCascade
) -> None:
    async def story() -> tuple[list[Json], str]:
        async with running(tmp_path, encoder_wait_ms=20_000) as services:
            await decide(services, a_comment(0, deadline_ms=20_000))
            events = (
                a_comment(n, f"{OPEN} number {n}", deadline_ms=20_000, actor={"id": f"u{n}"})
                for n in range(1, 33)
            )
            answers = await asyncio.gather(*(decide(services, each) for each in events))
            return list(answers), services.metrics.text().decode()

    answers, metrics = asyncio.run(story())
    assert all(answer["stored"] and not answer["skipped"] for answer in answers)
    found = dict(
        line.rsplit(" ", 1) for line in metrics.splitlines() if line.startswith("safety_encoder")
    )
    texts = float(found["safety_encoder_texts_total"])
    batches = float(found["safety_encoder_batch_seconds_count"])
    assert texts >= 33
    assert batches <= texts / 2


def test_who_gives_up_while_the_encoder_reads_and_asks_again_is_counted_once(
    tmp_path: Path, cascade: TextCascade
) -> None:
    async def story() -> Json:
        async with running(tmp_path, encoder_wait_ms=20_000) as services:
            asking = asyncio.create_task(decide(services, a_comment(1, deadline_ms=20_000)))
            await asyncio.sleep(0)  # begun: counted, and waiting for the encoder
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            answer = await decide(services, a_comment(1, deadline_ms=20_000))
            return await asyncio.to_thread(services.explainer.in_full, "main", answer["id"])

    facts = asyncio.run(story())["facts"]
    counts = {name: value for name, value in facts.items() if name.startswith("count(")}
    assert max(counts.values()) == 1


def test_an_explanation_of_a_skipped_second_stage_is_that_of_the_first(
    tmp_path: Path, cascade: TextCascade
) -> None:
    async def story(**changes: object) -> list[Json]:
        async with running(tmp_path / str(len(changes)), **changes) as services:
            answer = await decide(services, a_comment(deadline_ms=20_000))
            view = await asyncio.to_thread(services.explainer.in_full, "main", answer["id"])
            (signal,) = [s for s in view["signals"] if s.get("name") == "spam"]
            words: list[Json] = signal["words"]
            return words

    both = asyncio.run(story(encoder_wait_ms=20_000))
    linear = asyncio.run(story(encoder_wait_ms=0.01, encoder=True))
    assert both
    assert linear
    assert both != linear
    assert {(w["start"], w["end"]) for w in linear} == {
        (c.start, c.end) for c in cascade.first.explain({"content.text": OPEN})
    }
