"""Requests that hash a password wait for their turn here, on no thread and holding no lock.

Let in all at once, a storm of logins would fill every worker thread, and hundreds of threads that
take the interpreter and the database from each other hold up everybody's decisions.
"""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from safety.domain.errors import Unavailable


class Turns:
    """`at_once` requests are worked on, `queue` wait for up to `wait` seconds, first come first."""

    def __init__(self, at_once: int = 4, queue: int = 64, wait: float = 2.0) -> None:
        self._at_once = at_once
        self._queue = queue
        self._wait = wait
        self._waiting = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._free = asyncio.Semaphore(at_once)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn and have it. Raises `Unavailable` when too many wait, or for too long."""
        free = self._of_this_loop()
        if free.locked() and self._waiting >= self._queue:
            raise self._busy()
        self._waiting += 1
        try:
            async with asyncio.timeout(self._wait):
                await free.acquire()
        except TimeoutError:
            raise self._busy() from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            free.release()

    def _of_this_loop(self) -> asyncio.Semaphore:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:  # a service that is started again, as tests do
            self._loop, self._free = loop, asyncio.Semaphore(self._at_once)
        return self._free

    def _busy(self) -> Unavailable:
        return Unavailable(
            "Too many people sign in at the moment; try again soon.",
            retry_after=max(1, math.ceil(self._wait)),
        )
