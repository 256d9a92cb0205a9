"""Claims: an item on somebody's desk is a lease in its row, which ends by itself.

A lease is worth what the row says at the moment when somebody acts on it. Clocks that disagree can
end one early; they never make two people hold an item, and whoever lost it is told when they act.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, and_, select, update

from safety.domain.reviews import LONGEST_LEASE, Item
from safety.store.items import OPEN, is_free, item_of
from safety.store.tables import items

_NOBODY = {"claimed_by": "", "claimed_until": 0.0}


def take(
    connection: Connection, item_ids: Sequence[str], *, by: str, at: float, until: float
) -> list[Item]:
    """Lease those of these items that are open and on nobody else's desk; return them, leased."""
    free = (items.c.id.in_(item_ids)) & OPEN & is_free(at, by)
    lease = {"claimed_by": by, "claimed_until": until, "claim": items.c.claim + 1}
    connection.execute(update(items).where(free).values(lease))
    # Nobody else can have written between the two: they are one transaction with the rows locked.
    mine = (
        (items.c.id.in_(item_ids)) & (items.c.claimed_by == by) & (items.c.claimed_until == until)
    )
    return [item_of(row) for row in connection.execute(select(items).where(mine, OPEN))]


def renew(
    connection: Connection, item_ids: Sequence[str], *, by: str, at: float, until: float
) -> list[str]:
    """Lengthen this person's leases that have not ended; return the ids of those that it holds."""
    held = (items.c.id.in_(item_ids)) & OPEN & _is_held_by(by, at)
    connection.execute(update(items).where(held).values(claimed_until=until))
    query = select(items.c.id).where(held).order_by(items.c.id)
    return list(connection.execute(query).scalars())


def release(connection: Connection, *, by: str, item_ids: Sequence[str] | None = None) -> int:
    """Give back some of what this person holds, None for all of it; return how many."""
    held = items.c.claimed_by == by
    if item_ids is not None:
        held &= items.c.id.in_(item_ids)
    return connection.execute(update(items).where(held).values(_NOBODY)).rowcount


def free(connection: Connection, item_id: str) -> str | None:
    """Take an item off whoever's desk it is on; return whose. None when it was on nobody's."""
    held = (items.c.id == item_id) & (items.c.claimed_by != "")
    holder: str | None = connection.execute(select(items.c.claimed_by).where(held)).scalar()
    if holder is not None:
        freed = _NOBODY | {"claim": items.c.claim + 1}
        connection.execute(update(items).where(held).values(freed))
    return holder


def holders(connection: Connection, at: float, item_ids: Sequence[str]) -> dict[str, str]:
    """Who has which of these items on their desk at this moment."""
    held = (items.c.id.in_(item_ids)) & OPEN & _is_leased(at)
    query = select(items.c.id, items.c.claimed_by).where(held)
    return dict(connection.execute(query).all())


def _is_leased(at: float) -> ColumnElement[bool]:
    return and_(items.c.claimed_until > at, items.c.claimed_until <= at + LONGEST_LEASE)


def _is_held_by(by: str, at: float) -> ColumnElement[bool]:
    return and_(items.c.claimed_by == by, _is_leased(at))
