"""What counts against actors and holds for them: strikes and restrictions, and notes about them."""

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from safety.domain.conduct import Note, Restriction, Strike
from safety.domain.reviews import Action
from safety.store.tables import actor_notes, restrictions, strikes


def add_strike(connection: Connection, strike: Strike) -> None:
    """Keep a strike."""
    connection.execute(insert(strikes).values(_values(strike)))


def add_restriction(connection: Connection, restriction: Restriction) -> None:
    """Keep a restriction."""
    values = _values(restriction) | {"action": restriction.action.value}
    connection.execute(insert(restrictions).values(values))


def strikes_of(connection: Connection, tenant: str, actor_id: str) -> list[Strike]:
    """Every strike of an actor, the latest first, those that no longer count as well."""
    own = (strikes.c.tenant == tenant) & (strikes.c.actor_id == actor_id)
    query = select(strikes).where(own).order_by(strikes.c.given_at.desc(), strikes.c.id.desc())
    return [Strike(**row._mapping) for row in connection.execute(query)]  # noqa: SLF001 -- the documented way to a row's columns by name


def points_of(connection: Connection, tenant: str, actor_id: str, at: float) -> int:
    """How much counts against an actor at this moment."""
    return sum(each.points for each in strikes_of(connection, tenant, actor_id) if each.is_live(at))


def restrictions_of(
    connection: Connection, tenant: str, actor_id: str, *, at: float
) -> list[Restriction]:
    """What holds for an actor at this moment, the latest first."""
    columns = restrictions.c
    query = (
        select(restrictions)
        .where(columns.tenant == tenant, columns.actor_id == actor_id, columns.ended_at.is_(None))
        .where(or_(columns.ends_at.is_(None), columns.ends_at > at))
        .order_by(columns.begins_at.desc(), columns.id.desc())
    )
    return [_restriction(row) for row in connection.execute(query)]


def expired(connection: Connection, at: float, *, limit: int) -> list[Restriction]:
    """Restrictions whose time is over and of which nobody has taken note."""
    columns = restrictions.c
    query = (
        select(restrictions)
        .where(columns.ended_at.is_(None), columns.ends_at <= at)
        .order_by(columns.ends_at, columns.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_restriction(row) for row in connection.execute(query)]


def end_restriction(connection: Connection, restriction_id: str, at: float) -> bool:
    """Note that a restriction has ended. False when it had."""
    running = (restrictions.c.id == restriction_id) & restrictions.c.ended_at.is_(None)
    return connection.execute(update(restrictions).where(running).values(ended_at=at)).rowcount == 1


def revoke(connection: Connection, resolution_id: str, at: float) -> list[Restriction]:
    """Take back the strikes and end the restrictions of a resolution; return what ended."""
    own = (strikes.c.resolution_id == resolution_id) & strikes.c.revoked_at.is_(None)
    connection.execute(update(strikes).where(own).values(revoked_at=at))
    running = (restrictions.c.resolution_id == resolution_id) & restrictions.c.ended_at.is_(None)
    ended = [_restriction(row) for row in connection.execute(select(restrictions).where(running))]
    connection.execute(update(restrictions).where(running).values(ended_at=at))
    return ended


def add_note(connection: Connection, note: Note) -> None:
    """Keep a note."""
    connection.execute(insert(actor_notes).values(_values(note)))


def get_note(connection: Connection, note_id: str) -> Note | None:
    """The note of this id."""
    query = select(actor_notes).where(actor_notes.c.id == note_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else Note(**row._mapping)  # noqa: SLF001 -- as above


def remove_note(connection: Connection, note_id: str) -> bool:
    """Forget a note. False when there is none of this id."""
    gone = delete(actor_notes).where(actor_notes.c.id == note_id)
    return connection.execute(gone).rowcount == 1


def notes_of(connection: Connection, tenant: str, actor_id: str, *, limit: int) -> list[Note]:
    """What was written about an actor, the latest first."""
    own = (actor_notes.c.tenant == tenant) & (actor_notes.c.actor_id == actor_id)
    latest = (actor_notes.c.written_at.desc(), actor_notes.c.id.desc())
    rows = connection.execute(select(actor_notes).where(own).order_by(*latest).limit(limit))
    return [Note(**row._mapping) for row in rows]  # noqa: SLF001 -- as above


def _values(kept: Strike | Restriction | Note) -> dict[str, Any]:
    return {name: getattr(kept, name) for name in kept.__slots__}


def _restriction(row: Row[Any]) -> Restriction:
    values = dict(row._mapping)  # noqa: SLF001 -- as above
    return Restriction(**values | {"action": Action(row.action)})
