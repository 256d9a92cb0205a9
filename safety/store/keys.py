"""API keys as they are kept: never the secret, only its keyed hash."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, case, insert, or_, select, update

from safety.domain.access import ApiKey, Scope
from safety.store.tables import api_keys

_MINUTE = 60.0


def add_key(connection: Connection, key: ApiKey) -> None:
    """Keep a new key. Raises `sqlalchemy.exc.IntegrityError` when its id is taken."""
    connection.execute(
        insert(api_keys).values(
            id=key.id,
            tenant=key.tenant,
            name=key.name,
            secret_hash=key.secret_hash,
            scopes=" ".join(sorted(key.scopes)),
            is_test=key.is_test,
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            last_used_at=key.last_used_at,
            replaced_by=key.replaced_by,
        )
    )


def get_key(connection: Connection, key_id: str) -> ApiKey | None:
    """The key of this id, usable or not; None when there never was one."""
    row = connection.execute(select(api_keys).where(api_keys.c.id == key_id)).one_or_none()
    return None if row is None else _key(row)


def list_keys(connection: Connection, tenant: str | None = None) -> list[ApiKey]:
    """Every key, or those of one tenant, oldest first, revoked ones included."""
    query = select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id)
    if tenant is not None:
        query = query.where(api_keys.c.tenant == tenant)
    return [_key(row) for row in connection.execute(query)]


def revoke_key(connection: Connection, key_id: str, at: float) -> bool:
    """Close a key for good. False when there is no such key or it was revoked before."""
    done = connection.execute(
        update(api_keys)
        .where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    return done.rowcount == 1


def rotate_key(connection: Connection, key_id: str, successor: ApiKey, *, until: float) -> bool:
    """Put a new key beside an old one of the same tenant, which works on until `until`, no longer.

    False, and the new key is not kept, when the old one is unknown, revoked or rotated before.
    """
    columns = api_keys.c
    ends_sooner = columns.expires_at < until
    done = connection.execute(
        update(api_keys)
        .where(
            columns.id == key_id,
            columns.tenant == successor.tenant,
            columns.revoked_at.is_(None),
            columns.replaced_by.is_(None),
        )
        .values(
            expires_at=case((ends_sooner, columns.expires_at), else_=until),
            replaced_by=successor.id,
        )
    )
    if done.rowcount != 1:
        return False
    add_key(connection, successor)
    return True


def touch_keys(connection: Connection, used: Mapping[str, float]) -> None:
    """Note when keys were last used, by id, to the minute. An earlier moment changes nothing."""
    columns = api_keys.c
    # In one order everywhere, so that two processes never wait for each other in a circle.
    for key_id, at in sorted(used.items()):
        minute = at // _MINUTE * _MINUTE
        is_older = or_(columns.last_used_at.is_(None), columns.last_used_at < minute)
        connection.execute(
            update(api_keys).where(columns.id == key_id, is_older).values(last_used_at=minute)
        )


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        id=row.id,
        tenant=row.tenant,
        name=row.name,
        secret_hash=row.secret_hash,
        scopes=frozenset(map(Scope, row.scopes.split())),
        is_test=row.is_test,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        replaced_by=row.replaced_by,
    )
