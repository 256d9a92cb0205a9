"""What became of rules, for their pages: matches over time, and what moderators made of them."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Final

from sqlalchemy import Engine

from safety.decisions.steering.causes import rules_of
from safety.decisions.steering.tallies import HOUR
from safety.domain.reviews import Action
from safety.domain.shares import wilson
from safety.store import rule_counts
from safety.store.engine import read
from safety.store.reviewed import ReviewedDecision, reviewed_decisions

_DAY: Final = 24 * HOUR
TREND_DAYS: Final = 14
REVIEWED_DAYS: Final = 28
# The latest resolutions that are remembered, some hundred bytes each.
_MOST_REVIEWED: Final = 50_000
_MAY_BE_UNDONE: Final = 900.0


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """Matches of a day and a week, obeyed and only recorded, by day, and what people said of them.

    `looked_at` and `confirmed` are resolutions of the last four weeks about live matches.
    """

    today: int = 0
    week: int = 0
    shadow_week: int = 0
    days: tuple[int, ...] = (0,) * TREND_DAYS
    looked_at: int = 0
    confirmed: int = 0
    shadow_looked_at: int = 0
    shadow_confirmed: int = 0

    @property
    def precision(self) -> tuple[float, float, float] | None:
        """The share confirmed with its 95 % interval; None when nobody looked."""
        return _share(self.confirmed, self.looked_at)

    @property
    def shadow_precision(self) -> tuple[float, float, float] | None:
        """The same of matches that were only recorded."""
        return _share(self.shadow_confirmed, self.shadow_looked_at)


def _share(confirmed: int, looked_at: int) -> tuple[float, float, float] | None:
    interval = wilson(confirmed, looked_at)
    return None if interval is None else (confirmed / looked_at, *interval)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a moderator made of a decision, and the rules behind it."""

    resolution: str
    resolved_at: float
    is_confirmed: bool
    rules: frozenset[tuple[str, bool]]  # id, and whether it was obeyed


@dataclass(slots=True)
class Reviewed:
    """What moderators made of decisions, rule by rule; only what is new is read each time."""

    engine: Engine
    _until: float = 0.0
    _known: OrderedDict[str, _Said] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def counts(self, since: float) -> Counter[tuple[str, bool, bool]]:
        """How many decisions of each rule, obeyed or not, were confirmed or not."""
        with self._lock:
            self._read(since)
            found: Counter[tuple[str, bool, bool]] = Counter()
            for one in self._known.values():
                found.update({(rule, live, one.is_confirmed) for rule, live in one.rules})
            return found

    def _read(self, since: float) -> None:
        # A resolution may be undone a moment after it was given: the latest are read again.
        start = max(since, self._until - _MAY_BE_UNDONE)
        with read(self.engine) as connection:
            news = reviewed_decisions(connection, start, limit=_MOST_REVIEWED)
        for one in news:
            self._take(one)
        while self._known and (
            len(self._known) > _MOST_REVIEWED
            or next(iter(self._known.values())).resolved_at < since
        ):
            self._known.popitem(last=False)

    def _take(self, one: ReviewedDecision) -> None:
        """A later resolution takes the place of the earlier one."""
        known = self._known.get(one.decision)
        if one.is_undone:
            if known is not None and known.resolution == one.resolution:
                del self._known[one.decision]
            return
        rules = frozenset((rule, live) for rule, _, live in rules_of(one.signals))
        is_confirmed = one.action is not Action.KEEP
        self._known[one.decision] = _Said(one.resolution, one.resolved_at, is_confirmed, rules)
        self._known.move_to_end(one.decision)
        self._until = max(self._until, one.resolved_at)


@dataclass(frozen=True, slots=True)
class Records:
    """Reads what became of rules, from the counts of all processes."""

    engine: Engine
    clock: Callable[[], float]
    reviewed: Reviewed

    def all(self) -> Mapping[str, RuleRecord]:
        """The record of every rule that matched or was reviewed lately, by id."""
        at = self.clock()
        first = (at // _DAY - TREND_DAYS + 1) * _DAY
        with read(self.engine) as connection:
            daily = rule_counts.matches_since(connection, first, step=_DAY)
            hourly = rule_counts.matches_since(connection, at - _DAY, step=HOUR)
        today = Counter[str]()
        for one in hourly:
            today[one.rule] += one.matches * one.is_live
        by_rule: dict[str, list[rule_counts.Matches]] = {}
        for one in daily:
            by_rule.setdefault(one.rule, []).append(one)
        said = self.reviewed.counts(at - REVIEWED_DAYS * _DAY)
        rules = {*by_rule, *(rule for rule, _, _ in said)}
        return {
            rule: replace(
                _of_days(by_rule.get(rule, ()), int(first), at),
                today=today[rule],
                looked_at=said[rule, True, True] + said[rule, True, False],
                confirmed=said[rule, True, True],
                shadow_looked_at=said[rule, False, True] + said[rule, False, False],
                shadow_confirmed=said[rule, False, True],
            )
            for rule in rules
        }

    def of(self, rule: str) -> RuleRecord:
        """The record of one rule."""
        return self.all().get(rule, RuleRecord())


def _of_days(daily: Sequence[rule_counts.Matches], first: int, at: float) -> RuleRecord:
    days = [0] * TREND_DAYS
    week: Counter[bool] = Counter()
    for one in daily:
        days[min((one.start - first) // _DAY, TREND_DAYS - 1)] += one.matches
        if one.start >= at - 7 * _DAY:
            week[one.is_live] += one.matches
    return RuleRecord(week=week[True], shadow_week=week[False], days=tuple(days))
