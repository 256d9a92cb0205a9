"""Labels on entities: of each name at most one on an entity, the latest."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, or_, select

from safety.domain.labels import Label
from safety.store.statements import insert_or_replace
from safety.store.tables import labels

_COLUMNS = (
    "tenant",
    "entity_kind",
    "entity_value",
    "name",
    "author",
    "reason",
    "created_at",
    "expires_at",
)


def add_label(connection: Connection, tenant: str, label: Label) -> None:
    """Set a label, replacing an earlier one of the same name on the same entity."""
    add_labels(connection, [(tenant, label)])


def add_labels(connection: Connection, new: Iterable[tuple[str, Label]]) -> None:
    """Set many labels, each with its tenant; the last of the same name and entity stays."""
    # In one order everywhere, so that two processes never wait for each other in a circle.
    rows = sorted((_values(tenant, label) for tenant, label in new), key=lambda row: row[:4])
    insert_or_replace(connection, labels, _COLUMNS, rows)


def remove_label(connection: Connection, tenant: str, entity: tuple[str, str], name: str) -> bool:
    """Take a label away. False when the entity does not carry it."""
    gone = delete(labels).where(_on(tenant, entity), labels.c.name == name)
    return connection.execute(gone).rowcount == 1


def live_labels(
    connection: Connection, tenant: str, entity: tuple[str, str], at: float
) -> list[Label]:
    """The labels that mark an entity at this moment, by name."""
    query = select(labels).where(_on(tenant, entity), _live(at)).order_by(labels.c.name)
    return [label_from(row) for row in connection.execute(query)]


def all_live(connection: Connection, at: float) -> list[tuple[str, Label]]:
    """Every label that is live at this moment with its tenant: restores counters after a start."""
    query = select(labels).where(_live(at))
    return [(row.tenant, label_from(row)) for row in connection.execute(query)]


def _on(tenant: str, entity: tuple[str, str]) -> ColumnElement[bool]:
    kind, value = entity
    return (
        (labels.c.tenant == tenant)
        & (labels.c.entity_kind == kind)
        & (labels.c.entity_value == value)
    )


def _live(at: float) -> ColumnElement[bool]:
    return or_(labels.c.expires_at.is_(None), labels.c.expires_at > at)


def _values(tenant: str, label: Label) -> tuple[Any, ...]:
    kind, value = label.entity
    return (
        tenant,
        kind,
        value,
        label.name,
        label.author,
        label.reason,
        label.created_at,
        label.expires_at,
    )


def label_from(row: Row[Any]) -> Label:
    """A row of the table as a label."""
    return Label(
        entity=(row.entity_kind, row.entity_value),
        name=row.name,
        author=row.author,
        reason=row.reason,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
