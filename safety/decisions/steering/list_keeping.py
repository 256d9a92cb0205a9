"""Lists at the desk: what is on them and how often it decided, and what people add and remove."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine

from safety.decisions.steering.list_use import ListUse
from safety.domain.errors import FieldError, InvalidInput
from safety.domain.lists import ListEntry
from safety.ruleset.bundle import Bundle
from safety.store import audit, lists, rule_counts
from safety.store.bundles import Entries
from safety.store.engine import read, write

MOST_AT_ONCE: Final = 10_000
LONGEST_VALUE: Final = 500
LONGEST_REASON: Final = 200
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_MOST_TOLD: Final = 20


@dataclass(frozen=True, slots=True)
class ListSeen:
    """One list: how many values count, how many of them were added here, and who reads it."""

    name: str
    values: int
    added: int
    hits: int
    readers: Sequence[str]


@dataclass(frozen=True, slots=True)
class EntrySeen:
    """One value of a list. Those from a file stay there; `last_at` is when it last decided."""

    entry: ListEntry
    is_from_file: bool
    hits: int
    last_at: float | None


@dataclass(frozen=True, slots=True)
class Addition:
    """What somebody wants on a list: lines as files have them, why, and for how many seconds."""

    name: str
    lines: str
    reason: str
    author: str
    lasts: float | None


@dataclass(frozen=True, slots=True)
class ListKeeping:
    """Keeps lists. Nothing is added that the rules could not be loaded with.

    `refused` says what would be wrong with these entries in force, and is empty when all is well;
    `in_force` gives the entries that the version in force was built with.
    """

    engine: Engine
    clock: Callable[[], float]
    audit_key: bytes = field(repr=False)
    bundle: Callable[[], Bundle]
    refused: Callable[[Entries], str]
    in_force: Callable[[], Entries]

    def all(self) -> list[ListSeen]:
        """Every list, by name."""
        bundle, at = self.bundle(), self.clock()
        use = ListUse(bundle)
        with read(self.engine) as connection:
            added = lists.all_entries(connection, at)
            hits = rule_counts.hits_by_list(connection)
        names = sorted({*bundle.lists, *added})
        return [
            ListSeen(
                name=name,
                values=len(_values(bundle, name) | {entry.value for entry in added.get(name, ())}),
                added=len(added.get(name, ())),
                hits=hits.get(name, 0),
                readers=use.readers(name),
            )
            for name in names
        ]

    def entries(self, name: str, *, wanted: str = "") -> list[EntrySeen]:
        """What is on a list, what was added first and the newest before; `wanted` is part of it."""
        at, listed = self.clock(), self.bundle().lists.get(name)
        with read(self.engine) as connection:
            added = lists.all_entries(connection, at).get(name, [])
            hits = rule_counts.hits_of(connection, name)
        known = {entry.value for entry in added}
        # What was removed a moment ago is in the version in force until it is renewed.
        known |= {entry.value for entry in self.in_force().get(name, ())}
        filed = [each for each in (listed.entries if listed else ()) if each.value not in known]
        rows = [(entry, False) for entry in sorted(added, key=lambda one: -one.created_at)]
        rows += [(entry, True) for entry in filed]
        lowered = wanted.lower()
        return [
            EntrySeen(entry, is_from_file, seen.hits if seen else 0, seen.last_at if seen else None)
            for entry, is_from_file in rows
            if lowered in entry.value.lower() or lowered in entry.source.lower()
            for seen in [hits.get(entry.value)]
        ]

    def add(self, wish: Addition) -> int:
        """Put values on a list, in place of the same values' earlier entries; how many.

        All or none. Raises `InvalidInput` with the lines that cannot be, at most twenty of them.
        """
        entries = self._read(wish)
        at = self.clock()
        with read(self.engine) as connection:
            known = lists.all_entries(connection, at)
        new = {entry.value: entry for entry in entries}
        kept = [entry for entry in known.get(wish.name, ()) if entry.value not in new]
        trouble = self.refused({**known, wish.name: [*kept, *new.values()]})
        if trouble:
            raise InvalidInput(f"The rules cannot be loaded with that: {trouble}")
        with write(self.engine) as connection:
            for entry in new.values():
                lists.add_entry(connection, entry)
            self._audit(connection, "list.added", wish.author, wish.name, list(new), wish.reason)
        return len(new)

    def remove(self, name: str, values: Sequence[str], *, author: str) -> int:
        """Take values off a list; how many were on it. Values from files stay."""
        with write(self.engine) as connection:
            gone = [value for value in values if lists.remove_entry(connection, name, value)]
            rule_counts.forget_hits(connection, [(name, value) for value in gone])
            if gone:
                self._audit(connection, "list.removed", author, name, gone, "")
        return len(gone)

    def as_lines(self, name: str) -> Iterator[str]:
        """A list as a file of rules would hold it."""
        for seen in reversed(self.entries(name)):
            entry = seen.entry
            until = ""
            if entry.expires_at is not None:
                # A file's day counts to its end, so the day before the end is the last one.
                last = datetime.fromtimestamp(entry.expires_at, UTC) - timedelta(seconds=1)
                until = f" ; until={last:%Y-%m-%d}"
            source = " ".join(entry.source.split()).replace(" ;", ",")
            yield f"{entry.value}{until} ; source={source}\n"

    def as_csv(self, name: str) -> Iterator[str]:
        """A list for spreadsheets. No cell begins like a formula."""
        yield _csv(("value", "source", "added", "until", "from_file", "hits", "last_hit"))
        for seen in self.entries(name):
            entry = seen.entry
            yield _csv((
                entry.value,
                entry.source,
                "" if seen.is_from_file else _moment(entry.created_at),
                _moment(entry.expires_at),
                "yes" if seen.is_from_file else "no",
                str(seen.hits),
                _moment(seen.last_at),
            ))  # fmt: skip

    def _read(self, wish: Addition) -> list[ListEntry]:
        if not _NAME.fullmatch(wish.name):
            raise _wrong("name", "A list is named in lower-case letters, digits and underscores.")
        if not wish.reason.strip():
            raise _wrong("reason", "Say why: whoever finds it on the list will ask.")
        lines = [line for line in wish.lines.splitlines() if line.strip()]
        lines = [line for line in lines if not line.lstrip().startswith("#")]
        if not lines:
            raise _wrong("values", "Name at least one value, one a line.")
        if len(lines) > MOST_AT_ONCE:
            raise _wrong("values", f"At most {MOST_AT_ONCE:,} lines at once.")
        at, entries = self.clock(), list[ListEntry]()
        wrong: list[str] = []
        use = ListUse(self.bundle())
        told = f"{wish.reason.strip()[:LONGEST_REASON]} ({wish.author})"
        for number, line in enumerate(lines, 1):
            entry = _entry(wish, line, told, at)
            trouble = entry if isinstance(entry, str) else use.unfit(wish.name, entry.value)
            if trouble:
                wrong.append(f"line {number}: {trouble}")
            elif isinstance(entry, ListEntry):
                entries.append(entry)
        if wrong:
            more = f" and {len(wrong) - _MOST_TOLD} more" if len(wrong) > _MOST_TOLD else ""
            raise _wrong("values", f"{'; '.join(wrong[:_MOST_TOLD])}{more}.")
        return entries

    def _audit(  # noqa: PLR0917  what happened, in the order of the log
        self,
        connection: Connection,
        action: str,
        author: str,
        name: str,
        values: Sequence[str],
        reason: str,
    ) -> None:
        told = {"values": len(values), "first": list(values[:_MOST_TOLD]), "reason": reason}
        event = audit.AuditEvent(self.clock(), author, action, name, json.dumps(told).encode())
        audit.append(connection, event, key=self.audit_key)


def _entry(wish: Addition, line: str, told: str, at: float) -> ListEntry | str:
    """The entry of a line, or what is wrong with it."""
    value, *options = (part.strip() for part in line.split(" ;"))
    named = dict(_pairs(options))
    if unknown := sorted(set(named) - {"until", "source"}):
        return f"unknown option `{unknown[0][:40]}`"
    if not value or len(value) > LONGEST_VALUE:
        return f"a value has 1 to {LONGEST_VALUE} characters"
    if not value.isprintable():
        return "the value holds characters that cannot be seen"
    until = None if wish.lasts is None else at + wish.lasts
    if "until" in named:
        day = _day(named["until"])
        if day is None:
            return "`until` is a date such as 2026-12-31"
        until = day
    if until is not None and until <= at:
        return "it ends in the past"
    return ListEntry(wish.name, value, named.get("source", told)[:LONGEST_REASON], at, until)


def _pairs(options: Iterable[str]) -> Iterator[tuple[str, str]]:
    for option in options:
        key, _, text = (part.strip() for part in option.partition("="))
        yield key, text


def _day(text: str) -> float | None:
    """The end of a day (UTC)."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    return (day + timedelta(days=1)).timestamp()


def _values(bundle: Bundle, name: str) -> frozenset[str]:
    return bundle.values_of_lists.get(name, frozenset())


def _moment(at: float | None) -> str:
    return "" if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def _csv(cells: Sequence[str]) -> str:
    line = io.StringIO()
    safe = [f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell for cell in cells]
    csv.writer(line).writerow(safe)
    return line.getvalue()


def _wrong(name: str, message: str) -> InvalidInput:
    return InvalidInput(message, errors=[FieldError(name, message)])
