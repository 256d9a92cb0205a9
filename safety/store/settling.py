"""Resolutions between being written and taking effect, and what happens to an item besides."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select, update

from safety.domain.reviews import Item, Resolution, Step
from safety.store.items import resolution_of
from safety.store.statements import insert_or_replace
from safety.store.tables import item_steps, resolutions, skips

_PENDING = resolutions.c.settled_at.is_(None) & resolutions.c.undone_at.is_(None)


def due(connection: Connection, at: float, *, limit: int) -> list[Resolution]:
    """Resolutions whose time has come and that nobody has settled, the longest due first.

    On a server the rows stay locked until the transaction ends, and others are given other ones.
    """
    query = (
        select(resolutions)
        .where(_PENDING, resolutions.c.effective_at <= at)
        .order_by(resolutions.c.effective_at, resolutions.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [resolution_of(row) for row in connection.execute(query)]


def is_anything_due(connection: Connection, at: float) -> bool:
    """Whether `due` would find something."""
    query = select(resolutions.c.id).where(_PENDING, resolutions.c.effective_at <= at).limit(1)
    return connection.execute(query).one_or_none() is not None


def count_pending(connection: Connection, _at: float) -> int:
    """How many resolutions have not taken effect yet."""
    # One that was made without a time to wait for took effect when it was made.
    waits = select(func.count()).where(_PENDING, resolutions.c.effective_at.is_not(None))
    return int(connection.execute(waits).scalar_one())


def settled(connection: Connection, resolution_id: str, at: float) -> bool:
    """Note that a resolution has taken effect. False when it had, or was undone."""
    pending = (resolutions.c.id == resolution_id) & _PENDING
    return (
        connection.execute(update(resolutions).where(pending).values(settled_at=at)).rowcount == 1
    )


def settled_since(connection: Connection, since: float, *, limit: int) -> list[Resolution]:
    """What has taken effect at `since` or later, in that order."""
    query = (
        select(resolutions)
        .where(resolutions.c.settled_at >= since)
        .order_by(resolutions.c.settled_at, resolutions.c.id)
    )
    return [resolution_of(row) for row in connection.execute(query.limit(limit))]


def undo(connection: Connection, resolution_id: str, at: float, by: str) -> bool:
    """Take a resolution back. False when it has taken effect, or was taken back before."""
    pending = (resolutions.c.id == resolution_id) & _PENDING & (resolutions.c.effective_at > at)
    undone = update(resolutions).where(pending).values(undone_at=at, undone_by=by)
    return connection.execute(undone).rowcount == 1


def get(connection: Connection, resolution_id: str) -> Resolution | None:
    """The resolution of this id, undone or not."""
    query = select(resolutions).where(resolutions.c.id == resolution_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else resolution_of(row)


def of_batch(connection: Connection, batch: str) -> list[Resolution]:
    """The resolutions that were written at once under this name, undone or not."""
    query = select(resolutions).where(resolutions.c.batch == batch, resolutions.c.batch != "")
    return [resolution_of(row) for row in connection.execute(query.order_by(resolutions.c.id))]


def of_item(connection: Connection, item_id: str) -> list[Resolution]:
    """Every resolution of an item, the latest first, those that were undone as well."""
    query = select(resolutions).where(resolutions.c.item_id == item_id)
    latest = query.order_by(resolutions.c.resolved_at.desc(), resolutions.c.id.desc())
    return [resolution_of(row) for row in connection.execute(latest)]


def of_request(
    connection: Connection, moderator: str, key: str, item_ids: Sequence[str]
) -> dict[str, Resolution]:
    """What this person's request of this name has written before, by item."""
    columns = resolutions.c
    same = (columns.moderator == moderator) & (columns.request_key == key) & (key != "")
    rows = connection.execute(select(resolutions).where(same, columns.item_id.in_(item_ids)))
    return {row.item_id: resolution_of(row) for row in rows}


def is_reversed(connection: Connection, resolution_id: str) -> bool:
    """Whether another resolution has ended what this one did."""
    query = select(resolutions.c.id).where(resolutions.c.reverses == resolution_id).limit(1)
    return connection.execute(query).one_or_none() is not None


def add_step(connection: Connection, item: Item, step: Step) -> None:
    """Note what happened to an item."""
    values = {"item_id": item.id, "tenant": item.tenant, "at": step.at}
    values |= {"author": step.author, "what": step.what, "detail": step.detail}
    connection.execute(insert(item_steps).values(values))


def steps(connection: Connection, item_id: str) -> list[Step]:
    """Everything that happened to an item, in order."""
    columns = item_steps.c
    query = select(columns.at, columns.author, columns.what, columns.detail)
    rows = connection.execute(query.where(columns.item_id == item_id).order_by(columns.sequence))
    return [Step(*row) for row in rows]


def skip(connection: Connection, item_id: str, moderator: str, at: float) -> None:
    """Remember that somebody would rather see another item."""
    insert_or_replace(connection, skips, ("item_id", "moderator", "at"), [(item_id, moderator, at)])


def forget_skips(connection: Connection, before: float) -> int:
    """Forget who skipped what before then; return how often."""
    return connection.execute(delete(skips).where(skips.c.at < before)).rowcount
