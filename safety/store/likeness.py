"""Which items have nearly the same text: signatures, and which of them are alike."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
)

from safety.domain.reviews import Item
from safety.store.items import OPEN, item_of
from safety.store.statements import insert_new
from safety.store.tables import items, likenesses

_COLUMNS = ("tenant", "slot", "part", "item_id", "signature")
_MOST_CANDIDATES = 200
# Spelled out, as the index of clusters has it.
_IN_CLUSTER = items.c.cluster != literal_column("''")


def add(
    connection: Connection, tenant: str, item_id: str, signature: bytes, parts: Sequence[int]
) -> None:
    """Keep the signature of an item's text, found by each of its parts."""
    told = [signature.hex(), *[""] * (len(parts) - 1)]  # once is enough
    rows = [(tenant, slot, part, item_id, told[slot]) for slot, part in enumerate(parts)]
    insert_new(connection, likenesses, _COLUMNS, rows)


def candidates(
    connection: Connection, tenant: str, parts: Sequence[int], *, since: float
) -> list[tuple[bytes, str]]:
    """Signature and cluster of the latest items since then that share a part."""
    values = {f"part{slot}": part for slot, part in enumerate(parts)}
    rows = connection.execute(_alike(len(parts)), {"tenant": tenant, "since": since, **values})
    found = dict.fromkeys((row.signature, row.cluster) for row in rows)
    return [(bytes.fromhex(signature), cluster) for signature, cluster in found]


@cache
def _alike(slots: int) -> Select[Any]:
    """Built once: making this query costs more than asking it."""
    columns = likenesses.c
    of_tenant = columns.tenant == bindparam("tenant")
    # One by one: for pairs, SQLite walks all of a tenant.
    shared = or_(
        *(
            and_(of_tenant, columns.slot == slot, columns.part == bindparam(f"part{slot}"))
            for slot in range(slots)
        )
    )
    alike = select(columns.item_id).where(shared)
    return (
        select(likenesses.c.signature, items.c.cluster)
        .join(items, items.c.id == likenesses.c.item_id)
        .where(items.c.id.in_(alike.limit(_MOST_CANDIDATES)))
        .where(items.c.created_at >= bindparam("since"), likenesses.c.slot == 0)
    )


def clusters_among(
    connection: Connection, clusters: Collection[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Those of these clusters, given as tenant and key, that have an item, open or resolved."""
    found: set[tuple[str, str]] = set()
    for tenant, keys in _by_tenant(clusters).items():
        same = (items.c.tenant == tenant) & items.c.cluster.in_(keys) & _IN_CLUSTER
        known = connection.execute(select(items.c.cluster).where(same).distinct()).scalars()
        found.update((tenant, key) for key in known)
    return found


def forget(connection: Connection, before: float, *, limit: int) -> int:
    """Forget the signatures of items made before then; return how many rows."""
    old = select(items.c.id).where(items.c.created_at < before)
    some = select(likenesses.c.item_id).where(likenesses.c.item_id.in_(old)).limit(limit)
    return connection.execute(delete(likenesses).where(likenesses.c.item_id.in_(some))).rowcount


def copies(
    connection: Connection, clusters: Collection[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """How many items of each of these clusters, given as tenant and key, still wait."""
    found: dict[tuple[str, str], int] = {}
    for tenant, keys in _by_tenant(clusters).items():
        query = (
            select(items.c.cluster, func.count())
            .where(items.c.tenant == tenant, items.c.cluster.in_(keys), _IN_CLUSTER, OPEN)
            .group_by(items.c.cluster)
        )
        found |= {(tenant, key): number for key, number in connection.execute(query)}
    return found


def members(
    connection: Connection, tenant: str, cluster: str, hidden: Collection[str], *, limit: int
) -> list[Item]:
    """The items of a cluster that wait, the oldest first, without those of hidden queues."""
    same = and_(items.c.tenant == tenant, items.c.cluster == cluster, _IN_CLUSTER, OPEN)
    query = select(items).where(same).order_by(items.c.created_at, items.c.id).limit(limit)
    if hidden:
        query = query.where(items.c.queue.not_in(sorted(hidden)))
    return [item_of(row) for row in connection.execute(query)]


def spread(connection: Connection, tenant: str, cluster: str) -> tuple[int, int]:
    """How many items of a cluster wait, and of how many actors."""
    query = select(func.count(), func.count(items.c.actor_id.distinct())).where(
        items.c.tenant == tenant, items.c.cluster == cluster, _IN_CLUSTER, OPEN
    )
    total, accounts = connection.execute(query).one()
    return int(total), int(accounts)


def _by_tenant(clusters: Collection[tuple[str, str]]) -> dict[str, list[str]]:
    """The keys of each tenant: for pairs, SQLite walks everything."""
    found: dict[str, list[str]] = {}
    for tenant, cluster in sorted(clusters):
        if cluster:
            found.setdefault(tenant, []).append(cluster)
    return found
