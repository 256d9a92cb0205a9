"""Sends a play to the service at its pace, with a few threads, and tallies the answers."""

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile
from threading import Event, Lock, Thread

from safety.demo.door import Door, NoAnswerError, RefusedError
from safety.demo.scenarios import Step
from safety.demo.tally import Tally

_THREADS = 8


class Stream:
    """One play on its way to one service. `run` makes this run's event ids its own."""

    def __init__(  # the clock can be replaced so that tests need not wait
        self,
        door: Door,
        steps: Iterable[Step],
        tally: Tally,
        *,
        run: str,
        seconds: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._door = door
        self._steps = _limited(iter(steps), seconds)
        self._tally = tally
        self._run = run
        self._clock = clock
        self._next = Lock()
        self._number = 0
        self._stopping = Event()
        self._started_at = clock()
        self._threads = [Thread(target=self._send, daemon=True) for _ in range(_THREADS)]
        self.refusal: RefusedError | None = None

    def start(self) -> None:
        """Start sending."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Send nothing more and wait for the answers that are under way."""
        self._stopping.set()
        for thread in self._threads:
            if thread.ident is not None:  # starting may have been interrupted half-way
                thread.join()

    @property
    def is_over(self) -> bool:
        """Whether everything was sent and answered."""
        return not any(thread.is_alive() for thread in self._threads)

    def _send(self) -> None:
        while (numbered := self._take()) is not None and self._wait_for(numbered[1]):
            number, step = numbered
            try:
                answer = self._door.decide({"id": f"{self._run}-{number}", **step.event})
            except RefusedError as refusal:
                self.refusal = refusal
                self._stopping.set()
            except NoAnswerError as trouble:
                self._tally.failed(str(trouble))
            else:
                self._tally.answered(step, answer, self._clock())

    def _take(self) -> tuple[int, Step] | None:
        with self._next:
            step = next(self._steps, None)
            if step is None:
                return None
            self._number += 1
            return self._number, step

    def _wait_for(self, step: Step) -> bool:
        """Wait until the step is due. False when the stream was stopped meanwhile."""
        early = self._started_at + step.due - self._clock()
        return not self._stopping.wait(max(0.0, early))


def _limited(steps: Iterator[Step], seconds: float | None) -> Iterator[Step]:
    if seconds is None:
        return steps
    return takewhile(lambda step: step.due <= seconds, steps)
