"""Open sessions, of which only the hash of the token is kept, and the devices they came from."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)

from safety.domain.accounts import AccountStatus, Factor, Session
from safety.store.accounts import hold_account
from safety.store.statements import insert_or_replace
from safety.store.tables import known_devices, sessions

# Made once: building a statement costs many times what running it does, and logins run these.
_GET = select(sessions).where(sessions.c.token_hash == bindparam("of_token"))
_ADD = insert(sessions)
_KNOWN = select(known_devices.c.seen_at).where(
    known_devices.c.tenant == bindparam("tenant"),
    known_devices.c.account_id == bindparam("account_id"),
    known_devices.c.mark == bindparam("mark"),
    known_devices.c.seen_at >= bindparam("since"),
)
_REFRESH = (
    update(sessions)
    .where(
        sessions.c.token_hash == bindparam("of_token"),
        sessions.c.idle_at > bindparam("now"),
        sessions.c.expires_at > bindparam("now"),
    )
    .values(seen_at=bindparam("now"), idle_at=bindparam("until"))
)
_DEVICE_COLUMNS = ("tenant", "account_id", "mark", "seen_at")


def add_session(connection: Connection, session: Session) -> bool:
    """Keep a session that was just opened. False, and none is kept, for an account not active.

    Whoever locks or erases an account at this very moment comes before or after, never between:
    no session is left behind.
    """
    account = hold_account(connection, session.tenant, session.account_id)
    if account is None or account.status is not AccountStatus.ACTIVE:
        return False
    values = {column.name: getattr(session, column.name) for column in sessions.c}
    values["factors"] = _joined(session.factors)
    connection.execute(_ADD, values)
    return True


def get_session(connection: Connection, token_hash: bytes) -> Session | None:
    """The session behind a token's hash, whether it still lasts or not."""
    row = connection.execute(_GET, {"of_token": token_hash}).one_or_none()
    return None if row is None else _session(row)


def refresh_session(
    connection: Connection, token_hash: bytes, *, seen_at: float, idle_at: float
) -> bool:
    """Note that a session is in use. False when it has ended, which nothing brings back."""
    later = {"of_token": token_hash, "now": seen_at, "until": idle_at}
    return connection.execute(_REFRESH, later).rowcount == 1


def prove_factor(connection: Connection, token_hash: bytes, factor: Factor, at: float) -> bool:
    """Add a factor that was proved just now. False when the session has ended."""
    due = (sessions.c.token_hash == token_hash) & _is_open(at)
    query = select(sessions.c.factors).where(due).with_for_update()
    factors = connection.execute(query).scalar_one_or_none()
    if factors is None:
        return False
    proved = _joined(_parted(factors) | {factor})
    connection.execute(update(sessions).where(due).values(factors=proved, proved_at=at))
    return True


def list_sessions(connection: Connection, tenant: str, account_id: str, at: float) -> list[Session]:
    """The sessions of an account that last at this moment, those used last first."""
    query = (
        select(sessions)
        .where(_of(tenant, account_id), _is_open(at))
        .order_by(sessions.c.seen_at.desc(), sessions.c.created_at.desc(), sessions.c.id)
    )
    return [_session(row) for row in connection.execute(query)]


def end_session(connection: Connection, tenant: str, account_id: str, session_id: str) -> bool:
    """End one session of an account. False when the account has no such session."""
    return _end(connection, _of(tenant, account_id) & (sessions.c.id == session_id)) == 1


def end_by_hash(connection: Connection, token_hash: bytes) -> bool:
    """End the session that somebody holds the token of. False when there is none."""
    return _end(connection, sessions.c.token_hash == token_hash) == 1


def end_sessions(
    connection: Connection, tenant: str, account_id: str, *, but: str | None = None
) -> int:
    """End every session of an account, except the one with the id `but`; return how many."""
    which = _of(tenant, account_id)
    return _end(connection, which if but is None else which & (sessions.c.id != but))


def purge_sessions(connection: Connection, at: float) -> int:
    """Delete sessions that lasted until this moment or less; return how many."""
    return _end(connection, or_(sessions.c.idle_at <= at, sessions.c.expires_at <= at))


def remember_device(
    connection: Connection, tenant: str, account_id: str, mark: bytes, at: float
) -> None:
    """Note that an account's owner signed in from a device, known by a keyed hash."""
    insert_or_replace(connection, known_devices, _DEVICE_COLUMNS, [(tenant, account_id, mark, at)])


def is_known_device(
    connection: Connection, tenant: str, account_id: str, mark: bytes, *, since: float
) -> bool:
    """Whether an account's owner signed in from this device at `since` or later."""
    device = {"tenant": tenant, "account_id": account_id, "mark": mark, "since": since}
    return connection.execute(_KNOWN, device).one_or_none() is not None


def purge_devices(connection: Connection, before: float) -> int:
    """Forget devices that were last seen before this moment; return how many."""
    old = delete(known_devices).where(known_devices.c.seen_at < before)
    return connection.execute(old).rowcount


def _of(tenant: str, account_id: str) -> ColumnElement[bool]:
    return (sessions.c.tenant == tenant) & (sessions.c.account_id == account_id)


def _is_open(at: float) -> ColumnElement[bool]:
    return (sessions.c.idle_at > at) & (sessions.c.expires_at > at)


def _end(connection: Connection, which: ColumnElement[bool]) -> int:
    return connection.execute(delete(sessions).where(which)).rowcount


def _joined(factors: frozenset[Factor]) -> str:
    return " ".join(sorted(factors))


def _parted(factors: str) -> frozenset[Factor]:
    return frozenset(map(Factor, factors.split()))


def _session(row: Row[Any]) -> Session:
    values = dict(row._mapping)  # noqa: SLF001 -- the documented way to a row's columns by name
    return Session(**values | {"factors": _parted(row.factors)})
