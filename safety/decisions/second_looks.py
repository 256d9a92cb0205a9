"""The way from the event loop to the second stage and back, taken by many events at once."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from safety.classifiers.batcher import Answer, Batcher, Reading
from safety.decisions.judgement import Said
from safety.domain.ports import Question

# Why a second stage was not asked, or its answer not waited for.
BUSY = "busy"
LATE = "deadline"
FAILED = "unavailable"


class _Visit:
    """The texts of one event that are being read, and whoever waits for them."""

    __slots__ = ("answers", "future", "left", "readings", "timer")

    def __init__(self, future: "asyncio.Future[Sequence[Answer] | None]", texts: int) -> None:
        self.future = future
        self.readings: list[Reading] = []
        self.answers: list[Answer] = [None] * texts
        self.left = texts
        self.timer: asyncio.TimerHandle | None = None

    def late(self) -> None:
        """Nobody waits any longer."""
        for reading in self.readings:
            reading.give_up()
        if not self.future.done():
            self.future.set_result(None)


class SecondLooks:
    """Asks second stages on behalf of coroutines, which wait and hold nobody up.

    `patience` is how many seconds an event waits at most; what would probably take longer is not
    begun. `skipped` hears why an event went without.
    """

    def __init__(
        self,
        batcher: Batcher,
        patience: float,
        skipped: Callable[[str], None] = lambda _why: None,
    ) -> None:
        self._batcher = batcher
        self._patience = patience
        self._skipped = skipped
        self._arrived: deque[tuple[_Visit, int, Answer]] = deque()
        self._is_scheduled = False

    async def ask(self, questions: Sequence[Question], seconds: float) -> list[Said]:
        """What was said to each question, within so many seconds; or why nothing was.

        Models that ask one stage about one text share one reading of it.
        """
        seconds = min(seconds, self._patience)
        if self._batcher.expected() > seconds:
            return self._without(questions, BUSY if seconds > 0 else LATE)
        places = _places(questions)
        loop = asyncio.get_running_loop()
        visit = _Visit(loop.create_future(), len(places))
        visit.readings = [
            Reading(stage, folded, partial(self._arrive, loop, visit, place))
            for place, (stage, folded) in enumerate(
                {(id(q.stage), q.folded): (q.stage, q.folded) for q in questions}.values()
            )
        ]
        if not self._batcher.ask(visit.readings):
            return self._without(questions, BUSY)
        visit.timer = loop.call_later(seconds, visit.late)
        try:
            answers = await visit.future
        finally:
            visit.timer.cancel()
            visit.late()  # if this coroutine was cancelled, its texts need not be read
        if answers is None:
            return self._without(questions, LATE)
        if None in answers:
            return self._without(questions, FAILED)
        said = (answers[places[id(q.stage), q.folded]] for q in questions)
        return [each for each in said if each is not None]

    def _without(self, questions: Sequence[Question], why: str) -> list[Said]:
        self._skipped(why)
        return [why] * len(questions)

    def _arrive(
        self, loop: asyncio.AbstractEventLoop, visit: _Visit, place: int, answer: Answer
    ) -> None:
        """Called by the batcher's thread; one wake-up brings a whole batch home."""
        self._arrived.append((visit, place, answer))
        if not self._is_scheduled:
            self._is_scheduled = True
            with suppress(RuntimeError):  # the loop has ended: nobody waits
                loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        self._is_scheduled = False  # before draining: what arrives meanwhile schedules anew
        while self._arrived:
            visit, place, answer = self._arrived.popleft()
            visit.answers[place] = answer
            visit.left -= 1
            if not visit.left and not visit.future.done():
                visit.future.set_result(visit.answers)


def _places(questions: Sequence[Question]) -> dict[tuple[int, str], int]:
    """The place of each distinct reading among those that are asked for."""
    distinct = dict.fromkeys((id(q.stage), q.folded) for q in questions)
    return {key: place for place, key in enumerate(distinct)}
