"""A few threads that hash passwords, so that a storm of logins cannot starve everything else."""

import math
import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from typing import Any, TypeVar

from safety.domain.errors import Unavailable

T = TypeVar("T")

# Hashing gives way to everything else in this process: 10 is what nice(1) adds by default.
_NICENESS = 10


class HashingPool:
    """Runs dear work: `threads` pieces at once, `queue` waiting, first come first served.

    What runs belongs to its thread: a caller who leaves frees nothing. Work whose turn does not
    come within `wait` seconds, or finds the queue full, is refused with `Unavailable`.
    """

    def __init__(self, threads: int, queue: int = 64, wait: float = 2.0) -> None:
        if threads < 1 or queue < 1:
            raise ValueError("a pool needs a thread and room for one to wait")
        self._queue = queue
        self._wait = wait
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._changed = threading.Condition()
        self._idle = threads
        self._is_stopped = False
        self._threads = [
            threading.Thread(target=self._serve, name=f"hashing-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def depth(self) -> int:
        """How many wait for their turn."""
        return len(self._waiting)

    def run(self, work: Callable[[], T]) -> T:
        """Do the work on a thread of the pool and hand back its result, or raise its error.

        Blocks: call it from a worker thread, never from the event loop.
        """
        future: Future[T] = Future()
        self._enqueue(future, work)
        try:
            return future.result(self._wait)
        except TimeoutError:
            if self._abandon(future):
                raise self._unavailable() from None
            return future.result()  # its turn came in time; the error may be the work's own
        except CancelledError:
            raise self._unavailable() from None

    def stop(self) -> None:
        """Refuse everybody who waits, and return when the work at hand is done."""
        with self._changed:
            self._is_stopped = True
            for future, _ in self._waiting:
                future.cancel()
            self._waiting.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _enqueue(self, future: Future[T], work: Callable[[], T]) -> None:
        with self._changed:
            # Those whom an idle thread is about to take do not wait for their turn.
            if self._is_stopped or len(self._waiting) - self._idle >= self._queue:
                raise self._unavailable()
            self._waiting.append((future, work))
            self._changed.notify()

    def _abandon(self, future: Future[Any]) -> bool:
        """Give up a place in the queue; False if the work has begun."""
        with self._changed:
            if not future.cancel():
                return False
            self._waiting = deque(entry for entry in self._waiting if entry[0] is not future)
            return True

    def _serve(self) -> None:
        give_way()
        while True:
            with self._changed:
                while not self._waiting and not self._is_stopped:
                    self._changed.wait()
                if self._is_stopped:
                    return
                future, work = self._waiting.popleft()
                if not future.set_running_or_notify_cancel():
                    continue
                self._idle -= 1
            _do(future, work)
            with self._changed:
                self._idle += 1

    def _unavailable(self) -> Unavailable:
        return Unavailable(
            "Too many passwords are being checked: try again in a moment.",
            retry_after=math.ceil(self._wait),
        )


def _do(future: Future[Any], work: Callable[[], Any]) -> None:
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001 - whatever it is belongs to the caller
        future.set_exception(error)
    else:
        future.set_result(result)


def give_way() -> None:
    """Lower this thread's priority where threads have one of their own, which is on Linux."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
