"""The attack view: what came in the last hour, and what is more frequent than before."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine

from safety.decisions.steering.tallies import HOUR, MINUTE, RULES, VERDICTS, WATCHED
from safety.domain.verdicts import Verdict
from safety.store import rule_counts
from safety.store.engine import read

SHOWN_MINUTES: Final = 60
NOW_MINUTES: Final = 15
_SUBJECTS: Final = 10


@dataclass(frozen=True, slots=True)
class Minute:
    """Events of one minute by what they got; `start` is in Unix seconds."""

    start: int
    counts: Mapping[Verdict, int]

    @property
    def events(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    @property
    def stopped(self) -> int:
        """Those that were not simply allowed."""
        return self.events - self.counts.get(Verdict.ALLOW, 0)


@dataclass(frozen=True, slots=True)
class Rate:
    """Events of one verdict: a minute now, and in the hour before."""

    verdict: Verdict
    now: float
    before: float


@dataclass(frozen=True, slots=True)
class Subject:
    """A value that many events of the last minutes share, with what they got."""

    value: str
    counts: Mapping[Verdict, int]
    before: int

    @property
    def events(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    @property
    def stopped(self) -> int:
        """Those that were not simply allowed."""
        return self.events - self.counts.get(Verdict.ALLOW, 0)


@dataclass(frozen=True, slots=True)
class Group:
    """The most frequent values of one feature, or the rules that fired most."""

    kind: str
    subjects: Sequence[Subject]


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that the attack view shows."""

    minutes: Sequence[Minute]
    rates: Sequence[Rate]
    groups: Sequence[Group]

    @property
    def events(self) -> int:
        """Events of the last hour."""
        return sum(minute.events for minute in self.minutes)


def scene(engine: Engine, clock: Callable[[], float]) -> Scene:
    """What came in the last hour, from the counts of all processes."""
    at = int(clock())
    end = at - at % MINUTE + MINUTE
    since, recent = end - SHOWN_MINUTES * MINUTE, end - NOW_MINUTES * MINUTE
    with read(engine) as connection:
        counted = rule_counts.minutes_of(connection, VERDICTS, since, end)
        groups = []
        for kind in (*WATCHED, RULES):
            top = rule_counts.subjects_of(connection, kind, recent, end, limit=_SUBJECTS)
            names = [value for value, _ in top]
            before = rule_counts.events_of(connection, kind, names, recent - HOUR, recent)
            found = [Subject(value, counts, before.get(value, 0)) for value, counts in top]
            groups.append(Group(kind, found))
    by_minute: dict[int, dict[Verdict, int]] = {}
    for start, verdict, number in counted:
        by_minute.setdefault(start, {})[verdict] = number
    minutes = [Minute(start, by_minute.get(start, {})) for start in range(since, end, MINUTE)]
    return Scene(minutes, _rates(minutes), groups)


def _rates(minutes: Sequence[Minute]) -> list[Rate]:
    """A minute now, over what has passed of the last quarter, against the time before."""
    now, before = minutes[-NOW_MINUTES:], minutes[:-NOW_MINUTES]
    return [Rate(verdict, _mean(now, verdict), _mean(before, verdict)) for verdict in Verdict]


def _mean(minutes: Sequence[Minute], verdict: Verdict) -> float:
    return sum(minute.counts.get(verdict, 0) for minute in minutes) / max(1, len(minutes))
