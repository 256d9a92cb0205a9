"""A circuit breaker: stops asking somebody who does not answer, and asks again after a rest."""

from collections.abc import Callable
from math import inf
from threading import Lock


class Breaker:
    """Opens after some failures in a row. While it is open, one caller per rest may try.

    `timer` answers seconds and never jumps; `rest` is in seconds.
    """

    def __init__(
        self, timer: Callable[[], float], *, failures: int = 3, rest: float = 10.0
    ) -> None:
        self._timer = timer
        self._most = failures
        self._rest = rest
        self._lock = Lock()
        self._in_a_row = 0
        self._tried_at = -inf
        self._open_until = -inf  # known for the past: the last moment at which it was open

    def may_try(self) -> bool:
        """Whether to ask now. While it is open, only the first to come after a rest is told yes."""
        with self._lock:
            now = self._timer()
            if self._in_a_row >= self._most and now - self._tried_at < self._rest:
                return False
            self._tried_at = now
            return True

    def succeeded(self) -> None:
        """Somebody answered: it is closed."""
        with self._lock:
            if self._in_a_row >= self._most:
                self._open_until = self._timer()
            self._in_a_row = 0

    def failed(self) -> bool:
        """Nobody answered; whether that was what opened it."""
        with self._lock:
            self._in_a_row += 1
            return self._in_a_row == self._most

    def is_open(self, *, within: float = 0.0) -> bool:
        """Whether it is open, or was in the last `within` seconds."""
        with self._lock:
            return self._in_a_row >= self._most or self._timer() - self._open_until < within
