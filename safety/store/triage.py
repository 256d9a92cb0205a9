"""Items that were just born: what is found out about them once, and those that are late."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, literal_column, select, update

from safety.domain.reviews import Band, Item, Why
from safety.store.items import OPEN, item_of, turn_of
from safety.store.tables import items

_NOT_RAISED = items.c.raised == literal_column("0")


@dataclass(frozen=True, slots=True)
class Triaged:
    """What was found out about an item."""

    item_id: str
    band: Band
    why: tuple[Why, ...]
    due_at: float
    language: str
    policy: str
    cluster: str


def new(connection: Connection, *, limit: int) -> list[Item]:
    """Items about which nothing was found out yet, the oldest first."""
    query = select(items).where(items.c.triaged_at.is_(None)).order_by(items.c.created_at)
    return [item_of(row) for row in connection.execute(query.limit(limit))]


def put(connection: Connection, found: Triaged, at: float) -> bool:
    """Keep what was found out about an item. False when somebody else did before."""
    values = {
        "turn": turn_of(found.band),
        "why": _encoded(found.why),
        "due_at": found.due_at,
        "language": found.language,
        "policy": found.policy,
        "cluster": found.cluster,
        "triaged_at": at,
    }
    same = (items.c.id == found.item_id) & items.c.triaged_at.is_(None)
    return connection.execute(update(items).where(same).values(values)).rowcount == 1


def late(connection: Connection, at: float, *, limit: int) -> list[Item]:
    """Items that wait for too long and were not raised for it, the longest late first."""
    query = select(items).where(OPEN, _NOT_RAISED, items.c.due_at <= at)
    return [item_of(row) for row in connection.execute(query.order_by(items.c.due_at).limit(limit))]


def raise_band(connection: Connection, item_id: str, band: Band, why: tuple[Why, ...]) -> bool:
    """Let an item be looked at sooner, for having waited. False when it was raised before."""
    waiting = (items.c.id == item_id) & OPEN & _NOT_RAISED
    values: dict[str, Any] = {"turn": turn_of(band), "why": _encoded(why), "raised": 1}
    return connection.execute(update(items).where(waiting).values(values)).rowcount == 1


def _encoded(why: Sequence[Why]) -> str:
    return json.dumps([[each.part, each.value, each.text] for each in why], ensure_ascii=False)
