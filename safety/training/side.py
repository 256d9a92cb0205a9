"""One of two rulesets that are compared, and the verdicts it gives on history."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from safety.domain.decisions import Signal, SignalSource, combine
from safety.domain.features import EventType, Values
from safety.domain.rules import Fired, verdict_of_points
from safety.domain.verdicts import Verdict
from safety.ruleset.bundle import Bundle
from safety.ruleset.columns import Rows
from safety.ruleset.vectorised import VectorisedRules
from safety.training.segment import RecordedSignal, Segment


class Side:
    """One ruleset, ready for columns: a quick look for what may fire, then its own judgement."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._quick = {
            name: VectorisedRules(
                [c for c in bundle.compiled if c.is_judged and name in c.rule.events]
            )
            for name in bundle.catalogue.event_types
        }

    @property
    def event_types(self) -> Collection[str]:
        """The event types that it knows."""
        return self._quick.keys()

    def candidates(self, segment: Segment, event_type: str, rows: Rows) -> Rows:
        """The rows on which any rule may fire."""
        if event_type not in self._quick:
            return rows[:0]
        fires = self._quick[event_type].fires(segment.columns, self.bundle.values_of_lists, rows)
        found = [fired.rows for _, fired in fires]
        return np.unique(np.concatenate(found)) if found else rows[:0]

    def features(self, event_type: str) -> frozenset[str]:
        """What its rules look at."""
        known = event_type in self._quick
        return self.bundle.plan(event_type).features if known else frozenset()

    def fired(self, event_type: str, values: Values) -> tuple[Fired, ...]:
        """The rules that fire, as the service would judge."""
        if event_type not in self._quick:
            return ()
        plan = self.bundle.plan(event_type)
        return (*plan.judge_final(values), *plan.judge(values))

    def verdict(
        self, event_type: str, fired: Sequence[Fired], recorded: Iterable[RecordedSignal]
    ) -> Verdict:
        """The verdict of these rules, joined by the fail policy if it spoke at the time."""
        known = self.bundle.catalogue.event_types.get(event_type)
        signals = [_signal(one) for one in fired]
        signals += _points(fired, known) if known else []
        signals += (
            Signal(SignalSource.FAIL_POLICY, one.name, Verdict.parse(one.verdict), one.reason)
            for one in recorded
            if one.source == SignalSource.FAIL_POLICY.value
        )
        return combine(tuple(signals))


def _signal(fired: Fired) -> Signal:
    rule = fired.rule
    return Signal(
        SignalSource.RULE,
        rule.id,
        fired.verdict,
        rule.reason,
        live=fired.is_live,
        final=rule.final,
        override=rule.override and not fired.capped,
    )


def _points(fired: Sequence[Fired], event_type: EventType) -> list[Signal]:
    if not event_type.points:
        return []
    points, verdict = verdict_of_points(fired, event_type.points)
    return [Signal(SignalSource.POINTS, str(points), verdict, "POINTS")]
