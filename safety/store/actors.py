"""What the ledger and the desk hold about one actor, counted and listed."""

from collections.abc import Mapping

from sqlalchemy import Connection, func, select

from safety.domain.reviews import Resolution
from safety.domain.verdicts import Verdict
from safety.store.items import resolution_of
from safety.store.rechecks import has_effect
from safety.store.tables import decisions, items, resolutions

# An actor of whom more is known is counted by the latest so many.
_COUNTED = 2000


def seen_between(
    connection: Connection, tenant: str, actor_id: str
) -> tuple[float | None, float | None]:
    """When the actor's first and latest decisions were made; None when there is none."""
    own = (decisions.c.tenant == tenant) & (decisions.c.actor_id == actor_id)
    first = connection.execute(select(func.min(decisions.c.decided_at)).where(own)).scalar()
    last = connection.execute(select(func.max(decisions.c.decided_at)).where(own)).scalar()
    return first, last


def counts(
    connection: Connection, tenant: str, actor_id: str, since: float
) -> Mapping[Verdict, int]:
    """How many of the actor's latest decisions since then had which verdict."""
    own = (decisions.c.tenant == tenant) & (decisions.c.actor_id == actor_id)
    latest = (
        select(decisions.c.verdict)
        .where(own, decisions.c.decided_at >= since)
        .order_by(decisions.c.decided_at.desc())
        .limit(_COUNTED)
        .subquery()
    )
    query = select(latest.c.verdict, func.count()).group_by(latest.c.verdict)
    return {Verdict(rank): number for rank, number in connection.execute(query)}


def resolutions_of(
    connection: Connection, tenant: str, actor_id: str, *, limit: int
) -> list[Resolution]:
    """What was decided about the actor and counts, the latest first."""
    query = (
        select(resolutions)
        .join(items, items.c.id == resolutions.c.item_id)
        .where(items.c.tenant == tenant, items.c.actor_id == actor_id)
        .where(resolutions.c.undone_at.is_(None), has_effect())
        .order_by(resolutions.c.resolved_at.desc(), resolutions.c.id.desc())
        .limit(limit)
    )
    return [resolution_of(row) for row in connection.execute(query)]
