"""What waits: the items that a filter lets through, in the order of work, and how many."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
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
    some = _chosen(chosen, hidden, at).with_only_columns(items.c.id).limit(most).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def counts(connection: Connection, at: float) -> dict[str, tuple[int, int]]:
    """How many items wait in each queue, and how many of them for too long.

    What was put off until later does not count, and a queue in which nothing waits is absent.
    """
    open_ones = select(items.c.queue, func.count()).where(OPEN)
    waiting: dict[str, int] = dict(connection.execute(open_ones.group_by(items.c.queue)).all())
    raised = open_ones.where(items.c.raised == literal_column("1")).group_by(items.c.queue)
    late: Counter[str] = Counter(dict(connection.execute(raised).all()))
    is_due = (items.c.raised == literal_column("0")) & (items.c.due_at <= at)
    late.update(_by_queue(connection, OPEN & is_due))
    snoozed = Counter(_by_queue(connection, OPEN & (items.c.snoozed_until > at)))
    left = {queue: number - snoozed[queue] for queue, number in sorted(waiting.items())}
    return {queue: (number, late[queue]) for queue, number in left.items() if number}


def late(connection: Connection, at: float) -> int:
    """How many items wait for longer than their queue promises."""
    return sum(number for _, number in counts(connection, at).values())


def _by_queue(connection: Connection, which: ColumnElement[bool]) -> dict[str, int]:
    """How many of these items are in each queue.

    Grouped by a text made of the queue: grouped by the queue itself, SQLite would walk all that
    wait in the order of their queues, instead of the few that are meant.
    """
    name = items.c.queue.concat(literal_column("''"))
    query = select(name, func.count()).where(which).group_by(name)
    return dict(connection.execute(query).all())


def _chosen(chosen: Filter, hidden: Collection[str], at: float) -> Select[Any]:
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
    is_snoozed = and_(items.c.snoozed_until.is_not(None), items.c.snoozed_until > at)
    return query.where(is_snoozed if chosen.state == SNOOZED else not_(is_snoozed))


def _kinds(shown: str) -> frozenset[str]:
    """The kinds that are shown as this one: what is hidden among ordinary items goes with them."""
    return HIDDEN_KINDS | {shown} if shown == DECISION_ITEM else frozenset({shown}) - HIDDEN_KINDS


def _is_leased(at: float) -> ColumnElement[bool]:
    return and_(items.c.claimed_until > at, items.c.claimed_until <= at + LONGEST_LEASE)
