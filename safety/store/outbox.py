"""The outbox: messages to the platform, kept in the transaction that gives rise to them."""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from safety.store.tables import outbox


@dataclass(frozen=True, slots=True)
class Message:
    """One message that waits to be delivered; `body` is UTF-8 JSON without content of users.

    `due_at` (Unix seconds) is when the next attempt may start.
    """

    id: str
    tenant: str
    kind: str
    body: bytes
    created_at: float
    due_at: float
    attempts: int = 0


_COLUMNS = ("id", "tenant", "kind", "body", "created_at", "due_at", "attempts")


def add(connection: Connection, message: Message) -> None:
    """Keep a message for delivery."""
    values = {name: getattr(message, name) for name in _COLUMNS}
    connection.execute(insert(outbox).values(values))


def pending(
    connection: Connection, *, due_by: float | None = None, limit: int = 100
) -> list[Message]:
    """Messages that were not delivered yet, the longest due first; only those due by then."""
    query = select(*(outbox.c[name] for name in _COLUMNS)).where(outbox.c.delivered_at.is_(None))
    if due_by is not None:
        query = query.where(outbox.c.due_at <= due_by)
    query = query.order_by(outbox.c.due_at, outbox.c.id).limit(limit)
    return [Message(*row) for row in connection.execute(query)]


def delivered(connection: Connection, message_id: str, at: float) -> bool:
    """Note that a message arrived. False when it is unknown or had arrived before."""
    waiting = (outbox.c.id == message_id) & outbox.c.delivered_at.is_(None)
    done = update(outbox).where(waiting).values(delivered_at=at, attempts=outbox.c.attempts + 1)
    return connection.execute(done).rowcount == 1


def postpone(connection: Connection, message_id: str, due_at: float) -> bool:
    """Note that an attempt failed and when the next may start. False when it has arrived."""
    waiting = (outbox.c.id == message_id) & outbox.c.delivered_at.is_(None)
    later = update(outbox).where(waiting).values(due_at=due_at, attempts=outbox.c.attempts + 1)
    return connection.execute(later).rowcount == 1
