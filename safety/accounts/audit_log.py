"""The audit log as staff read it: filtered, newest first, checked for changes, and as CSV."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from safety.store import audit
from safety.store.engine import read

_CHUNK = 500
# What spreadsheets take for a formula or hide one behind (OWASP ASVS 5.0, 1.2.10).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
_COLUMNS = ("sequence", "time", "author", "action", "subject", "details")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries to show; an empty text is any."""

    author: str = ""
    action: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the log; `sequence` has no gaps."""

    sequence: int
    at: float
    author: str
    action: str
    subject: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AuditLog:
    """What was done, by whom. Nobody can change it, and `verify` shows that nobody did."""

    engine: Engine
    key: bytes = field(repr=False)

    def page(self, chosen: Filter, *, before: int | None = None, limit: int) -> list[Entry]:
        """The newest entries, or those older than `before`."""
        with read(self.engine) as connection:
            found = audit.page(
                connection,
                author=chosen.author,
                action=chosen.action,
                subject=chosen.subject,
                before=before,
                limit=limit,
            )
        return [_entry(row) for row in found]

    def length(self) -> int:
        """How many entries there are, all in all."""
        with read(self.engine) as connection:
            head = audit.head(connection)
        return head.sequence if head else 0

    def verify(self) -> audit.Verified:
        """Walk the whole log and say whether every entry is as it was written."""
        with read(self.engine) as connection:
            return audit.verify(connection, key=self.key)

    def as_csv(self, chosen: Filter) -> Iterator[str]:
        """All entries, newest first, in pieces. No cell is a formula to a spreadsheet."""
        yield _line(_COLUMNS)
        before: int | None = None
        while found := self.page(chosen, before=before, limit=_CHUNK):
            yield "".join(_line(_cells(each)) for each in found)
            before = found[-1].sequence


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs: what looks like a formula starts with an apostrophe."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def _entry(row: audit.NumberedEvent) -> Entry:
    details = json.loads(row.details)
    return Entry(row.sequence, row.at, row.author, row.action, row.subject, details)


def _cells(entry: Entry) -> tuple[str, ...]:
    moment = datetime.fromtimestamp(entry.at, UTC).isoformat(timespec="seconds")
    told = json.dumps(entry.details, ensure_ascii=False) if entry.details else ""
    return (str(entry.sequence), moment, entry.author, entry.action, entry.subject, told)


def _line(cells: tuple[str, ...]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow([harmless(cell) for cell in cells])
    return written.getvalue()
