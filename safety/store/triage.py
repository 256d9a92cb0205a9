"""Items that were just born: what is found out about them once, and those that are late."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, literal_column, select, update

from safety.domain.reviews import Band, Item, Why
from safety.store.items import OPEN, item_of, turn_of
from safety.store.tables import items

_NOT_RAISED = items.c.raised == literal_column("0")
_FOUND = ("turn", "why", "due_at", "language", "policy", "cluster", "triaged_at")
_PUT = (
    update(items)
    .where(items.c.id == bindparam("item"))
    .values({name: bindparam(name) for name in _FOUND})
)


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


def put(connection: Connection, found: Sequence[Triaged], at: float) -> set[str]:
    """Keep what was found out about items; which they are, without those that others did before."""
    ids = [each.item_id for each in found]
    query = select(items.c.id).where(items.c.id.in_(ids), items.c.triaged_at.is_(None))
    left = set(connection.execute(query.with_for_update()).scalars())
    rows = [
        {
            "item": each.item_id,
            "turn": turn_of(each.band),
            "why": _encoded(each.why),
            "due_at": each.due_at,
            "language": each.language,
            "policy": each.policy,
            "cluster": each.cluster,
            "triaged_at": at,
        }
        for each in found
        if each.item_id in left
    ]
    if rows:
        connection.execute(_PUT, rows)
    return left


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
