"""Velocity: what is counted, by which entity, in which sliding window."""

from dataclasses import dataclass
from enum import StrEnum

from safety.domain.habits import Watch


class Measure(StrEnum):
    """What a window answers: how many events, their total, or how many different values."""

    COUNT = "count"
    SUM = "sum"
    DISTINCT = "distinct"


@dataclass(frozen=True, slots=True)
class Series:
    """One log per entity: the events of some types, seen from one of their features.

    `key` names the series for ever (it is part of the stored snapshot and of shared state).
    `of` is the feature that is summed or told apart; it is None for a plain count.
    `keep` is the longest window (seconds) and `limit` the largest number any rule compares with:
    logs are exact up to `limit` and saturate there.
    """

    measure: Measure
    events: tuple[str, ...]
    by: str
    of: str | None
    keep: float
    limit: int

    @property
    def key(self) -> str:
        """The canonical text, such as `distinct(content.thread_id;comment,post;by=actor.id)`."""
        of = f"{self.of};" if self.of else ""
        return f"{self.measure.value}({of}{','.join(self.events)};by={self.by})"


@dataclass(frozen=True, slots=True)
class Window:
    """One number a rule reads: a series looked at over the last `within` seconds.

    `name` is the feature name under which the number appears among the values, in the canonical
    form `count("post", by=actor.id, within="10m")`.
    """

    name: str
    series: Series
    within: float


@dataclass(frozen=True, slots=True)
class CountingPlan:
    """What one event type costs the counters, known when the rules are compiled.

    `hits` are the series this event adds to, `windows` the numbers its rules read, and
    `labelled` the pairs (label feature, entity feature), such as `("actor.labels", "actor.id")`,
    that its rules read. `watch` says what it adds to the memory of behaviour; None is nothing.
    """

    hits: tuple[Series, ...] = ()
    windows: tuple[Window, ...] = ()
    labelled: tuple[tuple[str, str], ...] = ()
    watch: Watch | None = None
