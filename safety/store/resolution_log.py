"""The log of what was decided by people: filtered, the latest first, page by page."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from safety.domain.reviews import Item, Resolution
from safety.store.items import item_of, resolution_of
from safety.store.rechecks import is_told
from safety.store.tables import items, resolutions


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which resolutions to show; an empty text is any. `since` and `until` are Unix seconds."""

    moderator: str = ""
    action: str = ""
    policy: str = ""
    queue: str = ""
    actor: str = ""
    since: float | None = None
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Logged:
    """A resolution with the item that it is about."""

    resolution: Resolution
    item: Item


def page(
    connection: Connection,
    wanted: Wanted,
    hidden: Collection[str],
    *,
    by: str,
    before: tuple[float, str] | None = None,
    limit: int,
) -> list[Logged]:
    """The latest resolutions, or those before a moment and an id; `hidden` queues are left out.

    So is what this person (`by`) may have to judge anew, without knowing how it was decided.
    """
    columns = resolutions.c
    query = select(resolutions, items).join(items, items.c.id == columns.item_id)
    query = query.where(*_conditions(wanted), is_told(by))
    if hidden:
        query = query.where(items.c.queue.not_in(sorted(hidden)))
    if before is not None:
        at, last = before
        same = and_(columns.resolved_at == at, columns.id < last)
        query = query.where(or_(columns.resolved_at < at, same))
    query = query.order_by(columns.resolved_at.desc(), columns.id.desc()).limit(limit)
    query = query.with_only_columns(columns.id, columns.item_id)
    found = connection.execute(query).all()
    return _whole(connection, [row[0] for row in found], [row[1] for row in found])


def _whole(connection: Connection, ids: Sequence[str], item_ids: Sequence[str]) -> list[Logged]:
    rows = connection.execute(select(resolutions).where(resolutions.c.id.in_(ids)))
    known = {row.id: resolution_of(row) for row in rows}
    rows = connection.execute(select(items).where(items.c.id.in_(set(item_ids))))
    about = {row.id: item_of(row) for row in rows}
    return [Logged(known[each], about[of]) for each, of in zip(ids, item_ids, strict=True)]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    columns = resolutions.c
    texts = (
        (columns.moderator, wanted.moderator),
        (columns.action, wanted.action),
        (columns.policy, wanted.policy),
        (items.c.queue, wanted.queue),
        (items.c.actor_id, wanted.actor),
    )
    found = [column == text for column, text in texts if text]
    if wanted.since is not None:
        found.append(columns.resolved_at >= wanted.since)
    if wanted.until is not None:
        found.append(columns.resolved_at < wanted.until)
    return found
