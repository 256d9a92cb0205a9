"""All logs of one series, one per entity: what is kept, for how long, and how a window is read.

A log is exact up to the series' limit: it keeps the newest entries and forgets the rest, so a
number below the limit is the true number and a number at the limit means "at least this". A window
covers everything recorded after `at - within`, later events that overtook this one included.
"""

from abc import ABC, abstractmethod
from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import Generic, TypeVar

from safety.domain.features import Value
from safety.domain.velocity import Series

# Entries kept beyond the limit: taking back a few events leaves a full log full.
SPARE = 4

# Logs looked at for staleness whenever a new one is opened: more than one, so that rooms shrink.
_SWEEP = 2

EMPTY = array("d")

# Places of a plan's numbers to fill, each with its window's length in seconds.
Reads = Sequence[tuple[int, float]]
Log = TypeVar("Log")


class Room(ABC, Generic[Log]):
    """All logs of one series. Methods that change it return by how many logs it grew."""

    def __init__(self, series: Series) -> None:
        self._logs: OrderedDict[Hashable, Log] = OrderedDict()
        self.limit = series.limit
        self.keep = series.keep

    def __len__(self) -> int:
        return len(self._logs)

    def widen(self, series: Series) -> None:
        """Keep as much as this form of the series asks for; a reload may ask for more."""
        self.limit = max(self.limit, series.limit)
        self.keep = max(self.keep, series.keep)

    def drop_oldest(self, most: int) -> int:
        """Drop up to so many of the logs that were written least recently."""
        count = min(most, len(self._logs))
        for _ in range(count):
            self._logs.popitem(last=False)
        return -count

    def _open(self, entity: Hashable, log: Log, at: float) -> int:
        self._logs[entity] = log
        # Twice the longest window: an event that comes late by a whole window still reads its past.
        edge = at - 2 * self.keep
        for swept in range(_SWEEP):
            if self._newest(next(iter(self._logs.values()))) > edge:
                return 1 - swept
            self._logs.popitem(last=False)
        return 1 - _SWEEP

    @abstractmethod
    def record(self, entity: Hashable, value: Value, at: float) -> int:
        """Add one event of the entity."""

    @abstractmethod
    def forget(self, entity: Hashable, value: Value, at: float) -> int:
        """Take back one event; one that has already fallen out of the log changes nothing."""

    @abstractmethod
    def read(self, entity: Hashable, at: float, reads: Reads, numbers: list[float]) -> None:
        """Fill in what the entity's windows say at this moment."""

    @staticmethod
    @abstractmethod
    def _newest(log: Log) -> float:
        """The stamp of the newest entry."""


def count_inside(
    stamps: "array[float]", at: float, reads: Reads, numbers: list[float], limit: int
) -> None:
    """Fill in how many stamps lie inside each window, at most the limit."""
    size = len(stamps)
    for place, within in reads:
        inside = size - bisect_right(stamps, at - within)
        # Not min(): a call costs more than the whole comparison, twenty times an event.
        numbers[place] = inside if inside < limit else limit  # noqa: FURB136


def find(stamps: "array[float]", at: float) -> int | None:
    """Where the first entry of that moment is."""
    place = bisect_left(stamps, at)
    return place if place < len(stamps) and stamps[place] == at else None


def close_if_empty(
    logs: OrderedDict[Hashable, Log], entity: Hashable, entries: Sequence[object]
) -> int:
    """Forget an entity that has no entries left; by how many logs the room grew."""
    if entries:
        return 0
    del logs[entity]
    return -1
