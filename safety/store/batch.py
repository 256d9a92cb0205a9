"""One batch of ledger entries inside one transaction: what goes in, what was there before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from safety.domain.decisions import LedgerEntry
from safety.domain.reviews import Band, ItemStatus
from safety.store.items import turn_of
from safety.store.labels import add_labels
from safety.store.statements import insert_new
from safety.store.stored import COLUMNS, StoredDecision, find_keys
from safety.store.tables import decisions, items
from safety.store.trouble import Trouble, trouble_of


@dataclass(frozen=True, slots=True)
class Written:
    """The entry is stored and survives what the database survives."""


@dataclass(frozen=True, slots=True)
class Existing:
    """The event has a decision already; nothing of the new entry was written."""

    decision: StoredDecision


@dataclass(frozen=True, slots=True)
class Failed:
    """The entry could not be stored; `reason` is a word of `Trouble`.

    Nothing of it is stored, unless the reason is `unconfirmed`.
    """

    reason: str


AppendResult = Written | Existing | Failed

WRITTEN = Written()

_ITEM_COLUMNS = (
    "id",
    "tenant",
    "decision_id",
    "queue",
    "severity",
    "reason",
    "event_type",
    "actor_id",
    "verdict",
    "created_at",
    "status",
    "version",
    "turn",
)


def write_batch(connection: Connection, entries: Sequence[LedgerEntry]) -> list[AppendResult]:
    """Insert what is new; answer in the order of `entries`. The caller commits.

    Writing an entry again that a lost COMMIT had stored after all changes nothing and answers
    `Written`: its decision id tells that it is the same.
    """
    # In one order everywhere, so that two processes never wait for each other in a circle.
    ordered = sorted(entries, key=_key)
    inserted = insert_new(connection, decisions, COLUMNS, [_row(entry) for entry in ordered])
    if inserted == len(entries):
        _write_companions(connection, entries)
        return [WRITTEN] * len(entries)
    found = find_keys(connection, list({_key(entry) for entry in entries}))
    results = [_result(entry, found.get(_key(entry))) for entry in entries]
    _write_companions(
        connection,
        [entry for entry, result in zip(entries, results, strict=True) if result is WRITTEN],
    )
    return results


def write_each(connection: Connection, entries: Sequence[LedgerEntry]) -> list[AppendResult]:
    """Do as `write_batch` does, one by one: an entry that the database refuses fails alone."""
    return [_write_one(connection, entry) for entry in entries]


def _write_one(connection: Connection, entry: LedgerEntry) -> AppendResult:
    try:
        with connection.begin_nested():
            return write_batch(connection, [entry])[0]
    except Exception as error:
        if trouble_of(error) is not Trouble.REFUSED:
            raise
        return Failed(Trouble.REFUSED.value)


def _key(entry: LedgerEntry) -> tuple[str, str]:
    return (entry.tenant, entry.event_id)


def _result(entry: LedgerEntry, stored: StoredDecision | None) -> AppendResult:
    if stored is None:  # another event's decision has this id
        return Failed(Trouble.REFUSED.value)
    if stored.id == entry.id and stored.answer == entry.answer:
        return WRITTEN
    return Existing(stored)


def _write_companions(connection: Connection, entries: Sequence[LedgerEntry]) -> None:
    """Write the items and labels that are born with these decisions."""
    rows = [_item_row(entry) for entry in entries if entry.item is not None]
    insert_new(connection, items, _ITEM_COLUMNS, rows)
    marks = [(entry.tenant, label) for entry in entries for label in entry.labels]
    if marks:
        add_labels(connection, marks)


def _row(entry: LedgerEntry) -> tuple[Any, ...]:
    return (
        entry.id,
        entry.tenant,
        entry.event_id,
        entry.event_type,
        entry.actor_id,
        int(entry.verdict),
        entry.decided_at,
        entry.event_time,
        entry.ruleset,
        entry.event,
        entry.facts,
        entry.signals,
        entry.answer,
        None if entry.item is None else entry.item.id,
    )


def _item_row(entry: LedgerEntry) -> tuple[Any, ...]:
    item = entry.item
    assert item is not None  # noqa: S101 -- the caller filters; this tells the type checker
    return (
        item.id,
        entry.tenant,
        entry.id,
        item.queue,
        item.severity.rank,
        item.reason,
        entry.event_type,
        entry.actor_id,
        int(entry.verdict),
        entry.decided_at,
        ItemStatus.OPEN.value,
        1,
        turn_of(Band(item.severity.rank)),
    )
