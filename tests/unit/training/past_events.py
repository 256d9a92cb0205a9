"""Segments of made-up decisions, without a database."""

import json
from collections.abc import Sequence
from typing import Any

from safety.domain.features import Catalogue
from safety.domain.verdicts import Verdict
from safety.store.stored import StoredDecision
from safety.training.recall import Recaller
from safety.training.segment import Segment

START = 1_794_787_200.0


def a_decision(number: int, at: float, **changes: Any) -> StoredDecision:
    """A post of `actor` with `text`, decided and made at `at`; `facts` were computed then."""
    event_type = changes.pop("event_type", "post")
    actor = changes.pop("actor", "u_1")
    event = {
        "type": event_type,
        "actor": {"id": actor, **changes.pop("who", {})},
        "content": {"text": changes.pop("text", "hello"), "thread_id": changes.pop("thread", "t")},
    }
    values: dict[str, Any] = {
        "id": f"dec_{number}",
        "tenant": "main",
        "event_id": f"e{number}",
        "event_type": event_type,
        "actor_id": actor,
        "verdict": Verdict.ALLOW,
        "decided_at": at,
        "event_time": at,
        "ruleset": "one",
        "event": json.dumps(event).encode(),
        "facts": json.dumps(changes.pop("facts", {})).encode(),
        "signals": json.dumps(changes.pop("signals", [])).encode(),
        "answer": b"{}",
        "item_id": None,
    }
    return StoredDecision(**values | changes)


def segments_of(
    catalogue: Catalogue, decisions: Sequence[StoredDecision], each: int = 1000
) -> list[Segment]:
    """Decisions as segments of at most so many."""
    recaller = Recaller(catalogue)
    return [
        recaller.segment(decisions[start : start + each])
        for start in range(0, len(decisions), each)
    ]
