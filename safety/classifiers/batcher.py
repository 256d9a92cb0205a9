"""One thread that asks the second stage, for several events at a time: together they cost less.

Whatever waits when the thread comes back is its next batch: alone, a text is read at once; under
load, batches grow by themselves.
"""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Condition, Thread, get_native_id
from typing import Final

import structlog

from safety.domain.ports import SecondStage

log = structlog.get_logger()

# Beyond eight texts a batch gets dearer as fast as it grows, and everybody in it waits for all.
MOST_TOGETHER: Final = 8
# What waits longer than this many batches would mostly be too late: better say so at once.
_MOST_WAITING: Final = 32 * MOST_TOGETHER

# How far the thread steps back: a third of the event loop's share of a core that both want.
_NICER: Final = 5

# What every head said; empty for a text that the stage cannot read; None when it failed.
Answer = tuple[float, ...] | None


class Reading:
    """One folded text on its way through a second stage. `done` is called from the thread."""

    __slots__ = ("done", "folded", "is_given_up", "stage")

    def __init__(self, stage: SecondStage, folded: str, done: Callable[[Answer], None]) -> None:
        self.stage = stage
        self.folded = folded
        self.done = done
        self.is_given_up = False

    def give_up(self) -> None:
        """Nobody waits for the answer any longer: it is not worked out, unless it has begun."""
        self.is_given_up = True


def _ignore(_texts: int, _seconds: float) -> None:
    """Nobody wants to hear of batches."""


class Batcher:
    """Reads texts with second stages, a batch at a time, outside the event loop.

    onnxruntime lets go of the interpreter while it computes, so the loop goes on meanwhile. `read`
    hears of every batch: how many texts, and how many seconds of wall time, from the thread.
    """

    def __init__(
        self, timer: Callable[[], float], read: Callable[[int, float], None] = _ignore
    ) -> None:
        self._timer = timer
        self._read = read
        self._waiting: list[Reading] = []
        self._changed = Condition()
        self._is_stopping = False
        self._thread: Thread | None = None
        self._seconds_each = 0.002  # one text in a batch, by the latest batches

    @property
    def depth(self) -> int:
        """How many texts wait for their batch."""
        return len(self._waiting)

    def expected(self) -> float:
        """Seconds until a text that joined now would probably be read."""
        return (len(self._waiting) + 1) * self._seconds_each

    def start(self, stages: Sequence[SecondStage] = ()) -> None:
        """Start the thread; it warms these stages first, while others already take traffic."""
        self._thread = Thread(target=self._run, args=(stages,), name="encoder", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the batch that is being read. What waits is answered None."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()
        for each in self._take(len(self._waiting)):
            each.done(None)

    def ask(self, readings: Sequence[Reading]) -> bool:
        """Have these texts read. False, and none of them will be, if too many wait already."""
        with self._changed:
            if self._is_stopping or len(self._waiting) + len(readings) > _MOST_WAITING:
                return False
            self._waiting += readings
            self._changed.notify()
        return True

    def _run(self, stages: Sequence[SecondStage]) -> None:
        _step_back()
        for stage in stages:
            _warm(stage)
        while (batch := self._next()) is not None:
            for each, answer in zip(batch, self._answers(batch), strict=True):
                each.done(answer)

    def _next(self) -> list[Reading] | None:
        """The next batch, or None at the end."""
        while True:
            with self._changed:
                while not self._waiting and not self._is_stopping:
                    self._changed.wait()
                if self._is_stopping:
                    return None
            if batch := [each for each in self._take(MOST_TOGETHER) if not each.is_given_up]:
                return batch

    def _take(self, most: int) -> list[Reading]:
        """The oldest text, and others of its stage that are nearest to it in length.

        A batch is as dear as its longest text, times their number.
        """
        with self._changed:
            if len(self._waiting) <= most and _are_of_one_stage(self._waiting):
                taken, self._waiting = self._waiting, []
                return taken
            oldest = self._waiting[0]
            size = len(oldest.folded)
            same = [each for each in self._waiting if each.stage is oldest.stage]
            same.sort(key=lambda each: (each is not oldest, abs(len(each.folded) - size)))
            taken = same[:most]
            chosen = set(map(id, taken))
            self._waiting = [each for each in self._waiting if id(each) not in chosen]
            return taken

    def _answers(self, batch: Sequence[Reading]) -> list[Answer]:
        began = self._timer()
        try:
            said = batch[0].stage.read([each.folded for each in batch])
        except Exception as error:  # noqa: BLE001  whatever fails is unknown, and stops nothing
            log.warning("part_failed", part="encoder", error=type(error).__name__)
            return [None] * len(batch)
        took = self._timer() - began
        self._seconds_each = 0.8 * self._seconds_each + 0.2 * took / len(batch)
        self._read(len(batch), took)
        return list(said)


def _step_back() -> None:
    """Let the event loop go first where the operating system can tell threads apart.

    While a core has time to spare nothing changes. When it has none, decisions go on at nearly
    full speed, and what the stage cannot read in time keeps the score of the first one.
    """
    if sys.platform == "linux":  # elsewhere this would mean the whole process
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, get_native_id(), _NICER)


def _are_of_one_stage(readings: Sequence[Reading]) -> bool:
    return all(each.stage is readings[0].stage for each in readings)


def _warm(stage: SecondStage) -> None:
    try:
        stage.warm()
    except Exception as error:  # noqa: BLE001  every question will say so again
        log.warning("part_failed", part="encoder", error=type(error).__name__)
