"""A fair sample of what comes, as large as somebody has the time to look at."""

from collections.abc import Callable
from typing import Generic, TypeVar

Kept = TypeVar("Kept")


class Sample(Generic[Kept]):
    """At most `size` of what came since it was last taken, each as likely as any other.

    Adding costs next to nothing, however much comes (reservoir sampling: Vitter, 1985). One thread
    adds and another takes; what is added in the moment of taking may be lost.
    """

    def __init__(self, size: int, chance: Callable[[], float]) -> None:
        self._size = size
        self._chance = chance  # from 0 to 1, 1 excluded
        self._kept: list[Kept] = []
        self._came = 0

    def add(self, one: Kept) -> None:
        """Keep it, perhaps in another's place."""
        kept = self._kept  # the same one throughout, whoever takes it meanwhile
        self._came += 1
        if len(kept) < self._size:
            kept.append(one)
            return
        place = int(self._chance() * self._came)
        if place < self._size:
            kept[place] = one

    def take(self) -> list[Kept]:
        """What was kept; from now on a new sample is drawn."""
        kept, self._kept, self._came = self._kept, [], 0
        return kept
