"""API keys as they are kept: never the secret, only its keyed hash."""

from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from safety.domain.access import ApiKey, Scope
from safety.store.tables import api_keys


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
    )
