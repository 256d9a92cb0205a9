"""How much work the desk has, how long it takes, and how often it is taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, case, cast, exists, func, select

from safety.domain.rechecks import RECHECKS
from safety.domain.reviews import ItemStatus
from safety.store.tables import decisions, items, resolutions

DAY = 24 * 60 * 60.0
# Medians are of the latest so many; beyond that they hardly change.
_MOST_TIMES = 20_000


@dataclass(frozen=True, slots=True)
class QueueTimes:
    """How fast a queue is: seconds from an item's birth to its resolution."""

    queue: str
    resolved: int
    late: int
    median_seconds: float


@dataclass(frozen=True, slots=True)
class PolicyTotals:
    """What was resolved under a policy, and how much of it was taken back."""

    policy: str
    resolved: int
    reversed: int


@dataclass(frozen=True, slots=True)
class PersonTotals:
    """What one person resolved, and how much of it was taken back by others."""

    moderator: str
    resolved: int
    reversed: int


def opened_by_day(connection: Connection, since: float, until: float) -> dict[int, int]:
    """Items born on each day, by the day's number since 1970 (UTC)."""
    return _by_day(connection, items.c.created_at, since, until)


def resolved_by_day(connection: Connection, since: float, until: float) -> dict[int, int]:
    """Resolutions of each day that were not undone."""
    stands = resolutions.c.undone_at.is_(None)
    return _by_day(connection, resolutions.c.resolved_at, since, until, stands)


def decided_by_day(connection: Connection, since: float, until: float) -> dict[int, int]:
    """Decisions about events of each day."""
    return _by_day(connection, decisions.c.decided_at, since, until)


def ages(connection: Connection, at: float, bounds: Sequence[float]) -> list[int]:
    """How many open items are younger than each bound (seconds), and in the end older than all."""
    age = at - items.c.created_at
    place = case(*((age < bound, number) for number, bound in enumerate(bounds)), else_=len(bounds))
    query = (
        select(place, func.count()).where(items.c.status == ItemStatus.OPEN.value).group_by(place)
    )
    found: dict[int, int] = dict(connection.execute(query).all())
    return [found.get(number, 0) for number in range(len(bounds) + 1)]


def times(connection: Connection, since: float, until: float) -> list[QueueTimes]:
    """How fast each queue was, by name."""
    query = (
        select(items.c.queue, items.c.created_at, items.c.due_at, resolutions.c.resolved_at)
        .join(items, items.c.id == resolutions.c.item_id)
        .where(
            resolutions.c.resolved_at >= since,
            resolutions.c.resolved_at < until,
            resolutions.c.undone_at.is_(None),
            resolutions.c.reverses.is_(None),
        )
        .order_by(resolutions.c.resolved_at.desc())
        .limit(_MOST_TIMES)
    )
    by_queue: dict[str, list[tuple[float, bool]]] = {}
    for queue, born, due, resolved in connection.execute(query):
        is_late = due is not None and resolved > due
        by_queue.setdefault(queue, []).append((resolved - born, is_late))
    return [
        QueueTimes(queue, len(seen), sum(late for _, late in seen), median(t for t, _ in seen))
        for queue, seen in sorted(by_queue.items())
    ]


def by_policy(connection: Connection, since: float, until: float) -> list[PolicyTotals]:
    """What was resolved under each policy, the most first."""
    rows = _totals(connection, resolutions.c.policy, since, until)
    return [PolicyTotals(name or "", number, back) for name, number, back in rows]


def by_person(connection: Connection, since: float, until: float) -> list[PersonTotals]:
    """What each person resolved, by name."""
    rows = _totals(connection, resolutions.c.moderator, since, until)
    return sorted((PersonTotals(*row) for row in rows), key=lambda each: each.moderator)


def _totals(
    connection: Connection, column: ColumnElement[Any], since: float, until: float
) -> list[Any]:
    later = resolutions.alias("later")
    was_reversed = exists().where(later.c.reverses == resolutions.c.id, later.c.undone_at.is_(None))
    number = func.count().label("number")
    query = (
        select(column, number, func.sum(case((was_reversed, 1), else_=0)))
        .join(items, items.c.id == resolutions.c.item_id)
        .where(
            resolutions.c.resolved_at >= since,
            resolutions.c.resolved_at < until,
            resolutions.c.undone_at.is_(None),
            resolutions.c.reverses.is_(None),
            items.c.kind.not_in(sorted(RECHECKS)),
        )
        .group_by(column)
        .order_by(number.desc())
    )
    return list(connection.execute(query).all())


def _by_day(
    connection: Connection,
    moment: ColumnElement[float],
    since: float,
    until: float,
    *more: ColumnElement[bool],
) -> dict[int, int]:
    day = moment / DAY
    whole = cast(day if connection.dialect.name == "sqlite" else func.floor(day), Integer)
    query = select(whole, func.count()).where(moment >= since, moment < until, *more)
    return dict(connection.execute(query.group_by(whole)).all())
