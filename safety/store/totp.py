"""Authenticator apps that are enrolled: sealed secrets, and the last time step of each."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, select, tuple_, update

from safety.store.tables import totp_enrolments
from safety.store.upsert import upsert


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One subject's authenticator. `sealed` is its secret, encrypted and bound to the subject.

    Until `confirmed_at` it protects nothing. `last_step` is the last time step whose code was
    accepted; `drift` is how many steps its clock was off then.
    """

    tenant: str
    subject: str
    sealed: bytes = field(repr=False)
    created_at: float
    confirmed_at: float | None = None
    last_step: int = 0
    drift: int = 0


_COLUMNS = ("tenant", "subject", "sealed", "created_at", "confirmed_at", "last_step", "drift")
# Made once: building a statement costs many times what running it does, and logins run this.
_GET = select(*(totp_enrolments.c[name] for name in _COLUMNS)).where(
    totp_enrolments.c.tenant == bindparam("of_tenant"),
    totp_enrolments.c.subject == bindparam("of_subject"),
)


def put_enrolment(connection: Connection, enrolment: Enrolment) -> bool:
    """Begin an enrolment, in place of one that was never confirmed.

    False when a confirmed one exists, which stays as it is.
    """
    values = {name: getattr(enrolment, name) for name in _COLUMNS}
    statement = upsert(connection.dialect.name, totp_enrolments).values(values)
    changes = {name: statement.excluded[name] for name in _COLUMNS[2:]}
    put = statement.on_conflict_do_update(
        index_elements=["tenant", "subject"],
        set_=changes,
        where=totp_enrolments.c.confirmed_at.is_(None),
    ).returning(totp_enrolments.c.subject)
    return connection.execute(put).one_or_none() is not None


def get_enrolment(connection: Connection, tenant: str, subject: str) -> Enrolment | None:
    """A subject's enrolment, confirmed or not."""
    keys = {"of_tenant": tenant, "of_subject": subject}
    row = connection.execute(_GET, keys).one_or_none()
    return None if row is None else Enrolment(*row)


def is_confirmed(connection: Connection, tenant: str, subject: str) -> bool:
    """Whether a subject must be asked for a code."""
    enrolment = get_enrolment(connection, tenant, subject)
    return enrolment is not None and enrolment.confirmed_at is not None


def confirm_enrolment(
    connection: Connection,
    tenant: str,
    subject: str,
    *,
    step: int,
    drift: int,
    at: float,
    sealed: bytes | None = None,
) -> bool:
    """Let an enrolment protect its subject, and use the step of the code that proved it.

    False when there is none to confirm, or it is not the one of `sealed` any more.
    """
    due = _of(tenant, subject) & totp_enrolments.c.confirmed_at.is_(None)
    if sealed is not None:
        due &= totp_enrolments.c.sealed == sealed
    return _change(connection, due, confirmed_at=at, last_step=step, drift=drift)


def accept_step(
    connection: Connection, tenant: str, subject: str, *, step: int, drift: int
) -> bool:
    """Use a time step up. True at most once for each, however many present its code at once.

    False also for steps before the last one, and where nothing is confirmed.
    """
    columns = totp_enrolments.c
    due = _of(tenant, subject) & columns.confirmed_at.is_not(None) & (columns.last_step < step)
    return _change(connection, due, last_step=step, drift=drift)


def remove_enrolment(connection: Connection, tenant: str, subject: str) -> bool:
    """Forget a subject's authenticator. False when there was none."""
    gone = delete(totp_enrolments).where(_of(tenant, subject))
    return connection.execute(gone).rowcount == 1


def sealed_enrolments(
    connection: Connection, *, after: tuple[str, str] | None, limit: int
) -> list[Enrolment]:
    """A page of all enrolments, by tenant and subject; `after` is the last pair of the page before.

    For sealing every secret again with a new key.
    """
    place = (totp_enrolments.c.tenant, totp_enrolments.c.subject)
    query = _select().order_by(*place).limit(limit)
    if after is not None:
        query = query.where(tuple_(*place) > after)
    return [Enrolment(*row) for row in connection.execute(query)]


def reseal(connection: Connection, tenant: str, subject: str, *, old: bytes, new: bytes) -> bool:
    """Keep the same secret under another key. False when it was enrolled anew meanwhile."""
    due = _of(tenant, subject) & (totp_enrolments.c.sealed == old)
    return _change(connection, due, sealed=new)


def _select() -> Any:
    return select(*(totp_enrolments.c[name] for name in _COLUMNS))


def _of(tenant: str, subject: str) -> ColumnElement[bool]:
    return (totp_enrolments.c.tenant == tenant) & (totp_enrolments.c.subject == subject)


def _change(connection: Connection, which: ColumnElement[bool], **values: Any) -> bool:
    return connection.execute(update(totp_enrolments).where(which).values(**values)).rowcount == 1
