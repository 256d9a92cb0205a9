"""What restricted somebody: blocked events, and resolutions that took something away."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Select, exists, or_, select

from safety.domain.reviews import Act, Action, Resolution
from safety.domain.verdicts import Verdict
from safety.store.engine import read
from safety.store.items import resolution_of
from safety.store.rechecks import has_effect
from safety.store.stored import StoredDecision, from_row, select_stored
from safety.store.tables import decisions, resolutions, restrictions

_CHUNK = 1000


class Restriction(NamedTuple):
    """A decision that restricts by itself, or by a resolution that took effect.

    `added` is what the actor's strikes led to then, besides what the resolution says.
    """

    decision: StoredDecision
    resolution: Resolution | None
    added: tuple[Act, ...] = ()


def blocked_between(engine: Engine, since: float, until: float) -> Iterator[Restriction]:
    """Every event blocked from `since` up to `until`, oldest first, a chunk in memory at a time."""
    columns = decisions.c
    query = (
        select_stored()
        .add_columns(columns.sequence)
        .where(columns.verdict == int(Verdict.BLOCK), columns.decided_at < until)
        .order_by(columns.decided_at, columns.sequence)
        .limit(_CHUNK)
    )
    page = query.where(columns.decided_at >= since)
    while True:
        with read(engine) as connection:
            rows = connection.execute(page).all()
        for row in rows:
            yield Restriction(from_row(row), None)
        if len(rows) < _CHUNK:
            return
        at, sequence = rows[-1].decided_at, rows[-1].sequence
        page = query.where(
            columns.decided_at >= at,
            or_(columns.decided_at > at, columns.sequence > sequence),
        )


def settled_between(engine: Engine, since: float, until: float) -> Iterator[Restriction]:
    """Every resolution that took effect from `since` up to `until`, with its decision.

    What was undone, what reverses another and what was reversed meanwhile is left out.
    """
    columns = resolutions.c
    query = (
        _settled()
        .where(columns.settled_at < until)
        .order_by(columns.settled_at, columns.id)
        .limit(_CHUNK)
    )
    page = query.where(columns.settled_at >= since)
    while True:
        with read(engine) as connection:
            found = [resolution_of(row) for row in connection.execute(page)]
            restrictions = _with_decisions(connection, found)
        yield from restrictions
        if len(found) < _CHUNK:
            return
        at, last = found[-1].settled_at, found[-1].id
        page = query.where(
            columns.settled_at >= at, or_(columns.settled_at > at, columns.id > last)
        )


def of_decision(connection: Connection, decision_id: str) -> list[Restriction]:
    """The resolutions in force about one decision, the latest last."""
    query = _settled().where(resolutions.c.decision_id == decision_id)
    rows = connection.execute(query.order_by(resolutions.c.settled_at, resolutions.c.id))
    return _with_decisions(connection, [resolution_of(row) for row in rows])


def _settled() -> Select[Any]:
    columns, later = resolutions.c, resolutions.alias("later")
    is_reversed = exists().where(later.c.reverses == columns.id, later.c.undone_at.is_(None))
    return select(resolutions).where(
        columns.settled_at.is_not(None),
        columns.undone_at.is_(None),
        columns.reverses.is_(None),
        ~is_reversed,
        has_effect(),
    )


def _with_decisions(connection: Connection, found: Sequence[Resolution]) -> list[Restriction]:
    ids = [each.decision_id for each in found]
    rows = connection.execute(select_stored().where(decisions.c.id.in_(ids)))
    known = {row.id: from_row(row) for row in rows}
    added = _added(connection, found)
    return [
        Restriction(known[each.decision_id], each, tuple(added[each.id]))
        for each in found
        if each.decision_id in known
    ]


def _added(connection: Connection, found: Sequence[Resolution]) -> dict[str, list[Act]]:
    """What each resolution has led to that it does not say itself."""
    said = {each.id: {act.action for act in each.every_act} for each in found}
    query = select(restrictions).where(restrictions.c.resolution_id.in_(said))
    added: dict[str, list[Act]] = {each: [] for each in said}
    for row in connection.execute(query):
        action = Action(row.action)
        if action not in said[row.resolution_id]:
            lasts = None if row.ends_at is None else row.ends_at - row.begins_at
            added[row.resolution_id].append(Act(action, row.policy, lasts=lasts))
    return added
