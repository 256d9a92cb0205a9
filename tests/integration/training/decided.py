"""A ledger with a past: comments of many people over some days, judged by nobody in particular."""

import json
from collections.abc import Sequence
from itertools import count
from typing import Any

from sqlalchemy import Engine

from safety.domain.decisions import LedgerEntry
from safety.domain.reviews import Action, Resolution
from safety.domain.verdicts import Severity, Verdict
from safety.store.engine import write
from safety.store.items import resolve
from tests.integration.store.entries import an_entry, an_item, store

# 2026-11-16T00:00:00Z, a Monday
START = 1_794_787_200.0
HOUR, DAY = 3600.0, 86_400.0

_NUMBERS = count(1)


def a_signal(rule: str, **changes: Any) -> dict[str, Any]:
    """What the ledger keeps of a rule that fired, without its lines."""
    signal = {
        "source": "rule",
        "rule": rule,
        "revision": "1",
        "mode": "enforce",
        "verdict": "hold",
        "reason": rule.upper(),
        "capped": False,
        "final": False,
        "override": False,
    }
    return signal | changes


def a_comment(
    at: float,
    *,
    text: str = "hello there",
    actor: str = "u_1",
    signals: Sequence[dict[str, Any]] = (),
    facts: dict[str, Any] | None = None,
    **changes: Any,
) -> LedgerEntry:
    """A comment that was decided at `at`, in the ledger's own form."""
    event = {
        "type": "comment",
        "actor": {"id": actor, "followers": 10},
        "content": {"text": text},
        "net": {"ip": "203.0.113.9"},
    }
    number = next(_NUMBERS)
    known: dict[str, Any] = {
        "id": f"dec_c{number}",
        "decided_at": at,
        "event_time": at,
        "actor_id": actor,
        "verdict": Verdict.ALLOW,
        "event": json.dumps(event | changes.pop("event", {})).encode(),
        "facts": json.dumps(facts or {}).encode(),
        "signals": json.dumps(list(signals)).encode(),
    }
    return an_entry(f"event_c{number}", **known | changes)


def a_reviewed_comment(at: float, **changes: Any) -> LedgerEntry:
    """A comment that somebody will look at."""
    entry = a_comment(at, **changes)
    return entry._replace(item=an_item(f"itm_{entry.id}", severity=Severity.LOW))


def resolve_all(engine: Engine, action: Action, entries: Sequence[LedgerEntry]) -> None:
    """Have a moderator decide alike about some comments, an hour after each."""
    with write(engine) as connection:
        for entry in entries:
            resolution = Resolution(
                id=f"res_{entry.id}",
                item_id=f"itm_{entry.id}",
                decision_id=entry.id,
                tenant=entry.tenant,
                action=action,
                policy=None,
                note="",
                moderator="mo",
                resolved_at=entry.decided_at + HOUR,
            )
            assert resolve(connection, resolution, 1)


__all__ = [
    "DAY",
    "HOUR",
    "START",
    "a_comment",
    "a_reviewed_comment",
    "a_signal",
    "resolve_all",
    "store",
]
