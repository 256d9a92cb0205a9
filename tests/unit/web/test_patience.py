"""A body that does not end in time ends the request; one that arrives in pieces is put together."""

import asyncio
from collections.abc import Sequence

import pytest
from starlette.types import Message

from safety.domain.errors import BodyTooLarge, MalformedBody
from safety.web.patience import Patience


class Line:
    """What a client sends, piece by piece; after that it only keeps the line open."""

    def __init__(self, pieces: Sequence[bytes], *, ends: bool = True) -> None:
        self._messages: list[Message] = [
            {
                "type": "http.request",
                "body": piece,
                "more_body": not ends or place < len(pieces) - 1,
            }
            for place, piece in enumerate(pieces)
        ]

    async def receive(self) -> Message:
        if not self._messages:
            await asyncio.Event().wait()
        return self._messages.pop(0)


def test_pieces_are_put_together() -> None:
    body = asyncio.run(Patience(5).body(Line([b"ab", b"", b"c"]).receive, 3))
    assert body == b"abc"


def test_a_body_in_pieces_is_counted_while_it_arrives() -> None:
    with pytest.raises(BodyTooLarge):
        asyncio.run(Patience(5).body(Line([b"ab", b"c", b"d"], ends=False).receive, 3))


def test_a_body_that_never_ends_is_given_up() -> None:
    with pytest.raises(MalformedBody, match="in time"):
        asyncio.run(Patience(0.1).body(Line([b"a"], ends=False).receive, 10))


def test_giving_up_leaves_the_task_able_to_answer() -> None:
    async def answer() -> str:
        try:
            await Patience(0.1).body(Line([b"a"], ends=False).receive, 10)
        except MalformedBody:
            await asyncio.sleep(0)  # raises if the task were still cancelled
        return "answered"

    assert asyncio.run(answer()) == "answered"


def test_a_cancelled_request_stays_cancelled() -> None:
    async def cancelled() -> None:
        task = asyncio.create_task(Patience(60).body(Line([], ends=False).receive, 10))
        await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())


def test_many_wait_and_only_the_late_are_given_up() -> None:
    async def race() -> list[object]:
        late, quick = Patience(0.1), Patience(60)
        return await asyncio.gather(
            *(late.body(Line([b"x"], ends=False).receive, 9) for _ in range(50)),
            *(quick.body(Line([b"y"]).receive, 9) for _ in range(50)),
            return_exceptions=True,
        )

    answers = asyncio.run(race())
    assert all(isinstance(each, MalformedBody) for each in answers[:50])
    assert answers[50:] == [b"y"] * 50
