"""Reading bodies with a limit on their size and on how long they may take to arrive."""

import asyncio

from starlette.types import Receive

from safety.domain.errors import BodyTooLarge, MalformedBody

RECEIVE_SECONDS = 30.0
_SWEEP_SECONDS = 1.0


class Patience:
    """Ends requests whose body does not arrive within `seconds`, to the second.

    One sweep looks at all of them: a timer for each costs more than reading most bodies.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._waiting: dict[asyncio.Task[object], float] = {}
        self._given_up: set[asyncio.Task[object]] = set()
        self._is_sweeping = False

    async def body(self, receive: Receive, limit: int) -> bytes:
        """The whole body, at most `limit` bytes.

        Raises `BodyTooLarge`, or `MalformedBody` for one that ends early or does not end in time.
        """
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  every request is one
        self._watch(task)
        try:
            return await _whole(receive, limit)
        except asyncio.CancelledError:
            if task not in self._given_up:
                raise
            task.uncancel()
            raise MalformedBody("the body did not arrive in time") from None
        finally:
            del self._waiting[task]
            self._given_up.discard(task)

    def _watch(self, task: "asyncio.Task[object]") -> None:
        loop = asyncio.get_running_loop()
        self._waiting[task] = loop.time() + self._seconds
        if not self._is_sweeping:
            self._is_sweeping = True
            loop.call_later(_SWEEP_SECONDS, self._sweep, loop)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for task, ends in self._waiting.items():
            if ends <= now and task not in self._given_up:
                self._given_up.add(task)
                task.cancel()
        self._is_sweeping = bool(self._waiting)
        if self._is_sweeping:
            loop.call_later(_SWEEP_SECONDS, self._sweep, loop)


async def _whole(receive: Receive, limit: int) -> bytes:
    message = await receive()
    chunk: bytes = message.get("body", b"")
    chunks, size = [chunk], len(chunk)
    if size > limit:
        raise BodyTooLarge(f"the body may have {limit} bytes")
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise MalformedBody("the body ended early")
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > limit:
            raise BodyTooLarge(f"the body may have {limit} bytes")
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
