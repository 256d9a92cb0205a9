"""Items that wait for a person, and the resolutions that end their wait."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from safety.domain.reviews import (
    LONGEST_LEASE,
    Act,
    Action,
    Band,
    Item,
    ItemStatus,
    Resolution,
    Why,
)
from safety.domain.verdicts import Severity, Verdict
from safety.store.rechecks import has_effect
from safety.store.tables import items, resolutions

_SEVERITIES = tuple(Severity)
_LAST_TURN = int(Band.CRITICAL)
# Spelled out, or a prepared statement could not use the indexes of what waits.
OPEN = items.c.status == literal_column(f"'{ItemStatus.OPEN.value}'")
_COUNTS = resolutions.c.undone_at.is_(None)


def get_item(connection: Connection, item_id: str) -> Item | None:
    """The item of this id, open or resolved."""
    row = connection.execute(select(items).where(items.c.id == item_id)).one_or_none()
    return None if row is None else item_of(row)


def get_items(connection: Connection, item_ids: Sequence[str]) -> dict[str, Item]:
    """Those of these items that exist, by id."""
    rows = connection.execute(select(items).where(items.c.id.in_(item_ids)))
    return {row.id: item_of(row) for row in rows}


def count_open(connection: Connection) -> dict[str, int]:
    """How many items wait in each queue; a queue where nothing waits is absent."""
    query = (
        select(items.c.queue, func.count())
        .where(OPEN)
        .group_by(items.c.queue)
        .order_by(items.c.queue)
    )
    return dict(connection.execute(query).all())


def resolve(connection: Connection, resolution: Resolution, expected_version: int) -> bool:
    """End an item's wait with a resolution.

    False when the item is resolved already, has changed since `expected_version`, or lies on
    somebody else's desk, and nothing is written then: of moderators who act on what they saw at the
    same moment, exactly one wins.
    """
    done = connection.execute(
        update(items)
        .where(
            items.c.id == resolution.item_id,
            items.c.version == expected_version,
            OPEN,
            is_free(resolution.resolved_at, resolution.moderator),
        )
        .values(
            status=ItemStatus.RESOLVED.value,
            version=items.c.version + 1,
            claim=items.c.claim + 1,
            claimed_by="",
            claimed_until=0.0,
        )
    )
    if done.rowcount != 1:
        return False
    add_resolution(connection, resolution)
    return True


def reopen(connection: Connection, item_id: str) -> bool:
    """Let an item wait again, as it was before its resolution. False when it waits already."""
    resolved = (items.c.id == item_id) & (items.c.status == ItemStatus.RESOLVED.value)
    again = {"status": ItemStatus.OPEN.value, "version": items.c.version + 1}
    return connection.execute(update(items).where(resolved).values(again)).rowcount == 1


def change(
    connection: Connection, item_id: str, expected_version: int, at: float, by: str, **values: Any
) -> bool:
    """Change an open item that nobody else holds, and give it back.

    False when it has changed since `expected_version`, or is resolved or held by somebody else.
    """
    same = (items.c.id == item_id) & (items.c.version == expected_version)
    changed = update(items).where(same, OPEN, is_free(at, by))
    freed: dict[str, Any] = {"version": items.c.version + 1, "claim": items.c.claim + 1}
    freed |= {"claimed_by": "", "claimed_until": 0.0}
    return connection.execute(changed.values(freed | values)).rowcount == 1


def add_resolution(connection: Connection, resolution: Resolution) -> None:
    """Keep a resolution without touching its item, such as one that reverses another."""
    connection.execute(insert(resolutions).values(_resolution_values(resolution)))


def touch(connection: Connection, item_id: str) -> None:
    """Tell those who look at an item that something about it has changed."""
    newer = update(items).where(items.c.id == item_id).values(version=items.c.version + 1)
    connection.execute(newer)


def get_resolution(connection: Connection, item_id: str) -> Resolution | None:
    """The latest resolution of an item, or None while it waits."""
    latest = (resolutions.c.resolved_at.desc(), resolutions.c.id.desc())
    query = select(resolutions).where(resolutions.c.item_id == item_id, _COUNTS)
    row = connection.execute(query.order_by(*latest).limit(1)).one_or_none()
    return None if row is None else resolution_of(row)


def resolutions_of(connection: Connection, decision_ids: Sequence[str]) -> dict[str, Resolution]:
    """The latest resolution of each of these decisions that has one, by decision id."""
    query = (
        select(resolutions)
        .where(resolutions.c.decision_id.in_(decision_ids), _COUNTS, has_effect())
        .order_by(resolutions.c.resolved_at, resolutions.c.id)
    )
    return {row.decision_id: resolution_of(row) for row in connection.execute(query)}


def comes_after(last: Item) -> ColumnElement[bool]:
    """Whether an item's turn comes after that of another."""
    turn, columns = _LAST_TURN - last.band, items.c
    return or_(
        columns.turn > turn,
        and_(columns.turn == turn, columns.created_at > last.created_at),
        and_(columns.turn == turn, columns.created_at == last.created_at, columns.id > last.id),
    )


def is_free(at: float, by: str) -> ColumnElement[bool]:
    """Whether nobody but this person has an item on their desk at this moment."""
    until = items.c.claimed_until
    return or_(items.c.claimed_by.in_(["", by]), until <= at, until > at + LONGEST_LEASE)


def turn_of(band: Band) -> int:
    """The place of a band in the order of work: 0 comes first."""
    return _LAST_TURN - band


def item_of(row: Row[Any]) -> Item:
    """A row of `items` as a value."""
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
        kind=row.kind,
        band=Band(_LAST_TURN - row.turn),
        why=tuple(Why(*each) for each in json.loads(row.why)),
        due_at=row.due_at,
        is_raised=row.raised == 1,
        claimed_by=row.claimed_by,
        claimed_until=row.claimed_until,
        claim=row.claim,
        snoozed_until=row.snoozed_until,
        escalated_from=row.escalated_from,
        language=row.language,
        policy=row.policy,
        cluster=row.cluster,
    )


def _resolution_values(resolution: Resolution) -> dict[str, object]:
    values = {column.name: getattr(resolution, column.name) for column in resolutions.c}
    acts = [
        {"action": act.action.value, "policy": act.policy, "label": act.label, "lasts": act.lasts}
        for act in resolution.acts
    ]
    return values | {"action": resolution.action.value, "acts": json.dumps(acts)}


def resolution_of(row: Row[Any]) -> Resolution:
    """A row of `resolutions` as a value."""
    values = dict(row._mapping)  # noqa: SLF001 -- the documented way to a row's columns by name
    acts = tuple(
        Act(Action(act["action"]), act["policy"], act["label"], act["lasts"])
        for act in json.loads(row.acts)
    )
    return Resolution(**values | {"action": Action(row.action), "acts": acts})
