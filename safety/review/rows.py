"""Items as a list shows them: each with its event in one line, who has it, and how many copies."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from safety.domain.reviews import Item
from safety.review.blind import masked
from safety.review.glance import glance
from safety.review.values import QueueRow
from safety.store import likeness, listing


def rows_of(
    connection: Connection, found: Sequence[Item], who: str, at: float
) -> tuple[QueueRow, ...]:
    """The rows of a list, in the order of these items, with three queries however many they are."""
    events = listing.events_of(connection, [item.decision_id for item in found])
    copies = likeness.copies(connection, {(item.tenant, item.cluster) for item in found})
    latest = listing.latest_resolutions(connection, [item.id for item in found])
    rows = []
    for item in found:
        event = json.loads(events.get(item.decision_id, b"{}"))
        holder = item.holder(at)
        row = QueueRow(
            item=masked(item),
            glance=glance(event),
            actor_name=_name(event),
            copies=copies.get((item.tenant, item.cluster), 0),
            holder="" if holder == who else holder,
            resolution=latest.get(item.id),
        )
        rows.append(row)
    return tuple(rows)


def _name(event: Mapping[str, Any]) -> str:
    actor = event.get("actor")
    name = actor.get("name") if isinstance(actor, dict) else None
    return name if isinstance(name, str) else ""
