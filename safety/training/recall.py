"""Recalls what was known of events when they were decided, from the ledger's own bytes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from safety.decisions.features import Deriver, derivable
from safety.decisions.read import EventReader
from safety.domain.features import Catalogue
from safety.ruleset.columns import Columns, gather
from safety.store.stored import StoredDecision
from safety.training.segment import (
    DECIDED_AT,
    EVENT_TIME,
    ID,
    RULESET,
    SIGNALS,
    TENANT,
    TYPE,
    VERDICT,
    Segment,
)


class Recaller:
    """Turns stored decisions into the values that were known of their events at the time.

    What the event said is read again and what was computed then is kept; derived features that no
    rule asked for then are derived from the event now. Raises `ValueError` for a catalogue that
    declares a derived feature nobody computes.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._reader = EventReader(catalogue)
        self._deriver = Deriver(catalogue, derivable())

    def segment(self, decisions: Sequence[StoredDecision]) -> Segment:
        """These decisions, in their order, as columns."""
        columns = gather(map(self._values, decisions), len(decisions))
        return Segment(Columns(len(decisions), columns.get), columns)

    def _values(self, stored: StoredDecision) -> dict[str, Any]:
        values: dict[str, Any] = self._reader.recall(stored.event)
        for name, value in msgspec.json.decode(stored.facts).items():
            if value is not None:
                values[name] = tuple(value) if isinstance(value, list) else value
        known = dict(values)
        try:
            self._deriver.run_missing(values, stored.event_time)
        except Exception:  # noqa: BLE001  what could not be derived then is missing now as well
            values.update(known)
        return values | {
            ID: stored.id,
            TENANT: stored.tenant,
            TYPE: stored.event_type,
            RULESET: stored.ruleset,
            VERDICT: int(stored.verdict),
            DECIDED_AT: stored.decided_at,
            EVENT_TIME: stored.event_time,
            SIGNALS: _signals(stored.signals),
        }


def _signals(raw: bytes) -> tuple[str, ...]:
    """Each signal in a few words: lines and values stay in the ledger."""
    if raw == b"[]":
        return ()
    return tuple(map(_short, msgspec.json.decode(raw)))


def _short(signal: Mapping[str, Any]) -> str:
    facts = [
        signal["source"],
        signal.get("rule") or signal.get("name") or "",
        signal.get("revision", ""),
        signal.get("mode", ""),
        signal["verdict"],
        signal.get("reason") or "",
        bool(signal.get("capped")),
        bool(signal.get("final")),
        bool(signal.get("override")),
    ]
    return json.dumps(facts, separators=(",", ":"))
