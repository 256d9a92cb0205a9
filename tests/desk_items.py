"""Decisions and items as the ledger would write them, without a ledger, for tests of the desk."""

import json
from collections.abc import Sequence
from itertools import count
from typing import Any

from sqlalchemy import Engine, insert

from safety.domain.verdicts import Severity, Verdict
from safety.store.engine import write
from safety.store.tables import decisions, items

NOW = 1_795_366_800.0  # 2026-11-22T17:00:00Z


def a_comment(text: str = "lovely light in this one", **changes: Any) -> dict[str, Any]:
    event: dict[str, Any] = {
        "type": "comment",
        "actor": {"id": "u_17", "name": "dealz_4u", "created_at": NOW - 7200, "followers": 2},
        "target": {"id": "p_77", "kind": "post"},
        "content": {"text": text, "thread_id": "t_9"},
        "net": {"ip": "203.0.113.9", "country": "NL"},
    }
    return event | changes


def a_rule_signal(**changes: Any) -> dict[str, Any]:
    signal: dict[str, Any] = {
        "source": "rule",
        "rule": "link-burst-new-account",
        "revision": "3f9a1c27d0b5",
        "title": "New account posts many links",
        "owner": "trust@example.com",
        "policy": "spam.commercial",
        "mode": "enforce",
        "verdict": "hold",
        "reason": "LINK_BURST",
        "severity": "high",
        "capped": False,
        "lines": [
            {
                "text": "actor.account_age < 1d",
                "outcome": True,
                "values": {"actor.account_age": 7200.0},
            },
            {
                "text": 'count("comment", by=actor.id, within="10m") >= 4',
                "outcome": True,
                "values": {'count("comment", by=actor.id, within="10m")': 6},
            },
        ],
        "spans": [],
    }
    return signal | changes


def a_model_signal(text: str = "", words: Sequence[tuple[str, float]] = ()) -> dict[str, Any]:
    found = [
        {"start": text.index(word), "end": text.index(word) + len(word), "text": word, "weight": w}
        for word, w in words
    ]
    return {"source": "model", "name": "spam", "version": "1", "score": 0.97, "words": found}


_numbers = count(1)


def add_item(
    engine: Engine,
    event: dict[str, Any] | None = None,
    *,
    signals: Sequence[dict[str, Any]] | None = None,
    queue: str = "content",
    severity: Severity = Severity.HIGH,
    verdict: Verdict = Verdict.HOLD,
    at: float = NOW - 120,
    reason: str = "LINK_BURST",
    tenant: str = "demo",
    is_flagged: bool = True,
) -> str:
    """Put a decision and its item into the tables as the ledger would; return the item's id."""
    number = next(_numbers)
    sent = event or a_comment()
    actor = str(sent["actor"]["id"])
    item_id = f"itm_{number:06}"
    decision = {
        "id": f"dec_{number:06}",
        "tenant": tenant,
        "event_id": f"event-{number}",
        "event_type": sent["type"],
        "actor_id": actor,
        "verdict": int(verdict),
        "decided_at": at,
        "event_time": at,
        "ruleset": "ab12cd34ef56" * 5,
        "event": json.dumps(sent).encode(),
        "facts": json.dumps({"actor.account_age": 7200.0, "content.links": 3}).encode(),
        "signals": json.dumps([a_rule_signal()] if signals is None else list(signals)).encode(),
        "answer": b"{}",
        "item_id": item_id if is_flagged else None,
    }
    with write(engine) as connection:
        connection.execute(insert(decisions).values(decision))
        if is_flagged:
            shared = ("tenant", "event_type", "actor_id", "verdict")
            waiting = {name: decision[name] for name in shared} | {
                "id": item_id,
                "decision_id": decision["id"],
                "queue": queue,
                "severity": severity.rank,
                "turn": 3 - severity.rank,
                "reason": reason,
                "created_at": at,
                "status": "open",
                "version": 1,
            }
            connection.execute(insert(items).values(waiting))
    return item_id
