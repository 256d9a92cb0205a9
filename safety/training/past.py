"""The past as backtests read it: sealed segments, and the ledger itself for what is not sealed."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

import numpy as np
from sqlalchemy import Engine

from safety.store import history
from safety.store.engine import read
from safety.training.segment import DamagedSegment, RecordedSignal, Segment
from safety.training.segments import Segments


@dataclass(frozen=True, slots=True)
class RecordedMatch:
    """A rule that fired when it happened: where, and how much it counted."""

    decision_id: str
    tenant: str
    decided_at: float
    signal: RecordedSignal


@dataclass(frozen=True, slots=True)
class Past:
    """Everything that was decided, in order, from the cheapest place that has it unharmed."""

    engine: Engine
    segments: Segments

    def count(self, since: float, until: float) -> int:
        """How many decisions were made from `since` up to `until`."""
        with read(self.engine) as connection:
            return history.count_between(connection, since, until)

    def stretches(self, since: float, until: float) -> Iterator[Segment]:
        """Segments that together hold every decision from `since` up to `until`, oldest first.

        The first and the last may hold more than that: ask for rows of the same stretch of time.
        """
        at = since
        for sealed in self.segments.sealed():
            if sealed.until <= at or sealed.since >= until:
                continue
            yield from self.segments.unsealed(self.engine, at, sealed.since)
            at = sealed.until
            if self.count(sealed.since, sealed.until) != sealed.rows:
                yield from self.segments.unsealed(self.engine, sealed.since, sealed.until)
                continue
            try:
                yield self.segments.load(sealed)
            except DamagedSegment:
                yield from self.segments.unsealed(self.engine, sealed.since, sealed.until)
        yield from self.segments.unsealed(self.engine, at, until)

    def matches_of(
        self, rule_id: str, revision: str | None = None, since: float = -inf, until: float = inf
    ) -> list[str]:
        """The ids of all decisions in which the rule's live signal counted, oldest first."""
        matches = self.recorded(rule_id, revision, since, until)
        return [match.decision_id for match in matches if match.signal.is_live]

    def recorded(
        self, rule_id: str, revision: str | None = None, since: float = -inf, until: float = inf
    ) -> Iterator[RecordedMatch]:
        """Every decision in which the rule fired at the time, live or shadow, oldest first."""
        for segment in self.stretches(max(since, 0.0), until):
            found = {
                code: signal
                for code, signals in enumerate(segment.signal_table)
                for signal in signals
                if signal.is_of(rule_id, revision)
            }
            rows = segment.rows_of(since=since, until=until)
            rows = rows[np.isin(segment.signal_codes[rows], list(found))]
            codes = segment.signal_codes[rows].tolist()
            ids, tenants = segment.ids(rows), segment.tenants(rows)
            times = segment.decided_at[rows].tolist()
            for code, decision_id, tenant, at in zip(codes, ids, tenants, times, strict=True):
                yield RecordedMatch(decision_id, tenant, at, found[code])
