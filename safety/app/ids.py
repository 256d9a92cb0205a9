"""Ids of everything that is kept: when it was made, and enough chance that no two meet."""

import os
import threading
import time


class Ids:
    """Makes ids such as `dec_19a2...`: the time in milliseconds, then 56 random bits.

    Randomness is drawn from the system in advance: asking for it per id hands the interpreter to
    another thread every time. Not for secrets.
    """

    _DRAWN = 4096

    def __init__(self) -> None:
        self._pool = iter("")
        self._drawing = threading.Lock()

    def __call__(self, prefix: str) -> str:
        """A fresh id with this prefix."""
        return f"{prefix}_{time.time_ns() // 1_000_000:011x}{self._bits()}"

    def _bits(self) -> str:
        bits = next(self._pool, None)
        while bits is None:
            with self._drawing:
                drawn = os.urandom(7 * self._DRAWN).hex()
                self._pool = iter([drawn[i : i + 14] for i in range(0, len(drawn), 14)])
            bits = next(self._pool, None)
        return bits
