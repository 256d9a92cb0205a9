"""Threads: which texts belong to one conversation, and what was said around one of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, select, union_all

from safety.domain.verdicts import Verdict
from safety.store.statements import insert_new
from safety.store.tables import decisions, thread_texts

_COLUMNS: Final = ("tenant", "thread", "sequence")
_THREAD = (thread_texts.c.tenant == bindparam("of_tenant")) & (
    thread_texts.c.thread == bindparam("of_thread")
)
_PLACE = thread_texts.c.sequence
_BEFORE = select(_PLACE).where(_THREAD, bindparam("here") > _PLACE).order_by(_PLACE.desc())
_AFTER = select(_PLACE).where(_THREAD, bindparam("here") < _PLACE).order_by(_PLACE)
# Built once: to build them takes longer than to run them.
_AROUND = union_all(
    *(select(some.limit(bindparam("most")).subquery().c.sequence) for some in (_BEFORE, _AFTER))
)

_TOLD = ("sequence", "id", "item_id", "actor_id", "event_type", "verdict", "decided_at", "event")
_TEXTS = (
    select(*(decisions.c[name] for name in _TOLD))
    .where(decisions.c.sequence.in_(bindparam("places", expanding=True)))
    .order_by(decisions.c.sequence)
)


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a thread, with its place in the ledger; `event` is as it was sent."""

    sequence: int
    decision_id: str
    item_id: str | None
    actor_id: str
    event_type: str
    verdict: Verdict
    decided_at: float
    event: bytes


def add(connection: Connection, rows: Sequence[tuple[str, str, int]]) -> None:
    """Note texts, as tenant, thread and place; their words must be in the index of the search."""
    insert_new(connection, thread_texts, _COLUMNS, rows)


def around(
    connection: Connection, tenant: str, threads: Iterable[str], here: int, *, most: int
) -> tuple[list[int], list[int]]:
    """Places of texts that were said before and after, each in order of time and the nearest ones.

    There are at most so many on each side.
    """
    found: set[int] = set()
    for thread in threads:
        wanted = {"of_tenant": tenant, "of_thread": thread, "here": here, "most": most}
        found.update(connection.execute(_AROUND, wanted).scalars())
    ordered = sorted(found)
    before = [place for place in ordered if place < here]
    after = [place for place in ordered if place > here]
    return before[-most:], after[:most]


def texts_at(connection: Connection, places: Sequence[int]) -> list[Text]:
    """The texts at these places of the ledger, in order of time."""
    rows = connection.execute(_TEXTS, {"places": list(places)})
    return [
        Text(sequence, name, item_id, actor, kind, Verdict(verdict), at, event)
        for sequence, name, item_id, actor, kind, verdict, at, event in rows
    ]
