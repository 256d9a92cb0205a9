"""The audit log: what people did, append-only, each row bound to the one before by a keyed hash."""

import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text

from safety.domain.origin import ORIGIN
from safety.store.tables import audit

_CHUNK = 1000
_START = b"\0" * sha256().digest_size


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Something a person or a command did: who, what, to what; `details` is UTF-8 JSON."""

    at: float
    author: str
    action: str
    subject: str
    details: bytes = b"{}"


@dataclass(frozen=True, slots=True)
class NumberedEvent(AuditEvent):
    """An event as it stands in the log; `sequence` is its place."""

    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Head:
    """The newest row. A copy kept elsewhere shows whether the log's end was cut off later."""

    sequence: int
    mac: bytes


@dataclass(frozen=True, slots=True)
class Verified:
    """What `verify` found: how many rows hold, and the place and kind of the first fault."""

    rows: int
    head: Head | None
    fault: str | None = None

    @property
    def is_intact(self) -> bool:
        """Whether every row is as it was written."""
        return self.fault is None


def append(connection: Connection, event: AuditEvent, *, key: bytes) -> Head:
    """Add an event; return the new head. `key` is never kept in the database.

    Belongs in the transaction of what it records, so that neither exists without the other. Where
    the act comes from (`domain/origin.py`) is added to its details.
    """
    if connection.dialect.name == "postgresql":
        # SQLite has one writer anyway; here two writers must not continue from the same row.
        connection.execute(text("LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE"))
    event = _placed(event)
    last = head(connection)
    sequence = 1 if last is None else last.sequence + 1
    mac = _mac(key, _START if last is None else last.mac, sequence, event)
    connection.execute(
        insert(audit).values(
            sequence=sequence,
            at=event.at,
            author=event.author,
            action=event.action,
            subject=event.subject,
            details=event.details,
            mac=mac,
        )
    )
    return Head(sequence, mac)


def _placed(event: AuditEvent) -> AuditEvent:
    """The event with where it was done from, if that is known."""
    origin = ORIGIN.get()
    if not origin:
        return event
    details = json.dumps({"from": origin} | json.loads(event.details)).encode()
    return replace(event, details=details)


def head(connection: Connection) -> Head | None:
    """The newest row, or None while the log is empty."""
    query = select(audit.c.sequence, audit.c.mac).order_by(audit.c.sequence.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else Head(*row)


def recent(connection: Connection, *, limit: int = 100) -> list[AuditEvent]:
    """The latest events, newest first."""
    query = select(audit).order_by(audit.c.sequence.desc()).limit(limit)
    return [_event(row) for row in connection.execute(query)]


def page(
    connection: Connection,
    *,
    author: str = "",
    action: str = "",
    subject: str = "",
    before: int | None = None,
    limit: int,
) -> list[NumberedEvent]:
    """Events newest first, only those by, of and about what is given.

    `before` is the sequence of the last event of the page before.
    """
    query = select(audit).order_by(audit.c.sequence.desc()).limit(limit)
    for column, wanted in (
        (audit.c.author, author),
        (audit.c.action, action),
        (audit.c.subject, subject),
    ):
        if wanted:
            query = query.where(column == wanted)
    if before is not None:
        query = query.where(audit.c.sequence < before)
    return [_numbered(row) for row in connection.execute(query)]


def verify(connection: Connection, *, key: bytes, known: Head | None = None) -> Verified:
    """Walk the whole log and say whether every row is as it was written.

    `known` is a head seen earlier: with it, rows cut off the end show as well.
    """
    previous, count = _START, 0
    for row in _rows(connection):
        expected = _mac(key, previous, count + 1, _event(row))
        if row.sequence != count + 1:
            return _faulty(count, previous, f"row {count + 1} is missing")
        if not hmac.compare_digest(expected, row.mac):
            return _faulty(count, previous, f"row {row.sequence} is not what was written")
        previous, count = row.mac, count + 1
        if known is not None and count == known.sequence and row.mac != known.mac:
            return _faulty(count, previous, f"row {count} was replaced since the known head")
    if known is not None and count < known.sequence:
        return _faulty(count, previous, f"rows {count + 1} to {known.sequence} are missing")
    return Verified(count, _head(count, previous))


def _faulty(count: int, mac: bytes, fault: str) -> Verified:
    return Verified(count, _head(count, mac), fault)


def _head(count: int, mac: bytes) -> Head | None:
    return Head(count, mac) if count else None


def _rows(connection: Connection) -> Iterator[Row[Any]]:
    last = 0
    while True:
        query = select(audit).where(audit.c.sequence > last).order_by(audit.c.sequence)
        rows = connection.execute(query.limit(_CHUNK)).all()
        if not rows:
            return
        yield from rows
        last = rows[-1].sequence


def _event(row: Row[Any]) -> AuditEvent:
    return AuditEvent(row.at, row.author, row.action, row.subject, row.details)


def _numbered(row: Row[Any]) -> NumberedEvent:
    return NumberedEvent(
        row.at, row.author, row.action, row.subject, row.details, sequence=row.sequence
    )


def _mac(key: bytes, previous: bytes, sequence: int, event: AuditEvent) -> bytes:
    pieces: Iterable[bytes] = (
        previous,
        str(sequence).encode(),
        float(event.at).hex().encode(),
        event.author.encode(),
        event.action.encode(),
        event.subject.encode(),
        event.details,
    )
    # Each piece is preceded by its length, or text could move from one field to its neighbour.
    framed = b"".join(len(piece).to_bytes(8, "big") + piece for piece in pieces)
    return hmac.digest(key, framed, sha256)
