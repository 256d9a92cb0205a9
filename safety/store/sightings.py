"""Sightings: which actor was seen with which address, device, text, link or name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, func, select, tuple_

from safety.store.tables import sightings
from safety.store.upsert import upsert

IP: Final = "net.ip"
DEVICE: Final = "device.id"
TEXT: Final = "content.fingerprint"
DOMAIN: Final = "content.link_domain"
NAME: Final = "actor.name"
# What two accounts share by more than chance.
LINKING: Final = (DEVICE, TEXT, IP)
_OWN: Final = 24
_OTHERS: Final = 12
_COUNTED: Final = 1000


@dataclass(frozen=True, slots=True)
class Sighting:
    """An actor seen with a value, first and last (Unix seconds), so often, last by a decision."""

    tenant: str
    kind: str
    value: str
    actor_id: str
    first_at: float
    last_at: float
    seen: int
    decision: int


def add(connection: Connection, seen: Iterable[Sighting]) -> None:
    """Add to what was seen before; the order does not matter."""
    # In one order everywhere, so that two processes never wait for each other in a circle.
    ordered = sorted(seen, key=lambda s: (s.tenant, s.kind, s.value, s.actor_id))
    rows = [{name: getattr(each, name) for name in Sighting.__slots__} for each in ordered]
    if not rows:
        return
    new = upsert(connection.dialect.name, sightings)
    was, is_now = sightings.c, new.excluded
    longest = func.max if connection.dialect.name == "sqlite" else func.greatest
    shortest = func.min if connection.dialect.name == "sqlite" else func.least
    changes = {
        "first_at": shortest(was.first_at, is_now.first_at),
        "last_at": longest(was.last_at, is_now.last_at),
        "seen": was.seen + is_now.seen,
        "decision": longest(was.decision, is_now.decision),
    }
    key = [column.name for column in sightings.primary_key]
    connection.execute(new.on_conflict_do_update(index_elements=key, set_=changes), rows)


def of_value(
    connection: Connection,
    kind: str,
    value: str,
    tenants: Sequence[str],
    *,
    before: int | None,
    limit: int,
) -> list[Sighting]:
    """Who was seen with a value, the latest first; `before` is the last decision of a page."""
    columns = sightings.c
    same = (columns.tenant.in_(tenants)) & (columns.kind == kind) & (columns.value == value)
    query = select(sightings).where(same).order_by(columns.decision.desc()).limit(limit)
    if before is not None:
        query = query.where(columns.decision < before)
    return [Sighting(*row) for row in connection.execute(query)]


def of_actor(connection: Connection, tenant: str, actor_id: str, *, limit: int) -> list[Sighting]:
    """What an actor was seen with, the latest first."""
    own = (sightings.c.tenant == tenant) & (sightings.c.actor_id == actor_id)
    query = select(sightings).where(own).order_by(sightings.c.last_at.desc()).limit(limit)
    return [Sighting(*row) for row in connection.execute(query)]


def linked(connection: Connection, tenant: str, actor_id: str) -> list[tuple[Sighting, int]]:
    """Others that share an address, a device or a text, each with how many share it.

    Counting stops at a thousand: that many share an address by chance.
    """
    own = [
        (each.kind, each.value)
        for each in of_actor(connection, tenant, actor_id, limit=_OWN * 4)
        if each.kind in LINKING
    ][:_OWN]
    found = []
    for kind, value in own:
        others = _others(tenant, actor_id, kind, value)
        rows = [Sighting(*row) for row in connection.execute(others.limit(_OTHERS))]
        if not rows:
            continue
        counted = others.limit(_COUNTED).subquery()
        number = connection.execute(select(func.count()).select_from(counted)).scalar_one()
        found += [(row, int(number) + 1) for row in rows]
    rank = {kind: place for place, kind in enumerate(LINKING)}
    return sorted(found, key=lambda pair: (pair[1], rank[pair[0].kind], -pair[0].last_at))


def _others(tenant: str, actor_id: str, kind: str, value: str) -> Any:
    same = tuple_(sightings.c.tenant, sightings.c.kind, sightings.c.value)
    is_other = sightings.c.actor_id != actor_id
    return select(sightings).where(same == (tenant, kind, value), is_other)
