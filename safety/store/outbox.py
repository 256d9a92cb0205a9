"""The outbox: messages to the platform, kept in the transaction that gives rise to them."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    true,
    tuple_,
    update,
)

from safety.domain.messages import Message, Posted
from safety.store.tables import outbox, webhook_endpoints

__all__ = [
    "Message",
    "Posted",
    "add",
    "add_all",
    "bury",
    "claim",
    "count_dead",
    "count_waiting",
    "dead",
    "delivered",
    "give_up_waiting",
    "pending",
    "postpone",
    "purge",
    "reseal",
    "resend",
    "resend_all",
    "sealed_bodies",
    "waiting",
]

_COLUMNS: Final = (
    "id",
    "tenant",
    "kind",
    "body",
    "created_at",
    "due_at",
    "attempts",
    "sealed",
    "subject",
)
_SELECTED: Final = tuple(outbox.c[name] for name in _COLUMNS)
_LONGEST_ERROR: Final = 200  # characters: a sentence

_WAITS: Final = and_(outbox.c.delivered_at.is_(None), outbox.c.dead_at.is_(None))


def add(connection: Connection, message: Message) -> None:
    """Keep a message for delivery."""
    add_all(connection, [message])


def add_all(connection: Connection, messages: Sequence[Message]) -> None:
    """Keep messages for delivery."""
    rows = [{name: getattr(message, name) for name in _COLUMNS} for message in messages]
    if rows:
        connection.execute(insert(outbox), rows)


def pending(
    connection: Connection, *, due_by: float | None = None, limit: int = 100
) -> list[Message]:
    """Messages that still wait, the longest due first; only those due by then."""
    query = select(*_SELECTED).where(_WAITS)
    if due_by is not None:
        query = query.where(outbox.c.due_at <= due_by)
    query = query.order_by(outbox.c.due_at, outbox.c.id).limit(limit)
    return [_message(row) for row in connection.execute(query)]


def claim(connection: Connection, tenant: str, *, at: float, until: float) -> Message | None:
    """Take a tenant's longest due message for one attempt; nobody else gets it before `until`.

    Whoever takes it says how it ended, or dies, and then it is due again at `until`. A message
    waits for earlier ones about its subject. None when nothing is ready.
    """
    ready = (outbox.c.tenant == tenant) & _WAITS & (outbox.c.due_at <= at) & ~_has_earlier()
    query = select(*_SELECTED).where(ready).order_by(outbox.c.due_at, outbox.c.id).limit(1)
    row = connection.execute(query.with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    connection.execute(update(outbox).where(outbox.c.id == row.id).values(due_at=until))
    return _message(row)


def delivered(connection: Connection, message_id: str, at: float) -> bool:
    """Note that a message arrived. False when it is unknown or had arrived before.

    A body that carried a token is emptied: it was needed until now and no longer.
    """
    waiting = (outbox.c.id == message_id) & outbox.c.delivered_at.is_(None)
    attempts = outbox.c.attempts + 1
    done = update(outbox).where(waiting).values(delivered_at=at, dead_at=None, attempts=attempts)
    if connection.execute(done).rowcount != 1:
        return False
    emptied = update(outbox).where(outbox.c.id == message_id, outbox.c.sealed)
    connection.execute(emptied.values(body=b""))
    return True


def postpone(connection: Connection, message_id: str, due_at: float, error: str = "") -> bool:
    """Note that an attempt failed, why, and when the next may start. False when it has arrived."""
    return _failed(connection, message_id, {"due_at": due_at}, error)


def bury(connection: Connection, message_id: str, at: float, error: str) -> bool:
    """Give a message up after its last attempt: a dead letter, until somebody sends it again."""
    return _failed(connection, message_id, {"dead_at": at}, error)


def dead(connection: Connection, tenant: str | None = None, *, limit: int = 100) -> list[Posted]:
    """Dead letters, the latest first."""
    order = (outbox.c.dead_at.desc(), outbox.c.id.desc())
    return _listed(connection, outbox.c.dead_at.is_not(None) & _of(tenant), order, limit)


def waiting(connection: Connection, tenant: str | None = None, *, limit: int = 100) -> list[Posted]:
    """Messages that still wait, the longest due first."""
    return _listed(connection, _WAITS & _of(tenant), (outbox.c.due_at, outbox.c.id), limit)


def count_waiting(connection: Connection) -> int:
    """How many messages still wait for a receiver; those of tenants without one do not count."""
    expected = outbox.c.tenant.in_(select(webhook_endpoints.c.tenant))
    return connection.execute(select(func.count()).where(_WAITS, expected)).scalar_one()


def count_dead(connection: Connection) -> int:
    """How many dead letters there are."""
    return connection.execute(
        select(func.count()).where(outbox.c.dead_at.is_not(None))
    ).scalar_one()


def resend(connection: Connection, message_id: str, at: float) -> bool:
    """Let a dead letter wait again, with all its attempts. False when it is not one."""
    return _revived(connection, outbox.c.id == message_id, at) == 1


def resend_all(connection: Connection, tenant: str, at: float) -> int:
    """Let every dead letter of a tenant wait again; return how many."""
    return _revived(connection, outbox.c.tenant == tenant, at)


def purge(connection: Connection, *, arrived_before: float, dead_before: float) -> int:
    """Delete what arrived before one moment or died before another; return how many."""
    ended = or_(outbox.c.delivered_at < arrived_before, outbox.c.dead_at < dead_before)
    return connection.execute(delete(outbox).where(ended)).rowcount


def give_up_waiting(connection: Connection, made_before: float, at: float) -> int:
    """End the wait of messages that nobody has received since then; return how many.

    Those of a tenant without an endpoint are deleted: nobody asked for them. Those of a disabled
    endpoint become dead letters.
    """
    old = _WAITS & (outbox.c.created_at < made_before)
    gone = delete(outbox).where(old, outbox.c.tenant.not_in(select(webhook_endpoints.c.tenant)))
    disabled = select(webhook_endpoints.c.tenant).where(
        webhook_endpoints.c.disabled_at.is_not(None)
    )
    buried = update(outbox).where(old, outbox.c.tenant.in_(disabled))
    died = buried.values(dead_at=at, last_error="the endpoint was disabled")
    return connection.execute(gone).rowcount + connection.execute(died).rowcount


def sealed_bodies(
    connection: Connection, *, after: str = "", limit: int = 100
) -> list[tuple[str, bytes]]:
    """Ids and bodies that lie encrypted, by id, those after the given one first."""
    columns = (outbox.c.id, outbox.c.body)
    kept = outbox.c.sealed & outbox.c.delivered_at.is_(None) & (outbox.c.id > after)
    query = select(*columns).where(kept).order_by(outbox.c.id).limit(limit)
    return [(row.id, row.body) for row in connection.execute(query)]


def reseal(connection: Connection, message_id: str, *, old: bytes, new: bytes) -> bool:
    """Replace an encrypted body by the same under another key. False when it changed meanwhile."""
    same = (outbox.c.id == message_id) & (outbox.c.body == old) & outbox.c.sealed
    return connection.execute(update(outbox).where(same).values(body=new)).rowcount == 1


def _has_earlier() -> ColumnElement[bool]:
    """Whether another message about the same subject must arrive first."""
    earlier = outbox.alias("earlier")
    return exists().where(
        outbox.c.subject != "",
        earlier.c.tenant == outbox.c.tenant,
        earlier.c.subject == outbox.c.subject,
        earlier.c.delivered_at.is_(None),
        earlier.c.dead_at.is_(None),
        tuple_(earlier.c.created_at, earlier.c.id) < tuple_(outbox.c.created_at, outbox.c.id),
    )


def _failed(
    connection: Connection, message_id: str, what_follows: dict[str, float], error: str
) -> bool:
    unfinished = (outbox.c.id == message_id) & _WAITS
    values = {"attempts": outbox.c.attempts + 1, "last_error": error[:_LONGEST_ERROR]}
    failed = update(outbox).where(unfinished).values(values | what_follows)
    return connection.execute(failed).rowcount == 1


def _revived(connection: Connection, which: ColumnElement[bool], at: float) -> int:
    dead_ones = update(outbox).where(which, outbox.c.dead_at.is_not(None))
    again = {"dead_at": None, "due_at": at, "attempts": 0, "last_error": ""}
    return connection.execute(dead_ones.values(again)).rowcount


def _listed(
    connection: Connection, which: ColumnElement[bool], order: Sequence[Any], limit: int
) -> list[Posted]:
    query = select(*_SELECTED, outbox.c.last_error, outbox.c.dead_at).where(which)
    rows = connection.execute(query.order_by(*order).limit(limit))
    return [Posted(_message(row), row.last_error, row.dead_at) for row in rows]


def _of(tenant: str | None) -> ColumnElement[bool]:
    return true() if tenant is None else outbox.c.tenant == tenant


def _message(row: Row[*tuple[Any, ...]]) -> Message:
    return Message(*row[: len(_COLUMNS)])
