"""Texts of rules that people saved at the desk, what became of each, and their backtests."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from safety.store.statements import insert_or_replace
from safety.store.tables import rule_backtests, rule_changes


class ChangeState(StrEnum):
    """What became of a saved text."""

    DRAFT = "draft"  # saved, and nobody else's business yet
    PROPOSED = "proposed"  # waits for a second person
    PUBLISHED = "published"
    REFUSED = "refused"
    REPLACED = "replaced"  # its author saved another, or withdrew it


OPEN = (ChangeState.DRAFT, ChangeState.PROPOSED)


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A text that somebody saved. An empty one takes the desk's rule away.

    `base` is a hash of the text that was in force when it was written; `version` is the version of
    the ruleset that it became.
    """

    id: str
    rule: str
    number: int
    text: str
    base: str
    author: str
    why: str
    made_at: float
    state: ChangeState
    decided_by: str = ""
    decided_at: float | None = None
    decided_why: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class KeptBacktest:
    """The latest backtest of a revision of a rule; `result` is JSON."""

    rule: str
    revision: str
    made_at: float
    result: bytes


def add(connection: Connection, change: RuleChange) -> RuleChange:
    """Keep a text; the change as it is kept, numbered within its rule."""
    own = rule_changes.c.rule == change.rule
    number = select(func.coalesce(func.max(rule_changes.c.number), 0) + 1).where(own)
    values = {column.name: getattr(change, column.name) for column in rule_changes.c}
    values |= {"state": change.state.value, "number": number.scalar_subquery()}
    connection.execute(insert(rule_changes).values(**values))
    kept = get(connection, change.id)
    assert kept is not None  # noqa: S101  it was inserted just now
    return kept


def get(connection: Connection, change_id: str) -> RuleChange | None:
    """A change by its id."""
    query = select(rule_changes).where(rule_changes.c.id == change_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else _change(row)


def of_rule(connection: Connection, rule: str, *, limit: int) -> list[RuleChange]:
    """The latest changes of a rule, newest first."""
    query = select(rule_changes).where(rule_changes.c.rule == rule)
    query = query.order_by(rule_changes.c.number.desc()).limit(limit)
    return [_change(row) for row in connection.execute(query)]


def open_ones(connection: Connection, *, limit: int) -> list[RuleChange]:
    """The changes that are not decided yet, newest first."""
    is_open = rule_changes.c.state.in_([state.value for state in OPEN])
    query = select(rule_changes).where(is_open).order_by(rule_changes.c.made_at.desc())
    return [_change(row) for row in connection.execute(query.limit(limit))]


def last_published(connection: Connection) -> dict[str, RuleChange]:
    """The latest change of each rule that was published at the desk, by rule."""
    done = rule_changes.c.state == ChangeState.PUBLISHED.value
    query = select(rule_changes).where(done).order_by(rule_changes.c.number)
    return {row.rule: _change(row) for row in connection.execute(query)}


def replace_drafts(connection: Connection, rule: str, author: str, at: float) -> None:
    """Let go of what this author has open about a rule: they saved something newer."""
    own = (rule_changes.c.rule == rule) & (rule_changes.c.author == author)
    is_open = rule_changes.c.state.in_([state.value for state in OPEN])
    replaced = {"state": ChangeState.REPLACED.value, "decided_at": at}
    connection.execute(update(rule_changes).where(own, is_open).values(**replaced))


def settle(
    connection: Connection,
    change: RuleChange,
    state: ChangeState,
    *,
    by: str,
    at: float,
    why: str = "",
    version: str = "",
) -> bool:
    """Say what became of a change. False when somebody else did so meanwhile."""
    same = (rule_changes.c.id == change.id) & (rule_changes.c.state == change.state.value)
    values = {"decided_by": by, "decided_at": at, "decided_why": why, "version": version}
    done = update(rule_changes).where(same).values(state=state.value, **values)
    return connection.execute(done).rowcount == 1


def put_backtest(connection: Connection, found: KeptBacktest, *, keep_since: float) -> None:
    """Keep a backtest in place of the one before; those made earlier than `keep_since` go."""
    old = rule_backtests.c.made_at < keep_since
    connection.execute(delete(rule_backtests).where(old))
    columns = tuple(column.name for column in rule_backtests.c)
    row = (found.rule, found.revision, found.made_at, found.result)
    insert_or_replace(connection, rule_backtests, columns, [row])


def backtest_of(connection: Connection, rule: str, revision: str) -> KeptBacktest | None:
    """The latest backtest of a revision."""
    same = (rule_backtests.c.rule == rule) & (rule_backtests.c.revision == revision)
    row = connection.execute(select(rule_backtests).where(same)).one_or_none()
    return None if row is None else KeptBacktest(*row)


def _change(row: Row[Any]) -> RuleChange:
    values = dict(row._mapping)  # noqa: SLF001 -- the documented way to a row's columns by name
    return RuleChange(**values | {"state": ChangeState(row.state)})
