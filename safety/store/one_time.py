"""One-time tokens: each good for one purpose, a number of uses and a while. Hashes are kept."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, update

from safety.domain.accounts import TokenPurpose
from safety.store.tables import one_time_tokens

# In the order of `OneTime`'s fields.
_ANSWER = tuple(one_time_tokens.c[name] for name in ("tenant", "subject", "data", "uses_left"))


@dataclass(frozen=True, slots=True)
class OneTime:
    """What a token was made for, once it was used; `uses_left` counts those after this one."""

    tenant: str
    subject: str
    data: bytes
    uses_left: int


def add_token(
    connection: Connection,
    token_hash: bytes,
    purpose: TokenPurpose,
    tenant: str,
    subject: str,
    *,
    expires_at: float,
    uses: int = 1,
    data: bytes = b"",
) -> None:
    """Keep a new token that may be used `uses` times before `expires_at`."""
    connection.execute(
        insert(one_time_tokens).values(
            token_hash=token_hash,
            purpose=purpose.value,
            tenant=tenant,
            subject=subject,
            data=data,
            uses_left=uses,
            expires_at=expires_at,
        )
    )


def use_token(
    connection: Connection, token_hash: bytes, purpose: TokenPurpose, tenant: str, at: float
) -> OneTime | None:
    """Use a token once. None when it is unknown, expired, used up, or for something else.

    However many ask at the same moment, it works as often as it was made for. Another tenant that
    presents it takes no use away.
    """
    done = connection.execute(
        update(one_time_tokens)
        .where(_usable(token_hash, purpose, tenant, at))
        .values(uses_left=one_time_tokens.c.uses_left - 1)
        .returning(*_ANSWER)
    )
    row = done.one_or_none()
    return None if row is None else OneTime(*row)


def find_token(
    connection: Connection, token_hash: bytes, purpose: TokenPurpose, tenant: str, at: float
) -> OneTime | None:
    """What a token was made for if it could be used now. It may be used up a moment later."""
    query = select(*_ANSWER).where(_usable(token_hash, purpose, tenant, at))
    row = connection.execute(query).one_or_none()
    return None if row is None else OneTime(*row)


def drop_tokens(
    connection: Connection, tenant: str, subject: str, purpose: TokenPurpose | None = None
) -> int:
    """Take back a subject's tokens, or those of one purpose; return how many there were."""
    columns = one_time_tokens.c
    which = (columns.tenant == tenant) & (columns.subject == subject)
    return _drop(connection, which if purpose is None else which & (columns.purpose == purpose))


def purge_tokens(connection: Connection, at: float) -> int:
    """Delete tokens that can no longer be used; return how many."""
    columns = one_time_tokens.c
    return _drop(connection, or_(columns.expires_at <= at, columns.uses_left <= 0))


def _usable(
    token_hash: bytes, purpose: TokenPurpose, tenant: str, at: float
) -> ColumnElement[bool]:
    columns = one_time_tokens.c
    return and_(
        columns.token_hash == token_hash,
        columns.purpose == purpose.value,
        columns.tenant == tenant,
        columns.uses_left > 0,
        columns.expires_at > at,
    )


def _drop(connection: Connection, which: ColumnElement[bool]) -> int:
    return connection.execute(delete(one_time_tokens).where(which)).rowcount
