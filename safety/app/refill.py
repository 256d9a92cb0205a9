"""Windows that come with a new version of the rules: what was decided before is counted as well.

Without it a rule that counts over a day would know, for a day, only what came after it was written,
and its backtest would speak of other numbers than the rule sees.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Engine

from safety.app.swapping import breather
from safety.decisions.prepared import Prepared
from safety.decisions.restore import TEST_VALUE, known
from safety.domain.ports import Counters
from safety.domain.velocity import CountingPlan, Series
from safety.store import ledger
from safety.store.stored import StoredDecision

log = structlog.get_logger()

_KEPT_VERSIONS = 1000


@dataclass(slots=True)
class Refill:
    """Looks again and again whether something is counted now that was not counted before.

    `prepared` says what judges now. Decisions of a version that counted a series itself are left
    out: those of this process are in its counters already. One thread looks.
    """

    engine: Engine
    counters: Counters
    prepared: Callable[[], Prepared]
    clock: Callable[[], float]
    _counted: dict[str, float] = field(default_factory=dict)  # until when each series was counted
    _now: frozenset[str] = frozenset()
    _versions: OrderedDict[str, frozenset[str]] = field(default_factory=OrderedDict)

    def start(self) -> None:
        """Take for granted what is counted now: a start restores it."""
        self._take(self.prepared())

    def look(self) -> int:
        """Count what new series have missed; how many decisions were read for that."""
        prepared = self.prepared()
        cold = {
            series: max(self.clock() - series.keep, self._counted.get(key, 0.0))
            for key, series in _series(prepared).items()
            if key not in self._now
        }
        self._take(prepared)
        return self._fill(prepared, cold) if cold else 0

    def _take(self, prepared: Prepared) -> None:
        keys = frozenset(_series(prepared))
        self._counted |= dict.fromkeys(keys, self.clock())
        self._now = keys
        self._versions[prepared.bundle.version] = keys
        self._versions.move_to_end(prepared.bundle.version)
        if len(self._versions) > _KEPT_VERSIONS:
            self._versions.popitem(last=False)

    def _fill(self, prepared: Prepared, cold: Mapping[Series, float]) -> int:
        began, pause, decisions = time.monotonic(), breather(), 0
        plans = _Plans(prepared)
        for stored in ledger.since(self.engine, min(cold.values())):
            decisions += 1
            pause()
            own = self._versions.get(stored.ruleset, frozenset())
            keys = [s.key for s, at in cold.items() if at <= stored.decided_at and s.key not in own]
            plan = plans.of(stored.event_type, keys)
            if plan is not None and TEST_VALUE not in stored.signals:
                self._count(prepared, plan, stored)
        took = round(time.monotonic() - began, 3)
        log.info("windows_refilled", series=len(cold), decisions=decisions, seconds=took)
        return decisions

    def _count(self, prepared: Prepared, plan: CountingPlan, stored: StoredDecision) -> None:
        self.counters.observe(stored.tenant, plan, known(prepared, stored), stored.event_time)


class _Plans:
    """One plan for the same series of the same event type: counters keep what they know of it."""

    def __init__(self, prepared: Prepared) -> None:
        self._hits = {
            name: prepared[name].plan.counting.hits
            for name in prepared.bundle.catalogue.event_types
        }
        self._made: dict[tuple[str, frozenset[str]], CountingPlan | None] = {}

    def of(self, event_type: str, keys: Collection[str]) -> CountingPlan | None:
        """What an event of this type adds to these series; None if it adds nothing."""
        wanted = (event_type, frozenset(keys))
        if wanted not in self._made:
            hits = tuple(one for one in self._hits.get(event_type, ()) if one.key in wanted[1])
            self._made[wanted] = CountingPlan(hits=hits) if hits else None
        return self._made[wanted]


def _series(prepared: Prepared) -> dict[str, Series]:
    """Everything that events add to under these rules, by its key."""
    return {
        series.key: series
        for name in prepared.bundle.catalogue.event_types
        for series in prepared[name].plan.counting.hits
    }
