"""Small reads for lists: many rows of one kind by their ids, and only what a list shows."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from safety.domain.reviews import Resolution
from safety.store.items import resolution_of
from safety.store.tables import decisions, resolutions


def events_of(connection: Connection, decision_ids: Sequence[str]) -> dict[str, bytes]:
    """The events of these decisions as they were sent, by decision id."""
    query = select(decisions.c.id, decisions.c.event).where(decisions.c.id.in_(decision_ids))
    return dict(connection.execute(query).all())


def latest_resolutions(connection: Connection, item_ids: Sequence[str]) -> dict[str, Resolution]:
    """The latest resolution of each of these items that counts, by item id."""
    counts = resolutions.c.item_id.in_(item_ids) & resolutions.c.undone_at.is_(None)
    query = select(resolutions).where(counts)
    rows = connection.execute(query.order_by(resolutions.c.resolved_at, resolutions.c.id))
    return {row.item_id: resolution_of(row) for row in rows}
