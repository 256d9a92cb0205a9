"""Events, matches and new matches for each day, days that had none included."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil

import numpy as np

from safety.ruleset.columns import Floats

DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Day:
    """One day (UTC) of a backtest. `new` matches got a milder verdict at the time."""

    date: str
    events: int
    matches: int
    new: int


class Days:
    """Counts by day, from the day of `since` to the last one that begins before `until`."""

    def __init__(self, since: float, until: float) -> None:
        self._days = range(int(since // DAY_SECONDS), max(1, ceil(until / DAY_SECONDS)))
        self._events: Counter[int] = Counter()
        self._matches: Counter[int] = Counter()
        self._new: Counter[int] = Counter()

    def add(self, events: Floats, matches: Floats, new: Floats) -> None:
        """Count the moments of some events, of those that matched and of those that were new."""
        for counter, moments in (
            (self._events, events),
            (self._matches, matches),
            (self._new, new),
        ):
            days, numbers = np.unique(moments // DAY_SECONDS, return_counts=True)
            counter.update(dict(zip(days.astype(int).tolist(), numbers.tolist(), strict=True)))

    def days(self) -> tuple[Day, ...]:
        """Every day, oldest first. The first and the last may be cut short."""
        return tuple(
            Day(_date(day), self._events[day], self._matches[day], self._new[day])
            for day in self._days
        )


def _date(day: int) -> str:
    return datetime.fromtimestamp(day * DAY_SECONDS, UTC).date().isoformat()
