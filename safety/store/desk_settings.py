"""What people set at the desk: how queues work, filters they keep, and where they are right now."""

import json
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select

from safety.domain.access import Role
from safety.domain.queues import Filter, QueueSettings, Saved
from safety.domain.reviews import Action, Band
from safety.store.statements import insert_or_replace
from safety.store.tables import presence, queue_settings, saved_filters


def all_settings(connection: Connection) -> dict[str, QueueSettings]:
    """The queues that somebody has set, by name."""
    rows = connection.execute(select(queue_settings).order_by(queue_settings.c.name))
    return {row.name: _settings(row.name, json.loads(row.body)) for row in rows}


def put_settings(connection: Connection, settings: QueueSettings, at: float, by: str) -> None:
    """Set a queue, in place of how it was set before."""
    body = {
        "title": settings.title,
        "roles": sorted(role.value for role in settings.roles),
        "members": sorted(settings.members),
        "sla": {band.word: seconds for band, seconds in settings.sla.items()},
        "actions": [action.value for action in Action if action in settings.actions],
        "is_veiled": settings.is_veiled,
        "escalates_to": settings.escalates_to,
        "claims": settings.claims,
    }
    columns = ("name", "body", "updated_at", "updated_by")
    row = (settings.name, json.dumps(body), at, by)
    insert_or_replace(connection, queue_settings, columns, [row])


def add_filter(connection: Connection, saved: Saved) -> None:
    """Keep a filter."""
    query = json.dumps(saved.filter.query())
    connection.execute(
        insert(saved_filters).values(
            id=saved.id,
            owner=saved.owner,
            name=saved.name,
            query=query,
            is_shared=saved.is_shared,
            created_at=saved.created_at,
        )
    )


def filters_for(connection: Connection, owner: str) -> list[Saved]:
    """The filters that this person keeps, and those shared with everybody, by name."""
    columns = saved_filters.c
    query = (
        select(saved_filters)
        .where(or_(columns.owner == owner, columns.is_shared))
        .order_by(columns.name, columns.id)
    )
    return [_saved(row) for row in connection.execute(query)]


def count_filters(connection: Connection, owner: str) -> int:
    """How many filters this person keeps."""
    own = select(func.count()).where(saved_filters.c.owner == owner)
    return int(connection.execute(own).scalar_one())


def remove_filter(connection: Connection, filter_id: str) -> bool:
    """Forget a filter. False when there is none of this id."""
    gone = delete(saved_filters).where(saved_filters.c.id == filter_id)
    return connection.execute(gone).rowcount == 1


def seen(connection: Connection, moderator: str, queue: str, item_id: str, at: float) -> None:
    """Note where somebody is."""
    columns = ("moderator", "queue", "item_id", "seen_at")
    insert_or_replace(connection, presence, columns, [(moderator, queue, item_id, at)])


def online(connection: Connection, since: float) -> list[str]:
    """Who was somewhere since then, by name."""
    query = select(presence.c.moderator).where(presence.c.seen_at >= since)
    return list(connection.execute(query.order_by(presence.c.moderator)).scalars())


def looking(connection: Connection, item_id: str, since: float) -> list[str]:
    """Who has looked at an item since then, by name."""
    here = (presence.c.item_id == item_id) & (presence.c.seen_at >= since)
    query = select(presence.c.moderator).where(here).order_by(presence.c.moderator)
    return list(connection.execute(query).scalars())


def _settings(name: str, body: dict[str, Any]) -> QueueSettings:
    return QueueSettings(
        name=name,
        title=body["title"],
        roles=frozenset(map(Role, body["roles"])),
        members=frozenset(body["members"]),
        sla={Band.parse(word): seconds for word, seconds in body["sla"].items()},
        actions=frozenset(map(Action, body["actions"])),
        is_veiled=body["is_veiled"],
        escalates_to=body["escalates_to"],
        claims=body["claims"],
    )


def _saved(row: Row[Any]) -> Saved:
    chosen = Filter.of(json.loads(row.query))
    return Saved(row.id, row.name, chosen, row.owner, row.is_shared, row.created_at)
