"""Who writes to a SQLite file next: this process's threads queue here, not at the file's lock.

SQLite lets one transaction write at a time, and whoever finds it busy sleeps and tries again, for
longer each time. Under a storm of small transactions that is chance; here the next thread is woken
the moment the last one is done, and the ledger, for which many callers wait, goes before all that
wait for themselves. Other processes are still met at the file's lock.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

_LONGEST_WAIT: Final = 5.0  # seconds; afterwards SQLite's own lock decides, and says what is wrong


class Turn:
    """Belongs to one thread at a time: to the urgent first, else in the order of asking."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._is_taken = False
        # Each waits at a lock of its own, which is opened when the turn is theirs.
        self._urgent: deque[threading.Lock] = deque()
        self._others: deque[threading.Lock] = deque()

    @property
    def waiting(self) -> int:
        """How many wait for it."""
        return len(self._urgent) + len(self._others)

    def acquire(self, wait: float, *, is_urgent: bool = False) -> bool:
        """Wait for the turn, at most so many seconds. False: it has not come."""
        queue = self._urgent if is_urgent else self._others
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return True
            gate = threading.Lock()
            gate.acquire()
            queue.append(gate)
        if gate.acquire(timeout=wait):
            return True
        with self._guard:
            if gate not in queue:
                return True  # it came after all, at the last moment
            queue.remove(gate)
            return False

    def release(self) -> None:
        """Hand the turn over to whoever is next."""
        with self._guard:
            queue = self._urgent or self._others
            if queue:
                queue.popleft().release()
            else:
                self._is_taken = False


_turns: "WeakKeyDictionary[Engine, Turn]" = WeakKeyDictionary()
_making = threading.Lock()


def take_turn(
    engine: Engine, wait: float = _LONGEST_WAIT, *, is_urgent: bool = False
) -> Turn | None:
    """Wait for the turn to write; what is returned must be released. None: go ahead without.

    A server's databases let many write at once, so theirs is never waited for.
    """
    if engine.dialect.name != "sqlite":
        return None
    with _making:
        turn = _turns.setdefault(engine, Turn())
    return turn if turn.acquire(wait, is_urgent=is_urgent) else None


@contextmanager
def writing_turn(engine: Engine) -> Iterator[None]:
    """Have the turn to write for as long as one transaction takes."""
    turn = take_turn(engine)
    try:
        yield
    finally:
        if turn is not None:
            turn.release()
