"""Few are worked on at once, some wait for a while, and everybody else is told to come back."""

import asyncio

import pytest

from safety.domain.errors import Unavailable
from safety.web.turns import Turns


def test_never_more_than_agreed_are_worked_on_at_once_and_nobody_is_forgotten() -> None:
    turns, working, most, done = Turns(at_once=3, queue=100, wait=10), 0, 0, 0

    async def one() -> None:
        nonlocal working, most, done
        async with turns.turn():
            working += 1
            most = max(most, working)
            await asyncio.sleep(0)
            working -= 1
            done += 1

    async def all_of_them() -> None:
        await asyncio.gather(*(one() for _ in range(60)))

    asyncio.run(all_of_them())
    assert (most, done) == (3, 60)


def test_beyond_the_queue_the_answer_comes_at_once_with_when_to_try_again() -> None:
    turns = Turns(at_once=1, queue=2, wait=60)

    async def held() -> None:
        async with turns.turn():
            await asyncio.sleep(60)

    async def crowd() -> Unavailable:
        tasks = [asyncio.create_task(held()) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Unavailable) as refused:
            async with turns.turn():
                pass
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return refused.value

    assert asyncio.run(crowd()).retry_after == 60


def test_whoever_waits_too_long_is_told_and_takes_no_turn_from_anybody() -> None:
    turns = Turns(at_once=1, queue=8, wait=0.05)

    async def late() -> None:
        async with turns.turn():
            with pytest.raises(Unavailable):
                async with turns.turn():
                    pass
        async with turns.turn():  # the turn is free again
            pass

    asyncio.run(late())


def test_a_turn_is_given_back_when_the_work_fails_or_is_cancelled() -> None:
    turns = Turns(at_once=1, queue=8, wait=0.5)

    async def fails() -> None:
        async with turns.turn():
            raise RuntimeError

    async def one_after_another() -> None:
        with pytest.raises(RuntimeError):
            await fails()
        waiting = asyncio.create_task(fails())
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        async with turns.turn():
            pass

    asyncio.run(one_after_another())


def test_a_service_that_is_started_again_has_its_turns_again() -> None:
    turns = Turns(at_once=1)

    async def once() -> None:
        async with turns.turn():
            await asyncio.sleep(0)

    asyncio.run(once())
    asyncio.run(once())
