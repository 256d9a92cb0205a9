"""Who writes to a SQLite file next: this process's threads queue here, not at the file's lock.

SQLite lets one transaction write at a time, and whoever finds it busy sleeps and tries again, for
longer each time. Under a storm of small transactions that is chance; a lock of our own wakes the
next thread the moment the last one is done. Other processes are still met at the file's lock.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

_LONGEST_WAIT: Final = 5.0  # seconds; afterwards SQLite's own lock decides, and says what is wrong

_turns: "WeakKeyDictionary[Engine, threading.Lock]" = WeakKeyDictionary()
_making = threading.Lock()


def take_turn(
    engine: Engine, wait: float = _LONGEST_WAIT
) -> "threading.Lock | None":  # in Python 3.11 it is no type
    """Wait for the turn to write; what is returned must be released. None: go ahead without.

    A server's databases let many write at once, so theirs is never waited for.
    """
    if engine.dialect.name != "sqlite":
        return None
    with _making:
        turn = _turns.setdefault(engine, threading.Lock())
    return turn if turn.acquire(timeout=wait) else None


@contextmanager
def writing_turn(engine: Engine) -> Iterator[None]:
    """Have the turn to write for as long as one transaction takes."""
    turn = take_turn(engine)
    try:
        yield
    finally:
        if turn is not None:
            turn.release()
