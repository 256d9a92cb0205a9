"""Recovery codes: a handful for each subject, each good once; only their hashes are kept."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from safety.store.statements import insert_or_replace
from safety.store.tables import recovery_codes

_COLUMNS = (
    "tenant",
    "subject",
    "place",
    "selector",
    "code_hash",
    "created_at",
    "spent_at",
)


def replace_codes(
    connection: Connection, tenant: str, subject: str, codes: Sequence[tuple[str, str]], at: float
) -> None:
    """Give a subject these codes, each a selector and a hash, and none of those before."""
    # Place by place, so that of two sets made at the same moment exactly one is there at the end.
    insert_or_replace(
        connection,
        recovery_codes,
        _COLUMNS,
        [
            (tenant, subject, place, selector, code_hash, at, None)
            for place, (selector, code_hash) in enumerate(codes)
        ],
    )
    beyond = _of(tenant, subject) & (recovery_codes.c.place >= len(codes))
    connection.execute(delete(recovery_codes).where(beyond))


def find_code(connection: Connection, tenant: str, subject: str, selector: str) -> str | None:
    """The hash of an unspent code by its selector, which is no secret."""
    query = select(recovery_codes.c.code_hash).where(
        _of(tenant, subject), _is_left(), recovery_codes.c.selector == selector
    )
    return connection.execute(query.limit(1)).scalar_one_or_none()


def spend_code(connection: Connection, tenant: str, subject: str, selector: str, at: float) -> bool:
    """Use a code up. True exactly once, however many present it at the same moment."""
    due = _of(tenant, subject) & _is_left() & (recovery_codes.c.selector == selector)
    done = connection.execute(update(recovery_codes).where(due).values(spent_at=at))
    return done.rowcount == 1


def codes_left(connection: Connection, tenant: str, subject: str) -> int:
    """How many of a subject's codes were not used yet."""
    query = select(func.count()).where(_of(tenant, subject), _is_left())
    return connection.execute(query).scalar_one()


def remove_codes(connection: Connection, tenant: str, subject: str) -> int:
    """Forget a subject's codes, used or not; return how many there were."""
    gone = delete(recovery_codes).where(_of(tenant, subject))
    return connection.execute(gone).rowcount


def _of(tenant: str, subject: str) -> ColumnElement[bool]:
    return (recovery_codes.c.tenant == tenant) & (recovery_codes.c.subject == subject)


def _is_left() -> ColumnElement[bool]:
    return recovery_codes.c.spent_at.is_(None)
