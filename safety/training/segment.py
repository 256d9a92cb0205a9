"""One segment: decisions of a stretch of time as columns, with what the ledger says of each."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from math import inf

import numpy as np
from numpy.typing import NDArray

from safety.domain.decisions import SignalSource
from safety.domain.features import Value
from safety.domain.verdicts import Mode
from safety.ruleset.columns import Coded, Columns, Floats, Numbers, Rows

# Columns beside the features; no feature's name begins like these.
ID, TENANT, TYPE, RULESET = "@id", "@tenant", "@type", "@ruleset"
VERDICT, DECIDED_AT, EVENT_TIME, SIGNALS = "@verdict", "@decided_at", "@event_time", "@signals"


class DamagedSegment(ValueError):
    """Bytes that are no segment of this format."""


@dataclass(frozen=True, slots=True)
class RecordedSignal:
    """A signal as the ledger holds it. `revision` and `mode` are empty unless a rule gave it."""

    source: str
    name: str
    revision: str
    mode: str
    verdict: str
    reason: str
    capped: bool
    final: bool
    override: bool

    @property
    def is_live(self) -> bool:
        """Whether it counted for the verdict."""
        return self.mode in {"", Mode.ENFORCE.value}

    def is_of(self, rule_id: str, revision: str | None = None) -> bool:
        """Whether this rule gave it, in this revision or in any."""
        is_rule = self.source == SignalSource.RULE.value and self.name == rule_id
        return is_rule and revision in {None, self.revision}


class Segment:
    """Decisions of one stretch of time, oldest first; features are columns under their names."""

    def __init__(self, columns: Columns, names: Collection[str]) -> None:
        self.columns = columns
        self.names = frozenset(names)

    def __len__(self) -> int:
        return self.columns.size

    def ids(self, rows: Rows) -> list[str]:
        """The decision ids of some rows."""
        return [str(value) for value in self.columns.at(ID, rows)]

    def tenants(self, rows: Rows) -> list[str]:
        """The tenants of some rows."""
        return [str(value) for value in self.columns.at(TENANT, rows)]

    def types(self, rows: Rows) -> list[str]:
        """The event types of some rows."""
        return [str(value) for value in self.columns.at(TYPE, rows)]

    @property
    def decided_at(self) -> Floats:
        """When each decision was made, in Unix seconds."""
        return self._numbers(DECIDED_AT)

    @property
    def event_time(self) -> Floats:
        """When each event happened."""
        return self._numbers(EVENT_TIME)

    @cached_property
    def verdicts(self) -> NDArray[np.int8]:
        """The verdict of each decision, as its rank."""
        return self._numbers(VERDICT).astype(np.int8)

    @property
    def rulesets(self) -> Coded:
        """The version of the ruleset that judged each event."""
        return self._coded(RULESET)

    @property
    def signal_codes(self) -> NDArray[np.int32]:
        """For each row its place in `signal_table`."""
        return self._coded(SIGNALS).codes

    @cached_property
    def signal_table(self) -> tuple[tuple[RecordedSignal, ...], ...]:
        """Every combination of signals that any of these decisions has."""
        return tuple(
            tuple(RecordedSignal(*json.loads(str(text))) for text in texts)
            for texts in map(_texts, self._coded(SIGNALS).table)
        )

    @cached_property
    def _is_test(self) -> NDArray[np.bool_]:
        """Which rows answered a test value: they were not judged."""
        wanted = [
            any(signal.source == SignalSource.TEST_VALUE.value for signal in signals)
            for signals in self.signal_table
        ]
        return np.array(wanted, np.bool_)[self.signal_codes]

    def rows_of(
        self,
        event_types: Collection[str] | None = None,
        *,
        since: float = -inf,
        until: float = inf,
        tenant: str | None = None,
    ) -> Rows:
        """Rows that were judged, of these event types, from `since` up to `until`, of a tenant."""
        at = self.decided_at
        mask = (at >= since) & (at < until) & ~self._is_test
        if event_types is not None:
            mask &= self._is_one_of(TYPE, event_types)
        if tenant is not None:
            mask &= self._is_one_of(TENANT, (tenant,))
        return np.flatnonzero(mask)

    def _is_one_of(self, name: str, wanted: Collection[str]) -> NDArray[np.bool_]:
        column = self._coded(name)
        chosen = np.array([value in wanted for value in column.table], np.bool_)
        return chosen[column.codes]

    def _numbers(self, name: str) -> Floats:
        column = self.columns.column(name)
        if not isinstance(column, Numbers):
            raise DamagedSegment(f"{name} is missing")
        return column.values

    def _coded(self, name: str) -> Coded:
        column = self.columns.column(name)
        if not isinstance(column, Coded):
            raise DamagedSegment(f"{name} is missing")
        return column


def _texts(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()
