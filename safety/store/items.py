"""Items that wait for a person, and the resolutions that end their wait."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update

from safety.domain.reviews import Action, Item, ItemStatus, Resolution
from safety.domain.verdicts import Severity, Verdict
from safety.store.tables import items, resolutions

_SEVERITIES = tuple(Severity)


def get_item(connection: Connection, item_id: str) -> Item | None:
    """The item of this id, open or resolved."""
    row = connection.execute(select(items).where(items.c.id == item_id)).one_or_none()
    return None if row is None else _item(row)


def open_items(
    connection: Connection,
    queue: str | None = None,
    *,
    limit: int = 50,
    after: str | None = None,
) -> list[Item]:
    """Items that wait, worst first and then oldest first.

    `after` is the id of the last item of the previous page; it may have been resolved meanwhile.
    """
    query = select(items).where(items.c.status == ItemStatus.OPEN.value)
    if queue is not None:
        query = query.where(items.c.queue == queue)
    if after is not None:
        last = get_item(connection, after)
        if last is None:
            return []
        query = query.where(_comes_after(last))
    query = query.order_by(items.c.severity.desc(), items.c.created_at, items.c.id)
    return [_item(row) for row in connection.execute(query.limit(limit))]


def count_open(connection: Connection) -> dict[str, int]:
    """How many items wait in each queue; a queue where nothing waits is absent."""
    query = (
        select(items.c.queue, func.count())
        .where(items.c.status == ItemStatus.OPEN.value)
        .group_by(items.c.queue)
        .order_by(items.c.queue)
    )
    return dict(connection.execute(query).all())


def resolve(connection: Connection, resolution: Resolution, expected_version: int) -> bool:
    """End an item's wait with a resolution.

    False when the item is resolved already or has changed since `expected_version`, and nothing is
    written then: of moderators who act on what they saw at the same moment, exactly one wins.
    """
    done = connection.execute(
        update(items)
        .where(
            items.c.id == resolution.item_id,
            items.c.version == expected_version,
            items.c.status == ItemStatus.OPEN.value,
        )
        .values(status=ItemStatus.RESOLVED.value, version=items.c.version + 1)
    )
    if done.rowcount != 1:
        return False
    connection.execute(insert(resolutions).values(_resolution_values(resolution)))
    return True


def get_resolution(connection: Connection, item_id: str) -> Resolution | None:
    """The latest resolution of an item, or None while it waits."""
    query = (
        select(resolutions)
        .where(resolutions.c.item_id == item_id)
        .order_by(resolutions.c.resolved_at.desc(), resolutions.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _resolution(row)


def resolutions_of(connection: Connection, decision_ids: Sequence[str]) -> dict[str, Resolution]:
    """The latest resolution of each of these decisions that has one, by decision id."""
    query = (
        select(resolutions)
        .where(resolutions.c.decision_id.in_(decision_ids))
        .order_by(resolutions.c.resolved_at, resolutions.c.id)
    )
    return {row.decision_id: _resolution(row) for row in connection.execute(query)}


def _comes_after(last: Item) -> Any:
    rank, columns = last.severity.rank, items.c
    return or_(
        columns.severity < rank,
        and_(columns.severity == rank, columns.created_at > last.created_at),
        and_(
            columns.severity == rank,
            columns.created_at == last.created_at,
            columns.id > last.id,
        ),
    )


def _item(row: Row[Any]) -> Item:
    return Item(
        id=row.id,
        tenant=row.tenant,
        decision_id=row.decision_id,
        queue=row.queue,
        severity=_SEVERITIES[row.severity],
        reason=row.reason,
        event_type=row.event_type,
        actor_id=row.actor_id,
        verdict=Verdict(row.verdict),
        created_at=row.created_at,
        status=ItemStatus(row.status),
        version=row.version,
    )


def _resolution_values(resolution: Resolution) -> dict[str, object]:
    values = {column.name: getattr(resolution, column.name) for column in resolutions.c}
    return values | {"action": resolution.action.value}


def _resolution(row: Row[Any]) -> Resolution:
    values = dict(row._mapping)  # noqa: SLF001 -- the documented way to a row's columns by name
    return Resolution(**values | {"action": Action(row.action)})
