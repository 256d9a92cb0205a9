"""The ledger of decisions: written by group commit, read by id, event, actor or time."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, insert, select, tuple_

from safety.domain.decisions import Amendment, AmendmentKind
from safety.domain.verdicts import Verdict
from safety.store.batch import AppendResult, Existing, Failed, Written
from safety.store.engine import read
from safety.store.group_commit import Ledger, Pending
from safety.store.stored import StoredDecision, from_row, select_stored
from safety.store.tables import amendments as amendments_table
from safety.store.tables import decisions

__all__ = [
    "AppendResult",
    "Existing",
    "Failed",
    "Ledger",
    "Pending",
    "StoredDecision",
    "Summary",
    "Written",
    "amend",
    "amend_all",
    "amendments",
    "find_event",
    "get",
    "get_all",
    "recent",
    "since",
    "summary",
]


@dataclass(frozen=True, slots=True)
class Summary:
    """How many decisions there were, by verdict and by event type; what is absent is zero."""

    by_verdict: Mapping[Verdict, int]
    by_event_type: Mapping[str, int]


def get(connection: Connection, tenant: str, decision_id: str) -> StoredDecision | None:
    """The decision of this id if it is this tenant's."""
    query = select_stored().where(decisions.c.id == decision_id, decisions.c.tenant == tenant)
    row = connection.execute(query).one_or_none()
    return None if row is None else from_row(row)


def get_all(connection: Connection, decision_ids: Collection[str]) -> dict[str, StoredDecision]:
    """Those of these decisions that exist, whosesoever they are, by id."""
    query = select_stored().where(decisions.c.id.in_(decision_ids))
    return {row.id: from_row(row) for row in connection.execute(query)}


def find_event(connection: Connection, tenant: str, event_id: str) -> StoredDecision | None:
    """The decision about this tenant's event."""
    query = select_stored().where(decisions.c.tenant == tenant, decisions.c.event_id == event_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else from_row(row)


def recent(
    connection: Connection, tenant: str, *, actor_id: str | None = None, limit: int = 50
) -> list[StoredDecision]:
    """A tenant's latest decisions, or those about one actor, newest first."""
    query = select_stored().where(decisions.c.tenant == tenant)
    if actor_id is not None:
        query = query.where(decisions.c.actor_id == actor_id)
    query = query.order_by(decisions.c.decided_at.desc(), decisions.c.sequence.desc())
    return [from_row(row) for row in connection.execute(query.limit(limit))]


def since(engine: Engine, at: float, *, chunk: int = 5000) -> Iterator[StoredDecision]:
    """Every decision made at `at` or later, oldest first, without holding them all in memory.

    Each chunk is a transaction of its own, so a long walk keeps nobody from writing.
    """
    place = tuple_(decisions.c.decided_at, decisions.c.sequence)
    query = select_stored().add_columns(decisions.c.sequence).order_by(*place).limit(chunk)
    page = query.where(decisions.c.decided_at >= at)
    while True:
        with read(engine) as connection:
            rows = connection.execute(page).all()
        for row in rows:
            yield from_row(row)
        if len(rows) < chunk:
            return
        page = query.where(place > (rows[-1].decided_at, rows[-1].sequence))


def summary(connection: Connection, tenant: str, since: float) -> Summary:
    """Count a tenant's decisions made at `since` or later."""
    by_verdict: dict[Verdict, int] = {}
    by_event_type: dict[str, int] = {}
    query = (
        select(decisions.c.verdict, decisions.c.event_type, func.count())
        .where(decisions.c.tenant == tenant, decisions.c.decided_at >= since)
        .group_by(decisions.c.verdict, decisions.c.event_type)
    )
    for rank, event_type, count in connection.execute(query):
        verdict = Verdict(rank)
        by_verdict[verdict] = by_verdict.get(verdict, 0) + count
        by_event_type[event_type] = by_event_type.get(event_type, 0) + count
    return Summary(by_verdict, by_event_type)


def amend(connection: Connection, amendment: Amendment) -> None:
    """Add a later fact to a decision, which must exist."""
    amend_all(connection, [amendment])


def amend_all(connection: Connection, later: Sequence[Amendment]) -> None:
    """Add later facts to decisions, which must exist, in this order."""
    rows = [
        {
            "decision_id": each.decision_id,
            "kind": each.kind.value,
            "at": each.at,
            "verdict": None if each.verdict is None else int(each.verdict),
            "body": each.body,
        }
        for each in later
    ]
    if rows:
        connection.execute(insert(amendments_table), rows)


def amendments(connection: Connection, decision_id: str) -> list[Amendment]:
    """What was added to a decision, in the order in which it came."""
    query = (
        select(amendments_table)
        .where(amendments_table.c.decision_id == decision_id)
        .order_by(amendments_table.c.sequence)
    )
    return [
        Amendment(
            decision_id=row.decision_id,
            kind=AmendmentKind(row.kind),
            at=row.at,
            verdict=None if row.verdict is None else Verdict(row.verdict),
            body=row.body,
        )
        for row in connection.execute(query)
    ]
