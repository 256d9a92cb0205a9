"""Sightings: which actor was seen with which address, device, text, link or name."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, func, select, tuple_

from safety.store.statements import Change, insert_or_join
from safety.store.tables import sightings

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
_CHANGES: Final = {
    "first_at": Change.LEAST,
    "last_at": Change.MOST,
    "seen": Change.ADD,
    "decision": Change.MOST,
}


class Sighting(NamedTuple):
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
    """Add to what was seen before; no two are of the same actor with the same value."""
    insert_or_join(connection, sightings, Sighting._fields, list(seen), _CHANGES)


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
