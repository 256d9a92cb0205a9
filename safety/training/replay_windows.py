"""Windows of rules that were not in force then: counted again, in order, with the real counters.

Every number is made of the events that had been decided by then and of nothing later. A number
that the ledger recorded is kept, unless it stands as high as any that its ruleset recorded: there
it may have been cut off at that ruleset's limit, and the counted number is used if it is larger.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np

from safety.domain.velocity import CountingPlan, Measure, Window
from safety.ruleset.columns import Floats, Mask, Numbers, Rows
from safety.ruleset.compiled import CompiledRule
from safety.ruleset.windows import counting_plan, merged
from safety.state.memory import MemoryCounters
from safety.training.segment import Segment

# Several times what a service holds by default: nothing is pushed out that it would have kept.
MOST_ENTITIES = 5_000_000


@dataclass(frozen=True, slots=True)
class WindowPlan:
    """What the windows of some rules cost: a plan for each event type that they count or judge."""

    plans: Mapping[str, CountingPlan]
    horizon: float  # seconds that the longest window looks back

    @classmethod
    def of(cls, rules: Sequence[CompiledRule]) -> "WindowPlan":
        """The plan of these rules, whatever their mode."""
        windows = merged(rules)
        counted = {event for window in windows.values() for event in window.series.events}
        judged = {event for rule in rules for event in rule.rule.events}
        plans = {}
        for event in sorted(counted | judged):
            own = [rule for rule in rules if event in rule.rule.events]
            plan = counting_plan(event, own, windows, {})
            if plan.hits or plan.windows:
                plans[event] = plan
        horizon = max((window.series.keep for window in windows.values()), default=0.0)
        return cls(plans, horizon)

    @property
    def windows(self) -> tuple[Window, ...]:
        """Every window that is read."""
        read = {window.name: window for plan in self.plans.values() for window in plan.windows}
        return tuple(read[name] for name in sorted(read))


def with_windows(segments: Iterable[Segment], plan: WindowPlan) -> Iterator[Segment]:
    """The same segments, in order, with a column for each window of the plan.

    To be exact from a moment on, they must begin a horizon before it.
    """
    if not plan.plans:
        yield from segments
        return
    counters = MemoryCounters(max_entities=MOST_ENTITIES)
    for segment in segments:
        counted = _count(segment, plan, counters)
        for window in plan.windows:
            column = _recorded_or(segment, window, counted[window.name])
            segment.columns.put(window.name, column)
        yield segment


def _count(segment: Segment, plan: WindowPlan, counters: MemoryCounters) -> dict[str, Floats]:
    """What each window reads at each event, once all events up to it have been counted."""
    numbers = {window.name: np.full(len(segment), nan) for window in plan.windows}
    rows = segment.rows_of(plan.plans)
    read: dict[str, list[Sequence[float]]] = {event: [] for event in plan.plans}
    at: dict[str, list[int]] = {event: [] for event in plan.plans}
    events = zip(
        rows.tolist(),
        segment.types(rows),
        segment.tenants(rows),
        segment.columns.values(_features(plan), rows),
        segment.event_time[rows].tolist(),
        strict=True,
    )
    for row, event, tenant, values, moment in events:
        observed = counters.observe(tenant, plan.plans[event], values, moment)
        read[event].append(observed.windows)
        at[event].append(row)
    for event, counting in plan.plans.items():
        if at[event] and counting.windows:
            table = np.array(read[event], np.float64)
            places: Rows = np.array(at[event], np.intp)
            for number, window in enumerate(counting.windows):
                numbers[window.name][places] = table[:, number]
    return numbers


def _features(plan: WindowPlan) -> list[str]:
    """What is counted by and what is counted."""
    series = {series for counting in plan.plans.values() for series in counting.hits}
    series |= {window.series for window in plan.windows}
    return sorted({name for one in series for name in (one.by, one.of) if name})


def _recorded_or(segment: Segment, window: Window, counted: Floats) -> Numbers:
    """A window's numbers as they were recorded, and as they were counted where they were not."""
    whole = window.series.measure is not Measure.SUM
    column = segment.columns.column(window.name)
    if not isinstance(column, Numbers):
        return Numbers(counted, whole)
    recorded = column.values
    if whole:
        recorded = np.where(_may_be_cut(segment, recorded), np.fmax(recorded, counted), recorded)
    return Numbers(np.where(np.isnan(recorded), counted, recorded), whole)


def _may_be_cut(segment: Segment, recorded: Floats) -> Mask:
    """Where a number is the highest that its ruleset recorded, so that it may be its limit."""
    rulesets = segment.rulesets
    highest = np.full(len(rulesets.table), -np.inf)
    np.fmax.at(highest, rulesets.codes, recorded)
    is_highest: Mask = recorded >= highest[rulesets.codes]
    return is_highest
