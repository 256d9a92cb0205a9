"""The way between the event loop and the ledger's thread, taken by many decisions at once."""

import asyncio
from collections import deque
from functools import partial

from safety.domain.decisions import LedgerEntry
from safety.domain.errors import Unavailable
from safety.store.group_commit import Ledger, Pending
from safety.store.ledger import AppendResult, Failed

# A commit that has begun is given this much longer: afterwards nobody can say whether it landed.
COMMIT_GRACE = 1.0


class _Passenger:
    """An entry on its way into the ledger, and whoever waits for it."""

    __slots__ = ("entry", "future", "pending", "timer")

    def __init__(
        self,
        kept: LedgerEntry,
        future: "asyncio.Future[AppendResult]",
    ) -> None:
        self.entry = kept
        self.future = future
        self.timer: asyncio.TimerHandle | None = None
        self.pending: Pending | None = None  # None until it is handed over

    def withdraw(self) -> bool:
        """Whether it will surely not be written."""
        return self.pending is not None and self.pending.abandon()


class Crossing:
    """The way between the event loop and the ledger's thread, taken by many at once.

    What one turn of the loop produces is handed over with one wake-up, and what one commit answers
    comes back with one.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, writer: Ledger) -> None:
        self.loop = loop
        self._writer = writer
        self._leaving: list[_Passenger] = []
        self._arrived: deque[tuple[_Passenger, AppendResult]] = deque()
        self._is_scheduled = False

    def append(self, kept: LedgerEntry, seconds: float) -> "asyncio.Future[AppendResult]":
        """Have an entry written, or know within `seconds` that it never will be.

        The answer is `Unavailable`, raised, if its commit has begun by then and does not end.
        """
        waiting = _Passenger(kept, self.loop.create_future())
        waiting.timer = self.loop.call_later(max(0.0, seconds), self._late, waiting)
        if not self._leaving:
            self.loop.call_soon(self._hand_over)
        self._leaving.append(waiting)
        return waiting.future

    def _late(self, waiting: _Passenger) -> None:
        if waiting.future.done():
            return
        if waiting.withdraw():
            waiting.future.set_result(Failed("the ledger did not answer within the deadline"))
        else:
            self.loop.call_later(COMMIT_GRACE, _hung, waiting)

    def _hand_over(self) -> None:
        leaving, self._leaving = self._leaving, []
        pendings = self._writer.append_many(
            [(each.entry, partial(self._arrive, each)) for each in leaving]
        )
        for waiting, pending in zip(leaving, pendings, strict=True):
            waiting.pending = pending

    def _arrive(self, waiting: _Passenger, result: AppendResult) -> None:
        self._arrived.append((waiting, result))
        if not self._is_scheduled:
            self._is_scheduled = True
            self.loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        self._is_scheduled = False  # before draining: what arrives meanwhile schedules anew
        while self._arrived:
            waiting, result = self._arrived.popleft()
            if waiting.timer is not None:
                waiting.timer.cancel()
            if not waiting.future.done():
                waiting.future.set_result(result)


def _hung(waiting: _Passenger) -> None:
    if not waiting.future.done():
        waiting.future.set_exception(Unavailable("the ledger hangs; ask again", retry_after=2))
