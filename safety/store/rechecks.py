"""Rechecks and golden items: who may not answer, what was answered, what is right."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    bindparam,
    exists,
    select,
    update,
)

from safety.domain.rechecks import BLIND_KINDS, Answer, Golden, Recheck, RecheckKind
from safety.store.statements import insert_new
from safety.store.tables import barred, golden, items, rechecks, resolutions

_COLUMNS = tuple(column.name for column in rechecks.columns)
_GOLDEN = tuple(column.name for column in golden.columns)
_CHUNK = 1000
_BLIND = sorted(kind.value for kind in BLIND_KINDS)


def add_recheck(connection: Connection, recheck: Recheck, barred_names: Iterable[str]) -> None:
    """Keep a recheck, and who must not give the answer; its item must exist."""
    row = tuple(getattr(recheck, name) for name in _COLUMNS)
    insert_new(connection, rechecks, _COLUMNS, [row])
    bar(connection, recheck.item_id, barred_names)


def get_recheck(connection: Connection, item_id: str) -> Recheck | None:
    """The recheck that an item is, if it is one."""
    row = connection.execute(select(rechecks).where(rechecks.c.item_id == item_id)).one_or_none()
    return None if row is None else _recheck(row)


def bar(connection: Connection, item_id: str, names: Iterable[str]) -> None:
    """Keep an item from these people."""
    rows = [(item_id, name) for name in sorted(set(names)) if name]
    insert_new(connection, barred, ("item_id", "moderator"), rows)


def is_barred(connection: Connection, item_id: str, name: str) -> bool:
    """Whether an item is kept from this person."""
    query = select(barred.c.item_id).where(barred.c.item_id == item_id, barred.c.moderator == name)
    return connection.execute(query).one_or_none() is not None


def is_for(name: str) -> ColumnElement[bool]:
    """The condition that an item is not kept from this person."""
    return ~exists().where(barred.c.item_id == items.c.id, barred.c.moderator == name)


def kept_from(connection: Connection, name: str, item_ids: Collection[str]) -> frozenset[str]:
    """Those of these items that are kept from this person."""
    query = select(barred.c.item_id).where(
        barred.c.moderator == name, barred.c.item_id.in_(item_ids)
    )
    return frozenset(connection.execute(query).scalars())


def _may_ask(name: str | BindParameter[str]) -> ColumnElement[bool]:
    """Whether a recheck waits for a blind answer, and may be handed to this person."""
    took_part = exists().where(barred.c.item_id == rechecks.c.item_id, barred.c.moderator == name)
    return rechecks.c.answered_at.is_(None) & rechecks.c.kind.in_(_BLIND) & ~took_part


# Built once: to build it takes longer than to run it.
_ASKED = select(rechecks.c.decision_id, rechecks.c.item_id, rechecks.c.kind).where(
    rechecks.c.tenant == bindparam("of_tenant"),
    rechecks.c.decision_id.in_(bindparam("of_decisions", expanding=True)),
    _may_ask(bindparam("by")),
)


def asked_anew(
    connection: Connection, tenant: str, name: str, decision_ids: Collection[str]
) -> dict[str, frozenset[RecheckKind]]:
    """Those of these decisions that this person may still have to judge blindly, and as what."""
    found: dict[str, frozenset[RecheckKind]] = {}
    for decision_id, _, kind in _asked(connection, tenant, name, decision_ids):
        found[decision_id] = found.get(decision_id, frozenset()) | {RecheckKind(kind)}
    return found


def asked_items(connection: Connection, tenant: str, name: str, decision_id: str) -> list[str]:
    """The items on which this person may still have to judge a decision blindly."""
    return [item_id for _, item_id, _ in _asked(connection, tenant, name, [decision_id])]


def _asked(
    connection: Connection, tenant: str, name: str, decision_ids: Collection[str]
) -> list[tuple[str, str, str]]:
    if not decision_ids:
        return []
    wanted = {"of_tenant": tenant, "of_decisions": list(decision_ids), "by": name}
    return [tuple(row) for row in connection.execute(_ASKED, wanted)]


def is_told(name: str) -> ColumnElement[bool]:
    """The condition that a resolution is about nothing that this person may have to judge anew."""
    about = (rechecks.c.tenant == resolutions.c.tenant) & (
        rechecks.c.decision_id == resolutions.c.decision_id
    )
    return ~exists().where(about, _may_ask(name))


def has_effect() -> ColumnElement[bool]:
    """The condition that a resolution does something itself: it answers no recheck."""
    return ~exists().where(rechecks.c.item_id == resolutions.c.item_id)


def is_no_trial(item_id: ColumnElement[str]) -> ColumnElement[bool]:
    """The condition that an item is not golden: such answers speak of people, not of content."""
    is_golden = rechecks.c.kind == RecheckKind.GOLDEN.value
    return ~exists().where(rechecks.c.item_id == item_id, is_golden)


def answer(connection: Connection, recheck: Recheck) -> bool:
    """Write down an answer. False when it has one."""
    done = connection.execute(
        update(rechecks)
        .where(rechecks.c.item_id == recheck.item_id, rechecks.c.answered_at.is_(None))
        .values(
            answer=recheck.answer.value,
            answer_policy=recheck.answer_policy,
            answered_by=recheck.answered_by,
            answered_at=recheck.answered_at,
        )
    )
    return done.rowcount == 1


def has_recheck(connection: Connection, tenant: str, decision_id: str, kind: RecheckKind) -> bool:
    """Whether a decision was chosen for this kind of recheck before."""
    query = select(rechecks.c.item_id).where(
        rechecks.c.tenant == tenant,
        rechecks.c.decision_id == decision_id,
        rechecks.c.kind == kind.value,
    )
    return connection.execute(query.limit(1)).scalar_one_or_none() is not None


def answered(
    connection: Connection, since: float, until: float, *kinds: RecheckKind
) -> Iterator[Recheck]:
    """Rechecks answered from `since` up to `until`, oldest first."""
    columns = rechecks.c
    query = (
        select(rechecks)
        .where(
            columns.kind.in_([kind.value for kind in kinds]),
            columns.answered_at >= since,
            columns.answered_at < until,
        )
        .order_by(columns.answered_at)
        .execution_options(yield_per=_CHUNK)
    )
    for row in connection.execute(query):
        yield _recheck(row)


def add_golden(connection: Connection, item: Golden) -> bool:
    """Keep a golden item. False when its decision is one already."""
    row = tuple(getattr(item, name) for name in _GOLDEN)
    return insert_new(connection, golden, _GOLDEN, [row]) == 1


def golden_items(connection: Connection, queue: str | None = None) -> list[Golden]:
    """Golden items that are in use, those of one queue or all, oldest first."""
    query = select(golden).where(golden.c.retired_at.is_(None)).order_by(golden.c.created_at)
    if queue is not None:
        query = query.where(golden.c.queue == queue)
    return [_golden(row) for row in connection.execute(query)]


def retire_golden(connection: Connection, golden_id: str, at: float) -> bool:
    """Show a golden item no more. False when it was not in use."""
    done = connection.execute(
        update(golden)
        .where(golden.c.id == golden_id, golden.c.retired_at.is_(None))
        .values(retired_at=at)
    )
    return done.rowcount == 1


def retire_golden_of(connection: Connection, tenant: str, decision_id: str, at: float) -> None:
    """Try nobody out any more with a decision that turned out to be wrong."""
    same = (golden.c.tenant == tenant) & (golden.c.decision_id == decision_id)
    in_use = same & golden.c.retired_at.is_(None)
    connection.execute(update(golden).where(in_use).values(retired_at=at))


def seen_golden(connection: Connection, tenant: str, decision_id: str) -> frozenset[str]:
    """Who has had a golden item before, and would know it again."""
    query = select(rechecks.c.answered_by).where(
        rechecks.c.tenant == tenant,
        rechecks.c.decision_id == decision_id,
        rechecks.c.kind == RecheckKind.GOLDEN.value,
        rechecks.c.answered_at.is_not(None),
    )
    return frozenset(connection.execute(query).scalars())


def _recheck(row: Row[Any]) -> Recheck:
    values = dict(row._mapping)  # noqa: SLF001 -- the documented way to a row's columns by name
    return Recheck(
        **values
        | {
            "kind": RecheckKind(row.kind),
            "expected": Answer(row.expected),
            "answer": Answer(row.answer),
        }
    )


def _golden(row: Row[Any]) -> Golden:
    values = dict(row._mapping)  # noqa: SLF001 -- as above
    return Golden(**values | {"expected": Answer(row.expected)})
