"""How staff get in: one-time links and the sessions they open. Only hashes of secrets are kept."""

from sqlalchemy import Connection, delete, insert, or_, select, update

from safety.domain.access import StaffSession
from safety.store.tables import staff_links, staff_sessions


def add_link(connection: Connection, link_hash: bytes, purpose: str, expires_at: float) -> None:
    """Keep a link that may be spent once before `expires_at`."""
    connection.execute(
        insert(staff_links).values(link_hash=link_hash, purpose=purpose, expires_at=expires_at)
    )


def spend_link(
    connection: Connection, link_hash: bytes, at: float, *, purpose: str | None = None
) -> bool:
    """Use a link up. True exactly once, however many ask at the same moment.

    False when the link is unknown, spent, expired or, where `purpose` is given, meant for something
    else; a link refused for its purpose is not used up.
    """
    known = staff_links.c.link_hash == link_hash
    usable = [known, staff_links.c.spent_at.is_(None), staff_links.c.expires_at > at]
    if purpose is not None:
        usable.append(staff_links.c.purpose == purpose)
    done = connection.execute(update(staff_links).where(*usable).values(spent_at=at))
    return done.rowcount == 1


def add_session(connection: Connection, session: StaffSession) -> None:
    """Keep a session that was just opened."""
    connection.execute(
        insert(staff_sessions).values(
            token_hash=session.token_hash,
            staff=session.staff,
            csrf=session.csrf,
            created_at=session.created_at,
            expires_at=session.expires_at,
        )
    )


def get_session(connection: Connection, token_hash: bytes, at: float) -> StaffSession | None:
    """The session behind a token's hash while it lasts; None when unknown, ended or expired."""
    columns = staff_sessions.c
    row = connection.execute(
        select(
            columns.token_hash,
            columns.staff,
            columns.csrf,
            columns.created_at,
            columns.expires_at,
        ).where(columns.token_hash == token_hash, columns.expires_at > at)
    ).one_or_none()
    return None if row is None else StaffSession(*row)


def end_session(connection: Connection, token_hash: bytes) -> bool:
    """Sign out. False when there was no such session."""
    gone = delete(staff_sessions).where(staff_sessions.c.token_hash == token_hash)
    return connection.execute(gone).rowcount == 1


def purge(connection: Connection, at: float) -> int:
    """Delete links and sessions that can no longer be used; return how many."""
    links, sessions = staff_links.c, staff_sessions.c
    dead = or_(links.expires_at <= at, links.spent_at.is_not(None))
    gone = connection.execute(delete(staff_links).where(dead)).rowcount
    return (
        gone + connection.execute(delete(staff_sessions).where(sessions.expires_at <= at)).rowcount
    )
