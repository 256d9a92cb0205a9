"""Endpoints: where each tenant's messages go, kept with their secrets encrypted."""

from typing import Any

from sqlalchemy import Connection, Row, delete, exists, insert, select, update

from safety.domain.messages import Endpoint
from safety.store.tables import outbox, webhook_endpoints

_COLUMNS = (
    "tenant",
    "url",
    "sealed_secret",
    "created_at",
    "previous_secret",
    "previous_until",
    "disabled_at",
    "disabled_reason",
)
_SELECTED = tuple(webhook_endpoints.c[name] for name in _COLUMNS)


def add_endpoint(connection: Connection, endpoint: Endpoint) -> None:
    """Keep a tenant's first endpoint. Raises `sqlalchemy.exc.IntegrityError` when it has one."""
    values = {name: getattr(endpoint, name) for name in _COLUMNS}
    connection.execute(insert(webhook_endpoints).values(values))


def get_endpoint(connection: Connection, tenant: str) -> Endpoint | None:
    """A tenant's endpoint, enabled or not."""
    query = select(*_SELECTED).where(webhook_endpoints.c.tenant == tenant)
    row = connection.execute(query).one_or_none()
    return None if row is None else _endpoint(row)


def list_endpoints(connection: Connection) -> list[Endpoint]:
    """Every endpoint, by tenant."""
    query = select(*_SELECTED).order_by(webhook_endpoints.c.tenant)
    return [_endpoint(row) for row in connection.execute(query)]


def move_endpoint(connection: Connection, tenant: str, url: str) -> bool:
    """Send a tenant's messages elsewhere from now on, and enable it. False without an endpoint."""
    moved = update(webhook_endpoints).where(webhook_endpoints.c.tenant == tenant)
    values = {"url": url, "disabled_at": None, "disabled_reason": ""}
    return connection.execute(moved.values(values)).rowcount == 1


def rotate_secret(connection: Connection, tenant: str, sealed: bytes, *, until: float) -> bool:
    """Sign with another secret, and with the one before as well until then.

    False without an endpoint.
    """
    rotated = update(webhook_endpoints).where(webhook_endpoints.c.tenant == tenant)
    values = {
        "sealed_secret": sealed,
        "previous_secret": webhook_endpoints.c.sealed_secret,
        "previous_until": until,
    }
    return connection.execute(rotated.values(values)).rowcount == 1


def disable_endpoint(connection: Connection, tenant: str, url: str, reason: str, at: float) -> bool:
    """Stop sending to this address. False when the tenant's messages go elsewhere by now."""
    here = (webhook_endpoints.c.tenant == tenant) & (webhook_endpoints.c.url == url)
    enabled = here & webhook_endpoints.c.disabled_at.is_(None)
    stopped = update(webhook_endpoints).where(enabled)
    values = {"disabled_at": at, "disabled_reason": reason}
    return connection.execute(stopped.values(values)).rowcount == 1


def remove_endpoint(connection: Connection, tenant: str) -> bool:
    """Forget a tenant's endpoint and its secrets. False when it has none."""
    own = webhook_endpoints.c.tenant == tenant
    return connection.execute(delete(webhook_endpoints).where(own)).rowcount == 1


def tenants_due(connection: Connection, at: float) -> list[str]:
    """Tenants with an enabled endpoint and a message that is due, by name."""
    due = exists().where(
        outbox.c.tenant == webhook_endpoints.c.tenant,
        outbox.c.delivered_at.is_(None),
        outbox.c.dead_at.is_(None),
        outbox.c.due_at <= at,
    )
    query = select(webhook_endpoints.c.tenant).where(webhook_endpoints.c.disabled_at.is_(None), due)
    return list(connection.execute(query.order_by(webhook_endpoints.c.tenant)).scalars())


def reseal_secrets(
    connection: Connection, endpoint: Endpoint, *, current: bytes, previous: bytes | None
) -> bool:
    """Replace both secrets by the same under another key. False when one changed meanwhile."""
    columns = webhook_endpoints.c
    is_same = (
        (columns.tenant == endpoint.tenant)
        & (columns.sealed_secret == endpoint.sealed_secret)
        & columns.previous_secret.is_not_distinct_from(endpoint.previous_secret)
    )
    resealed = update(webhook_endpoints).where(is_same)
    values = {"sealed_secret": current, "previous_secret": previous}
    return connection.execute(resealed.values(values)).rowcount == 1


def _endpoint(row: Row[*tuple[Any, ...]]) -> Endpoint:
    return Endpoint(**dict(zip(_COLUMNS, row, strict=True)))
