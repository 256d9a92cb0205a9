"""The ledger read as history: stretches of time, how much lies in them, what moderators decided."""

from collections.abc import Iterator

from sqlalchemy import Connection, Engine, func, select, tuple_

from safety.domain.reviews import Action
from safety.store.engine import read
from safety.store.rechecks import is_no_trial
from safety.store.stored import StoredDecision, from_row, select_stored
from safety.store.tables import decisions, resolutions


def count_between(connection: Connection, since: float, until: float) -> int:
    """How many decisions were made from `since` up to, but not at, `until`."""
    query = select(func.count()).where(
        decisions.c.decided_at >= since, decisions.c.decided_at < until
    )
    return int(connection.execute(query).scalar_one())


def first_moment(connection: Connection) -> float | None:
    """When the oldest decision of the ledger was made; None when there is none."""
    moment: float | None = connection.execute(select(func.min(decisions.c.decided_at))).scalar()
    return moment


def between(
    engine: Engine, since: float, until: float, *, chunk: int = 2000
) -> Iterator[StoredDecision]:
    """Every decision made from `since` up to, but not at, `until`, oldest first.

    Each chunk is a transaction of its own, so a long walk keeps nobody from writing.
    """
    place = tuple_(decisions.c.decided_at, decisions.c.sequence)
    query = (
        select_stored()
        .add_columns(decisions.c.sequence)
        .where(decisions.c.decided_at < until)
        .order_by(*place)
        .limit(chunk)
    )
    page = query.where(decisions.c.decided_at >= since)
    while True:
        with read(engine) as connection:
            rows = connection.execute(page).all()
        for row in rows:
            yield from_row(row)
        if len(rows) < chunk:
            return
        last = rows[-1]
        # The plain comparison is what the index is searched by; the pair only splits a tie.
        page = query.where(
            decisions.c.decided_at >= last.decided_at, place > (last.decided_at, last.sequence)
        )


def resolved_since(connection: Connection, since: float) -> dict[str, Action]:
    """The latest resolution given at `since` or later of each decision that has one, by id."""
    query = (
        select(resolutions.c.decision_id, resolutions.c.action)
        .where(
            resolutions.c.resolved_at >= since,
            resolutions.c.undone_at.is_(None),
            is_no_trial(resolutions.c.item_id),
        )
        .order_by(resolutions.c.resolved_at, resolutions.c.id)
    )
    return {row.decision_id: Action(row.action) for row in connection.execute(query)}
