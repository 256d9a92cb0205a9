"""What is taken away from rules, and what backtests and moderators say of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Row, and_, delete, or_, select

from safety.domain.controls import Control, ControlKind, Over
from safety.domain.reviews import Action
from safety.domain.verdicts import Verdict
from safety.store.rechecks import is_no_trial
from safety.store.statements import insert_or_replace
from safety.store.tables import decisions, resolutions, rule_baselines, rule_controls

_COLUMNS = tuple(column.name for column in rule_controls.c)
_BASELINE_COLUMNS = tuple(column.name for column in rule_baselines.c)


@dataclass(frozen=True, slots=True)
class Baseline:
    """How often a revision of a rule matched the events of its types in its latest backtest."""

    rule: str
    revision: str
    events: int
    matches: int
    measured_at: float

    @property
    def rate(self) -> float | None:
        """The share of events that matched; None when there was no event."""
        return self.matches / self.events if self.events else None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a moderator made of a decision; `signals` is UTF-8 JSON."""

    action: Action
    resolved_at: float
    actor: tuple[str, str]  # tenant and actor
    signals: bytes


def put(connection: Connection, control: Control) -> None:
    """Set a control, replacing an earlier one of the same kind over the same thing.

    Those that ended by then are deleted: whom they were about is nobody's business any more.
    """
    ended = rule_controls.c.expires_at <= control.created_at
    connection.execute(delete(rule_controls).where(ended))
    values = (
        *_key(control),
        int(control.most),
        control.reason,
        control.author,
        control.created_at,
        control.expires_at,
    )
    insert_or_replace(connection, rule_controls, _COLUMNS, [values])


def in_force(connection: Connection, at: float) -> list[Control]:
    """The controls that count at this moment, in a stable order."""
    columns = rule_controls.c
    query = (
        select(rule_controls)
        .where(or_(columns.expires_at.is_(None), columns.expires_at > at))
        .order_by(columns.over, columns.subject, columns.kind, columns.entity_value)
    )
    return [_control(row) for row in connection.execute(query)]


def end(connection: Connection, control: Control) -> bool:
    """End a control. False when somebody else has ended it."""
    key = zip(_COLUMNS, _key(control), strict=False)
    same = and_(*(rule_controls.c[name] == value for name, value in key))
    return connection.execute(delete(rule_controls).where(same)).rowcount == 1


def put_baseline(connection: Connection, found: Baseline) -> None:
    """Keep what a backtest found, in place of the one before."""
    values = (found.rule, found.revision, found.events, found.matches, found.measured_at)
    insert_or_replace(connection, rule_baselines, _BASELINE_COLUMNS, [values])


def baselines(connection: Connection) -> Mapping[tuple[str, str], Baseline]:
    """Every latest backtest, by rule and revision."""
    rows = connection.execute(select(rule_baselines))
    return {(row.rule, row.revision): Baseline(**row._mapping) for row in rows}  # noqa: SLF001 -- the documented way to a row's columns by name


def reviewed_since(connection: Connection, at: float, *, limit: int) -> list[Reviewed]:
    """The latest resolutions since then with the signals they were about, newest first."""
    query = (
        select(
            resolutions.c.action,
            resolutions.c.resolved_at,
            decisions.c.tenant,
            decisions.c.actor_id,
            decisions.c.signals,
        )
        .join(decisions, decisions.c.id == resolutions.c.decision_id)
        .where(
            resolutions.c.resolved_at >= at,
            resolutions.c.undone_at.is_(None),
            is_no_trial(resolutions.c.item_id),
        )
        .order_by(resolutions.c.resolved_at.desc(), resolutions.c.id.desc())
        .limit(limit)
    )
    return [
        Reviewed(Action(row.action), row.resolved_at, (row.tenant, row.actor_id), row.signals)
        for row in connection.execute(query)
    ]


def _key(control: Control) -> tuple[str, ...]:
    """What names a control, in the order of the table's first columns."""
    return (
        control.kind.value,
        control.over.value,
        control.subject,
        control.tenant,
        *control.entity,
    )


def _control(row: Row[tuple[object, ...]]) -> Control:
    return Control(
        kind=ControlKind(row.kind),
        over=Over(row.over),
        subject=row.subject,
        reason=row.reason,
        author=row.author,
        created_at=row.created_at,
        expires_at=row.expires_at,
        most=Verdict(row.most),
        tenant=row.tenant,
        entity=(row.entity_kind, row.entity_value),
    )
