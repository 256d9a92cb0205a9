"""What waits: the items that a filter lets through, in the order of work, and how many."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    not_,
    select,
)

from safety.domain.queues import SNOOZED, Filter
from safety.domain.rechecks import HIDDEN_KINDS
from safety.domain.reviews import DECISION_ITEM, LONGEST_LEASE, Item
from safety.store.items import OPEN, comes_after, get_item, is_free, item_of, turn_of
from safety.store.rechecks import is_for
from safety.store.tables import items, skips

_ORDER = (items.c.turn, items.c.created_at, items.c.id)
# Whoever skipped an item is handed others for this long.
SKIPPED_FOR = 12 * 60 * 60.0

_ONE: ColumnElement[int] = literal_column("1")
_IS_RAISED = OPEN & (items.c.raised == _ONE)


def _by_queue(which: ColumnElement[bool]) -> Select[str, int]:
    """How many of these items are in each queue.

    Grouped by a text made of the queue: grouped by the queue itself, SQLite would walk all that
    wait in the order of their queues, instead of the few that are meant.
    """
    name = items.c.queue.concat(literal_column("''"))
    return select(name, func.count()).where(which).group_by(name)


def _queues() -> CTE:
    """The queues in which something waits, one step in an index for each; the last is NULL."""
    first = select(func.min(items.c.queue).label("queue")).where(OPEN)
    found = first.cte("queues", recursive=True)
    later = select(func.min(items.c.queue)).where(OPEN, items.c.queue > found.c.queue)
    following = select(later.correlate(found).scalar_subquery()).where(found.c.queue.is_not(None))
    return found.union_all(following)


def _up_to(most: str, which: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many of these items are in a queue, counted no further than a parameter says."""
    mine = select(_ONE).select_from(items).where(which, items.c.queue == _EVERY.c.queue)
    some = mine.limit(bindparam(most)).correlate(_EVERY).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


# Built once: to build them takes longer than to run them.
_EVERY = _queues()
_NAMES = select(_EVERY.c.queue).where(_EVERY.c.queue.is_not(None)).order_by(_EVERY.c.queue)
_COUNTS = _NAMES.add_columns(_up_to("enough", OPEN), _up_to("most", _IS_RAISED))
_RAISED = select(func.count()).select_from(items).where(_IS_RAISED)
_OVERDUE = _by_queue(
    OPEN & (items.c.raised == literal_column("0")) & (items.c.due_at <= bindparam("at"))
)
_SNOOZED = _by_queue(OPEN & (items.c.snoozed_until > bindparam("at")))


def page(
    connection: Connection,
    chosen: Filter,
    hidden: Collection[str],
    *,
    at: float,
    by: str,
    after: str = "",
    limit: int,
) -> list[Item]:
    """Open items, most urgent first and then oldest first, without those of hidden queues.

    What is kept from this person (`by`) is left out. `after` is the id of the last item of the page
    before; it may have been resolved meanwhile.
    """
    query = _chosen(chosen, hidden, at).where(is_for(by))
    if after:
        last = get_item(connection, after)
        if last is None:
            return []
        query = query.where(comes_after(last))
    return [item_of(row) for row in connection.execute(query.order_by(*_ORDER).limit(limit))]


def free(
    connection: Connection,
    chosen: Filter,
    hidden: Collection[str],
    *,
    at: float,
    by: str,
    limit: int,
) -> list[Item]:
    """The next items for this person: on nobody else's desk, and not skipped by them lately.

    On a server the rows stay locked until the transaction ends, and others are handed other ones.
    """
    skipped = exists().where(
        skips.c.item_id == items.c.id, skips.c.moderator == by, skips.c.at > at - SKIPPED_FOR
    )
    query = _chosen(chosen, hidden, at).where(is_free(at, by), ~skipped, is_for(by))
    locked = query.order_by(*_ORDER).limit(limit).with_for_update(skip_locked=True, of=items)
    return [item_of(row) for row in connection.execute(locked)]


def count(
    connection: Connection,
    chosen: Filter,
    hidden: Collection[str],
    *,
    at: float,
    most: int,
) -> int:
    """How many items a filter lets through; counting stops at `most`."""
    if chosen.state == SNOOZED:
        return _number(connection, _chosen(chosen, hidden, at).limit(most))
    # What was put off is counted by itself: it is little, and without it most filters are counted
    # in an index alone.
    every = _filtered(chosen, hidden, at)
    snoozed = _number(connection, every.where(items.c.snoozed_until > at))
    return _number(connection, every.limit(most + snoozed)) - snoozed


def counts(connection: Connection, at: float, *, most: int) -> dict[str, tuple[int, int]]:
    """How many items wait in each queue, and how many of them for too long; `most` is enough.

    What was put off until later does not count, and a queue in which nothing waits is absent.
    """
    snoozed: dict[str, int] = dict(connection.execute(_SNOOZED, {"at": at}).all())
    overdue: dict[str, int] = dict(connection.execute(_OVERDUE, {"at": at}).all())
    enough = {"most": most, "enough": most + max(snoozed.values(), default=0)}
    found = {}
    for queue, number, raised in connection.execute(_COUNTS, enough):
        left = number - snoozed.get(queue, 0)
        if left:
            found[queue] = (min(left, most), min(raised + overdue.get(queue, 0), most))
    return found


def names(connection: Connection) -> list[str]:
    """The queues in which something waits, by name."""
    return list(connection.execute(_NAMES).scalars())


def late(connection: Connection, at: float) -> int:
    """How many items wait for longer than their queue promises."""
    overdue: dict[str, int] = dict(connection.execute(_OVERDUE, {"at": at}).all())
    return int(connection.execute(_RAISED).scalar_one()) + sum(overdue.values())


def _number(connection: Connection, query: Select[Any]) -> int:
    some = query.with_only_columns(_ONE).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def _chosen(chosen: Filter, hidden: Collection[str], at: float) -> Select[Any]:
    query = _filtered(chosen, hidden, at)
    is_snoozed = and_(items.c.snoozed_until.is_not(None), items.c.snoozed_until > at)
    return query.where(is_snoozed if chosen.state == SNOOZED else not_(is_snoozed))


def _filtered(chosen: Filter, hidden: Collection[str], at: float) -> Select[Any]:
    """What a filter lets through, whether it was put off or not."""
    query = select(items).where(OPEN)
    if hidden:
        query = query.where(items.c.queue.not_in(sorted(hidden)))
    for column, text in (
        (items.c.queue, chosen.queue),
        (items.c.event_type, chosen.event_type),
        (items.c.reason, chosen.reason),
        (items.c.policy, chosen.policy),
        (items.c.language, chosen.language),
        (items.c.actor_id, chosen.actor),
    ):
        if text:
            query = query.where(column == text)
    if chosen.kind:
        query = query.where(items.c.kind.in_(_kinds(chosen.kind)))
    if chosen.holder:
        query = query.where(items.c.claimed_by == chosen.holder, _is_leased(at))
    if chosen.least is not None:
        query = query.where(items.c.turn <= turn_of(chosen.least))
    if chosen.is_late:
        query = query.where(items.c.due_at <= at)
    return query


def _kinds(shown: str) -> frozenset[str]:
    """The kinds that are shown as this one: what is hidden among ordinary items goes with them."""
    return HIDDEN_KINDS | {shown} if shown == DECISION_ITEM else frozenset({shown}) - HIDDEN_KINDS


def _is_leased(at: float) -> ColumnElement[bool]:
    return and_(items.c.claimed_until > at, items.c.claimed_until <= at + LONGEST_LEASE)
