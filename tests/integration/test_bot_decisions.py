"""Behaviour on the whole decision path: scored when enough is known, explained, remembered."""

import asyncio
import json
import time
from pathlib import Path

import pytest

from safety.config import Settings
from safety.domain.habits import LEAST_ACTIONS, PACKED
from safety.web.services import Services
from tests.factories import Json
from tests.integration.test_decide import House, decide


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> House:
    return House(Settings(data_dir=tmp_path / "data", database_url=database_url))


def a_like(number: int, begin: float, actor: str = "u_clock") -> Json:
    return {
        "id": f"like-{actor}-{number}",
        "type": "like",
        "time": begin + 60.0 * number,
        "actor": {"id": actor},
        "target": {"id": f"p_{number}", "kind": "post"},
        "deadline_ms": 30_000,
    }


async def likes(services: Services, begin: float, first: int, last: int) -> list[Json]:
    return [await decide(services, a_like(n, begin)) for n in range(first, last)]


def test_an_actor_has_a_score_once_enough_is_known_and_keeps_it_over_a_restart(
    house: House,
) -> None:
    begin = time.time() - 3 * 3600

    async def story() -> None:
        async with house.running() as services:
            answers = await likes(services, begin, 0, LEAST_ACTIONS + 5)
            assert all("bot" not in each["scores"] for each in answers[: LEAST_ACTIONS - 1])
            assert all("bot" in each["scores"] for each in answers[LEAST_ACTIONS - 1 :])
            assert [each["degraded"] for each in answers] == [[]] * len(answers)
        async with house.running() as services:
            (answer,) = await likes(services, begin, LEAST_ACTIONS + 5, LEAST_ACTIONS + 6)
            # Another minute of the same: what was known before the restart is known now.
            assert answer["scores"]["bot"] == pytest.approx(answers[-1]["scores"]["bot"], abs=0.05)

    asyncio.run(story())


def test_a_score_is_explained_by_the_habits_of_its_moment(house: House) -> None:
    begin = time.time() - 3 * 3600

    async def story() -> Json:
        async with house.running() as services:
            answers = await likes(services, begin, 0, LEAST_ACTIONS)
            await likes(services, begin, LEAST_ACTIONS, LEAST_ACTIONS + 30)
            return services.explainer.in_full("main", answers[-1]["id"])

    explained = asyncio.run(story())
    assert PACKED in explained["facts"]
    (signal,) = [s for s in explained["signals"] if s.get("name") == "bot"]
    words = {word["text"].split()[0]: word for word in signal["words"]}
    assert words
    assert all(word["start"] == word["end"] == 0 for word in words.values())
    assert json.dumps(explained)


def test_a_retry_is_no_second_action(house: House) -> None:
    begin = time.time() - 3 * 3600

    async def story() -> None:
        async with house.running() as services:
            await likes(services, begin, 0, LEAST_ACTIONS - 1)
            for _ in range(5):
                answer = await decide(services, a_like(0, begin))
                assert "bot" not in answer["scores"]
            (answer,) = await likes(services, begin, LEAST_ACTIONS - 1, LEAST_ACTIONS)
            assert "bot" in answer["scores"]

    asyncio.run(story())
