"""The decision path over real databases: one answer per event, kept before it is given."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import text

from safety.app import create_app
from safety.config import Settings
from safety.decisions.decide import Caller
from safety.domain.errors import EventIdReused
from safety.store.engine import open_engine
from safety.web.services import Services
from tests.factories import Json, an_event, raw
from tests.live import a_key

MAIN = Caller("main")


@dataclass(frozen=True, slots=True)
class House:
    """An installation that can be started again and again over the same database."""

    settings: Settings

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Services]:
        app = create_app(self.settings)
        async with app.inner.router.lifespan_context(app.inner):
            yield app.services

    def stored(self) -> dict[str, bytes]:
        """The answers in the ledger by decision id."""
        engine = open_engine(self.settings.resolved_database_url)
        with engine.connect() as connection:
            found = connection.execute(text("SELECT id, answer FROM decisions"))
            answers = {row.id: bytes(row.answer) for row in found}
        engine.dispose()
        return answers


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> House:
    return House(Settings(data_dir=tmp_path / "data", database_url=database_url))


async def ask(services: Services, event: Json, caller: Caller = MAIN) -> bytes:
    decider = services.decider
    return await decider.decide(caller, decider.read(raw(event), lambda: "evt_1"), services.timer())


async def decide(services: Services, event: Json, caller: Caller = MAIN) -> Json:
    answer: Json = json.loads(await ask(services, event, caller))
    return answer


def a_signup(number: int) -> Json:
    return {
        "id": f"signup-{number}",
        "type": "signup",
        "actor": {"id": f"new_{number}", "name": f"newcomer{number}"},
        "net": {"ip": "203.0.113.77"},
        "device": {"id": "d_burst"},
    }


def test_asking_again_returns_the_first_answer_byte_for_byte(house: House) -> None:
    async def story() -> None:
        async with house.running() as services:
            assert await ask(services, an_event()) == await ask(services, an_event())

    asyncio.run(story())
    assert len(house.stored()) == 1


def test_the_first_answer_survives_a_restart(house: House) -> None:
    async def story() -> bytes:
        async with house.running() as services:
            return await ask(services, an_event())

    assert asyncio.run(story()) == asyncio.run(story())
    assert len(house.stored()) == 1


def test_a_retry_with_another_deadline_is_the_same_event(house: House) -> None:
    async def story() -> None:
        async with house.running() as services:
            first = await decide(services, an_event(deadline_ms=5000))
            assert await decide(services, an_event(deadline_ms=4000)) == first

    asyncio.run(story())


def test_the_same_id_for_another_event_is_refused(house: House) -> None:
    async def story() -> None:
        async with house.running() as services:
            await decide(services, an_event())
            with pytest.raises(EventIdReused):
                await decide(services, an_event(content={"text": "something else"}))

    asyncio.run(story())


def test_tenants_do_not_share_event_ids(house: House) -> None:
    async def story() -> None:
        async with house.running() as services:
            mine = await decide(services, an_event())
            other = await decide(services, an_event(content={"text": "hi"}), Caller("other"))
            assert other["id"] != mine["id"]

    asyncio.run(story())


def test_one_event_asked_many_times_at_once_is_decided_once(house: House) -> None:
    async def story() -> None:
        async with house.running() as services:
            answers = await asyncio.gather(*(ask(services, an_event()) for _ in range(50)))
            assert len(set(answers)) == 1

    asyncio.run(story())
    assert len(house.stored()) == 1


def test_a_retry_after_a_restart_is_not_counted_twice(house: House) -> None:
    """The id is no longer remembered, so the event is judged and counted, then taken back."""

    async def first() -> None:
        async with house.running() as services:
            await decide(services, a_signup(1))

    async def second() -> str:
        async with house.running() as services:
            for _ in range(20):
                await decide(services, a_signup(1))
            verdict: str = (await decide(services, a_signup(2)))["verdict"]
            return verdict

    asyncio.run(first())
    assert asyncio.run(second()) == "allow"


def test_a_restart_does_not_forget_who_has_just_made_many_accounts(house: House) -> None:
    async def burst(numbers: range) -> list[str]:
        async with house.running() as services:
            return [(await decide(services, a_signup(n)))["verdict"] for n in numbers]

    before = asyncio.run(burst(range(30)))
    assert before[0] == "allow"
    assert before[-1] != "allow"
    assert asyncio.run(burst(range(30, 31))) == [before[-1]]


def test_every_concurrent_decision_is_stored_as_answered(house: House) -> None:
    async def story() -> dict[str, bytes]:
        async with house.running() as services:
            events = [an_event(id=f"c{n}", actor={"id": f"u{n}"}) for n in range(200)]
            answers = await asyncio.gather(*(ask(services, event) for event in events))
            return {json.loads(answer)["id"]: answer for answer in answers}

    assert asyncio.run(story()) == house.stored()


def test_a_locked_database_gets_the_fail_policy_in_time(tmp_path: Path) -> None:
    house = House(Settings(data_dir=tmp_path))

    async def story() -> None:
        async with house.running() as services:
            lock = sqlite3.connect(tmp_path / "safety.db", isolation_level=None)
            lock.execute("BEGIN IMMEDIATE")
            began = services.timer()
            answer = await decide(services, an_event(id="late", deadline_ms=200))
            assert services.timer() - began < 2
            assert answer["degraded"] == ["ledger"]
            assert (answer["stored"], answer["fail_policy"]) == (False, "open")
            signup = a_signup(1) | {"deadline_ms": 100}
            assert (await decide(services, signup))["verdict"] == "challenge"
            await asyncio.sleep(1.5)  # an attempt to get the lock takes a second
            assert services.health.report().problems == {"ledger": "locked"}
            lock.execute("ROLLBACK")
            lock.close()
            kept = await decide(services, an_event(id="late", deadline_ms=5000))
            assert kept["stored"]
            assert services.health.report().problems == {}

    asyncio.run(story())
    assert len(house.stored()) == 1  # nothing half-written, nothing written late


def test_asking_again_while_nothing_can_be_kept_does_not_count_twice(tmp_path: Path) -> None:
    house = House(Settings(data_dir=tmp_path))

    async def story() -> str:
        async with house.running() as services:
            lock = sqlite3.connect(tmp_path / "safety.db", isolation_level=None)
            lock.execute("BEGIN IMMEDIATE")
            for _ in range(20):
                answer = await decide(services, a_signup(1) | {"deadline_ms": 20})
                assert not answer["stored"]
            lock.execute("ROLLBACK")
            lock.close()
            verdict: str = (await decide(services, a_signup(1) | {"deadline_ms": 5000}))["verdict"]
            return verdict

    assert asyncio.run(story()) == "allow"


def test_a_test_value_under_a_known_id_takes_no_count_back(house: House) -> None:
    async def burst(numbers: range) -> list[str]:
        async with house.running() as services:
            return [(await decide(services, a_signup(n)))["verdict"] for n in numbers]

    async def attack() -> str:
        async with house.running() as services:
            for number in range(30):
                event = a_signup(number) | {"actor": {"id": "safety-test-allow"}}
                with pytest.raises(EventIdReused):
                    await decide(services, event, Caller("main", is_test=True))
            verdict: str = (await decide(services, a_signup(99)))["verdict"]
            return verdict

    strict = asyncio.run(burst(range(30)))[-1]
    assert strict != "allow"
    assert asyncio.run(attack()) == strict


def test_a_large_batch_does_not_keep_others_waiting(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    headers = {"Authorization": f"Bearer {a_key(settings)}"}
    heavy = {
        "events": [an_event(id=f"b{n}", content={"text": "\u0430a " * 1500}) for n in range(60)]
    }
    app = create_app(settings)
    finished: list[str] = []

    async def send(client: httpx2.AsyncClient, path: str, body: Json) -> None:
        response = await client.post(path, json=body, headers=headers)
        assert response.status_code == 200
        finished.append(path)

    async def story() -> None:
        transport = httpx2.ASGITransport(app)
        async with (
            app.inner.router.lifespan_context(app.inner),
            httpx2.AsyncClient(transport=transport, base_url="http://gate") as client,
        ):
            batch = asyncio.create_task(send(client, "/v1/decisions:batch", heavy))
            await asyncio.sleep(0.01)
            await send(client, "/v1/decisions", an_event(id="small"))
            await batch

    asyncio.run(story())
    assert finished == ["/v1/decisions", "/v1/decisions:batch"]
