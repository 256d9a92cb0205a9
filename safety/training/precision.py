"""How often moderators agree with a rule: share, interval, coverage and trend."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from safety.domain.decisions import SignalSource
from safety.domain.reviews import Action
from safety.domain.shares import wilson
from safety.ruleset.columns import Rows
from safety.training.past import Past
from safety.training.segment import Segment

_DAY = 86_400.0
_WEEK = 7 * _DAY
# 1970-01-01 was a Thursday; weeks begin on Mondays, UTC.
_FIRST_MONDAY = 4 * _DAY

UNSEEN, REFUTED, CONFIRMED = range(3)
Outcomes = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Precision:
    """Matches, how many of them a moderator decided about, and how many of those were confirmed."""

    matches: int
    looked_at: int
    confirmed: int

    @property
    def share(self) -> float | None:
        """Confirmed among those looked at; None when nobody looked."""
        return self.confirmed / self.looked_at if self.looked_at else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % Wilson interval of the share."""
        return wilson(self.confirmed, self.looked_at)

    @property
    def coverage(self) -> float | None:
        """The share of matches that anybody looked at; None without matches."""
        return self.looked_at / self.matches if self.matches else None


@dataclass(frozen=True, slots=True)
class Week:
    """The precision of one week, named by its Monday (UTC)."""

    monday: str
    precision: Precision


@dataclass(slots=True)
class Tally:
    """Counts matches by week and by what moderators made of them."""

    _counts: Counter[tuple[int, int]] = field(default_factory=Counter)

    def add(self, moments: NDArray[np.float64], outcomes: Outcomes) -> None:
        """Count matches decided at these moments."""
        weeks = np.floor((moments - _FIRST_MONDAY) / _WEEK).astype(np.int64)
        pairs, numbers = np.unique(np.stack([weeks, outcomes]), axis=1, return_counts=True)
        for (week, outcome), number in zip(pairs.T.tolist(), numbers.tolist(), strict=True):
            self._counts[week, outcome] += number

    def total(self) -> Precision:
        """All weeks together."""
        return self._precision(None)

    def trend(self) -> tuple[Week, ...]:
        """Each week that had a match, oldest first."""
        weeks = sorted({week for week, _ in self._counts})
        return tuple(Week(_monday(week), self._precision(week)) for week in weeks)

    def _precision(self, only: int | None) -> Precision:
        counts = Counter[int]()
        for (week, outcome), number in self._counts.items():
            if only in {None, week}:
                counts[outcome] += number
        looked_at = counts[REFUTED] + counts[CONFIRMED]
        return Precision(counts.total(), looked_at, counts[CONFIRMED])


def _monday(week: int) -> str:
    return datetime.fromtimestamp(week * _WEEK + _FIRST_MONDAY, UTC).date().isoformat()


def outcomes_of(segment: Segment, rows: Rows, resolved: Mapping[str, Action]) -> Outcomes:
    """What moderators made of these decisions: keeping refutes a rule, all else confirms it."""
    told = [_outcome(resolved.get(decision_id)) for decision_id in segment.ids(rows)]
    return np.array(told, np.int8)


def _outcome(action: Action | None) -> int:
    return UNSEEN if action is None else REFUTED if action is Action.KEEP else CONFIRMED


@dataclass(frozen=True, slots=True)
class RulePrecision:
    """A rule's precision, apart for what it enforced and for what it only would have done."""

    rule: str
    is_live: bool
    total: Precision
    trend: tuple[Week, ...]


def precision_per_rule(
    past: Past,
    resolved: Mapping[str, Action],
    since: float,
    until: float,
    *,
    tenant: str | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> tuple[RulePrecision, ...]:
    """Every rule that fired between two moments, by id, live before shadow."""
    tallies: dict[tuple[str, bool], Tally] = {}
    for segment in past.stretches(since, until):
        rows = segment.rows_of(since=since, until=until, tenant=tenant)
        fired = _fired(segment, rows)
        seen = rows[np.isin(segment.signal_codes[rows], list(set().union(*fired.values())))]
        outcomes = outcomes_of(segment, seen, resolved)
        codes, moments = segment.signal_codes[seen], segment.decided_at[seen]
        for key, combinations in fired.items():
            mine = np.isin(codes, list(combinations))
            tallies.setdefault(key, Tally()).add(moments[mine], outcomes[mine])
        progress(len(segment))
    ordered = sorted(tallies, key=lambda key: (key[0], not key[1]))
    return tuple(
        RulePrecision(rule, is_live, tallies[rule, is_live].total(), tallies[rule, is_live].trend())
        for rule, is_live in ordered
    )


def _fired(segment: Segment, rows: Rows) -> dict[tuple[str, bool], set[int]]:
    """For each rule, live and shadow apart, the combinations of signals that it is part of."""
    fired: dict[tuple[str, bool], set[int]] = {}
    for code in np.unique(segment.signal_codes[rows]).tolist():
        for signal in segment.signal_table[code]:
            if signal.source == SignalSource.RULE.value:
                fired.setdefault((signal.name, signal.is_live), set()).add(code)
    return fired


def worst_first(found: Sequence[RulePrecision]) -> list[RulePrecision]:
    """Rules whose precision may be lowest come first, then those nobody looked at."""
    return sorted(found, key=lambda one: (one.total.interval or (2.0, 2.0), one.rule))


def only_rules(found: Sequence[RulePrecision], wanted: Collection[str]) -> list[RulePrecision]:
    """Those of these rules; all of them when none is named."""
    return [one for one in found if not wanted or one.rule in wanted]
