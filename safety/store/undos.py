"""Undos by cause as they are kept, and the decisions behind them, found in the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.types import LargeBinary

from safety.domain.decisions import AmendmentKind
from safety.domain.labels import Label
from safety.domain.undos import Cause, Undo, UndoState
from safety.domain.verdicts import Verdict
from safety.store.labels import label_from
from safety.store.tables import amendments, decisions, labels, resolutions, rule_undos


@dataclass(frozen=True, slots=True)
class Suspect:
    """A decision in which the rule may have had a say. `signals` is UTF-8 JSON.

    `verdict` is the one that counts by now, and `is_settled` says that a person or an accepted
    proof has decided about it since.
    """

    id: str
    tenant: str
    event_id: str
    event_type: str
    actor_id: str
    verdict: Verdict
    decided_at: float
    sequence: int
    signals: bytes
    is_settled: bool

    @property
    def place(self) -> tuple[float, int]:
        """Where it stands in the ledger's order of time."""
        return self.decided_at, self.sequence


def causes_of(connection: Connection) -> list[Cause]:
    """The causes of every undo that was begun: what they took back does not count any more."""
    begun = [UndoState.RUNNING.value, UndoState.DONE.value, UndoState.STOPPED.value]
    rows = connection.execute(select(rule_undos).where(rule_undos.c.state.in_(begun)))
    return [_undo(row).cause for row in rows]


def add(connection: Connection, undo: Undo) -> None:
    """Keep an undo."""
    connection.execute(insert(rule_undos).values(**_values(undo), leased_until=0.0))


def get(connection: Connection, undo_id: str) -> Undo | None:
    """An undo by its id."""
    row = connection.execute(select(rule_undos).where(rule_undos.c.id == undo_id)).one_or_none()
    return None if row is None else _undo(row)


def latest(connection: Connection, *, rule: str = "", limit: int) -> list[Undo]:
    """The latest undos, of one rule or of all, newest first."""
    query = select(rule_undos).order_by(rule_undos.c.created_at.desc(), rule_undos.c.id)
    if rule:
        query = query.where(rule_undos.c.rule == rule)
    return [_undo(row) for row in connection.execute(query.limit(limit))]


def change(connection: Connection, undo: Undo, becomes: Undo) -> bool:
    """Put an undo one step on. False when somebody else did so meanwhile."""
    same = (
        (rule_undos.c.id == undo.id)
        & (rule_undos.c.state == undo.state.value)
        & (rule_undos.c.looked_at == undo.looked_at)
    )
    return (
        connection.execute(update(rule_undos).where(same).values(**_values(becomes))).rowcount == 1
    )


def is_any_running(connection: Connection) -> bool:
    """Whether there is work to do: asked every second, so it writes nothing."""
    running = rule_undos.c.state == UndoState.RUNNING.value
    return connection.execute(select(rule_undos.c.id).where(running).limit(1)).first() is not None


def lease(connection: Connection, *, at: float, until: float) -> Undo | None:
    """Take a running undo that nobody else works on before `until`; None when there is none."""
    waits = (rule_undos.c.state == UndoState.RUNNING.value) & (rule_undos.c.leased_until <= at)
    query = select(rule_undos).where(waits).order_by(rule_undos.c.created_at).limit(1)
    row = connection.execute(query.with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    own = rule_undos.c.id == row.id
    connection.execute(update(rule_undos).where(own).values(leased_until=until))
    return _undo(row)


def release(connection: Connection, undo_id: str) -> None:
    """Let somebody else go on with it."""
    own = rule_undos.c.id == undo_id
    connection.execute(update(rule_undos).where(own).values(leased_until=0.0))


def suspects(
    connection: Connection,
    cause: Cause,
    after: tuple[float, int],
    *,
    limit: int,
    newest_first: bool = False,
) -> list[Suspect]:
    """The next decisions whose signals name the rule, in the ledger's order of time.

    Which of them it really had a say in, the signals tell.
    """
    columns = decisions.c
    place = (columns.decided_at, columns.sequence)
    since = max(cause.since, after[0])
    query = (
        select(
            columns.id,
            columns.tenant,
            columns.event_id,
            columns.event_type,
            columns.actor_id,
            columns.verdict,
            columns.decided_at,
            columns.sequence,
            columns.signals,
        )
        .where(columns.decided_at >= since, columns.decided_at < cause.until)
        .where(_names(connection, cause.rule))
        .order_by(*((each.desc() for each in place) if newest_first else place))
        .limit(limit)
    )
    if after[0] >= cause.since:  # the plain comparison is what the index is searched by
        query = query.where(tuple_(*place) > after)
    if cause.tenant:
        query = query.where(columns.tenant == cause.tenant)
    rows = connection.execute(query).all()
    later = _later(connection, [row.id for row in rows])
    return [_suspect(row, *later.get(row.id, (None, False))) for row in rows]


def written_labels(connection: Connection, cause: Cause) -> list[tuple[str, Label]]:
    """The labels that the rule wrote in that stretch of time, each with its tenant."""
    rows = connection.execute(select(labels).where(_own_labels(cause)))
    return [(row.tenant, label_from(row)) for row in rows]


def remove_labels(connection: Connection, cause: Cause) -> int:
    """Take those labels away; return how many there were."""
    return connection.execute(delete(labels).where(_own_labels(cause))).rowcount


def _own_labels(cause: Cause) -> ColumnElement[bool]:
    own = (
        (labels.c.author == f"rule:{cause.rule}")
        & (labels.c.created_at >= cause.since)
        & (labels.c.created_at < cause.until)
    )
    return own & (labels.c.tenant == cause.tenant) if cause.tenant else own


def _names(connection: Connection, rule: str) -> ColumnElement[bool]:
    """Whether the signals name the rule somewhere: most decisions are passed over here."""
    needle = literal(f'"{rule}"'.encode(), LargeBinary)
    if connection.dialect.name == "postgresql":
        return func.position(needle.op("IN")(decisions.c.signals)) > 0
    return func.instr(decisions.c.signals, needle) > 0


def _later(connection: Connection, ids: Sequence[str]) -> Mapping[str, tuple[Verdict | None, bool]]:
    """What came later: the verdict by now, if it changed, and whether it is not ours to change."""
    query = (
        select(amendments.c.decision_id, amendments.c.verdict, amendments.c.kind)
        .where(amendments.c.decision_id.in_(ids), amendments.c.verdict.is_not(None))
        .order_by(amendments.c.sequence)
    )
    found: dict[str, tuple[Verdict | None, bool]] = {}
    for row in connection.execute(query):
        is_settled = row.kind != AmendmentKind.UNDONE.value
        before = found.get(row.decision_id, (None, False))[1]
        found[row.decision_id] = (Verdict(row.verdict), before or is_settled)
    counts = resolutions.c.decision_id.in_(ids) & resolutions.c.undone_at.is_(None)
    for row in connection.execute(select(resolutions.c.decision_id).where(counts)):
        found[row.decision_id] = (found.get(row.decision_id, (None, False))[0], True)
    return found


def _suspect(row: Any, verdict: Verdict | None, is_settled: bool) -> Suspect:
    return Suspect(
        id=row.id,
        tenant=row.tenant,
        event_id=row.event_id,
        event_type=row.event_type,
        actor_id=row.actor_id,
        verdict=Verdict(row.verdict) if verdict is None else verdict,
        decided_at=row.decided_at,
        sequence=row.sequence,
        signals=row.signals,
        is_settled=is_settled,
    )


def _values(undo: Undo) -> dict[str, Any]:
    cause = undo.cause
    return {
        "id": undo.id,
        "rule": cause.rule,
        "revision": cause.revision,
        "tenant": cause.tenant,
        "since": cause.since,
        "until": cause.until,
        "reason": undo.reason,
        "author": undo.author,
        "created_at": undo.created_at,
        "decisions": undo.decisions,
        "accounts": undo.accounts,
        "state": undo.state.value,
        "approved_by": undo.approved_by,
        "approved_at": undo.approved_at,
        "cursor_at": undo.cursor[0],
        "cursor_sequence": undo.cursor[1],
        "looked_at": undo.looked_at,
        "reversed": undo.reversed,
        "left_alone": undo.left_alone,
        "labels": undo.labels,
        "finished_at": undo.finished_at,
    }


def _undo(row: Row[Any]) -> Undo:
    return Undo(
        id=row.id,
        cause=Cause(row.rule, row.since, row.until, row.revision, row.tenant),
        reason=row.reason,
        author=row.author,
        created_at=row.created_at,
        decisions=row.decisions,
        accounts=row.accounts,
        state=UndoState(row.state),
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        cursor=(row.cursor_at, row.cursor_sequence),
        looked_at=row.looked_at,
        reversed=row.reversed,
        left_alone=row.left_alone,
        labels=row.labels,
        finished_at=row.finished_at,
    )
