"""How often each address may try: counted in memory, exactly, and before anything dear is done."""

import math
from collections.abc import Callable

from safety.accounts.gate_limits import Rate
from safety.domain.errors import TooManyRequests
from safety.gates.windows import MOST_KEYS, WindowStorage


class Budget:
    """A window per subject that slides, shared by all threads of a process.

    What turns out to be no failure is given back. `timer` answers seconds and never goes back, so
    the clock on the wall locks nobody out. Beyond `most_subjects` the longest quiet is forgotten.
    """

    def __init__(
        self, rate: Rate, timer: Callable[[], float], most_subjects: int = MOST_KEYS
    ) -> None:
        self._rate = rate
        self._windows = WindowStorage(clock=timer, most_keys=most_subjects)

    def take(self, subject: str) -> None:
        """Count one try. Raises `TooManyRequests` when the subject has none left."""
        most, within = self._rate.most, self._rate.within
        if self._windows.acquire_entry(subject, most, within):
            return
        oldest, _ = self._windows.get_moving_window(subject, most, within)
        wait = oldest + within - self._windows.clock()
        raise TooManyRequests(retry_after=max(1, math.ceil(wait)))

    def give_back(self, subject: str) -> None:
        """Take back the latest try: it was no failure."""
        self._windows.release(subject)
