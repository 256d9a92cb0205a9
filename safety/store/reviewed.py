"""Decisions that moderators resolved, with the signals that they were about."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from safety.domain.reviews import Action
from safety.store.rechecks import has_effect
from safety.store.tables import decisions, resolutions


@dataclass(frozen=True, slots=True)
class ReviewedDecision:
    """A resolution of a decision; one that was undone counts for nothing. `signals` is JSON."""

    resolution: str
    decision: str
    action: Action
    resolved_at: float
    is_undone: bool
    signals: bytes


def reviewed_decisions(
    connection: Connection, since: float, *, limit: int
) -> list[ReviewedDecision]:
    """The latest resolutions given at `since` or later, oldest first."""
    columns = resolutions.c
    latest = (
        select(
            columns.id,
            columns.decision_id,
            columns.action,
            columns.resolved_at,
            columns.undone_at,
            decisions.c.signals,
        )
        .join(decisions, decisions.c.id == columns.decision_id)
        .where(columns.resolved_at >= since, has_effect())
        .order_by(columns.resolved_at.desc(), columns.id.desc())
        .limit(limit)
    )
    rows = connection.execute(latest).all()
    return [
        ReviewedDecision(
            resolution=row.id,
            decision=row.decision_id,
            action=Action(row.action),
            resolved_at=row.resolved_at,
            is_undone=row.undone_at is not None,
            signals=row.signals,
        )
        for row in reversed(rows)
    ]
