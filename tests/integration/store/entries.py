"""Ledger entries, and a ledger that answers as if it were a function."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sqlalchemy import Engine

from safety.domain.decisions import LedgerEntry, NewItem
from safety.domain.labels import Label
from safety.domain.verdicts import Severity, Verdict
from safety.store.ledger import AppendResult, Ledger

NOW = 1_795_366_800.0
SECONDS = 20

_NUMBERS = count(1)


def an_entry(event_id: str | None = None, **changes: Any) -> LedgerEntry:
    """A held comment; its decision id is new each time."""
    number = next(_NUMBERS)
    values: dict[str, Any] = {
        "id": f"dec_{number}",
        "tenant": "acme",
        "event_id": event_id or f"event_{number}",
        "event_type": "comment",
        "actor_id": "u_1",
        "verdict": Verdict.HOLD,
        "decided_at": NOW + number,
        "event_time": NOW,
        "ruleset": "0123456789ab",
        "event": b'{"type":"comment"}',
        "facts": b"{}",
        "signals": b"[]",
        "answer": f'{{"id":"dec_{number}"}}'.encode(),
    }
    return LedgerEntry(**values | changes)


def an_item(item_id: str, **changes: Any) -> NewItem:
    values = {"queue": "content", "severity": Severity.HIGH, "reason": "SPAM_LINK"} | changes
    return NewItem(id=item_id, **values)


def a_label(value: str = "u_1", name: str = "link_farm", **changes: Any) -> Label:
    values: dict[str, Any] = {
        "author": "rule:spam.links",
        "reason": "SPAM_LINK",
        "created_at": NOW,
        "expires_at": None,
    }
    return Label(entity=("actor.id", value), name=name, **values | changes)


@dataclass
class Answers:
    """Results as they come in from the writer's thread."""

    results: dict[str, AppendResult] = field(default_factory=dict)
    calls: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def of(self, key: str) -> Callable[[AppendResult], None]:
        """What an append is given, to have its result under this key."""
        return lambda result: self.arrive(key, result)

    def arrive(self, decision_id: str, result: AppendResult) -> None:
        with self._changed:
            self.results[decision_id] = result
            self.calls += 1
            self._changed.notify_all()

    def wait_for(self, number: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.calls >= number, SECONDS), self.results


@contextmanager
def a_ledger(engine: Engine, **options: Any) -> Iterator[Ledger]:
    """A ledger that runs until the end of the block."""
    ledger = Ledger(engine, **options)
    ledger.start()
    try:
        yield ledger
    finally:
        ledger.stop()


def append_all(ledger: Ledger, entries: Sequence[LedgerEntry]) -> list[AppendResult]:
    """Append, wait, and give the results in the order of the entries."""
    answers = Answers()
    for entry in entries:
        ledger.append(entry, answers.of(entry.id))
    answers.wait_for(len(entries))
    return [answers.results[entry.id] for entry in entries]


def store(engine: Engine, *entries: LedgerEntry) -> None:
    """Have entries in the database."""
    with a_ledger(engine) as ledger:
        append_all(ledger, entries)
