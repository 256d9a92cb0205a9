"""Lists of values that rules look up: text files with one value a line, and entries added since."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from safety.domain.lists import ListEntry
from safety.ruleset.findings import Findings, did_you_mean
from safety.ruleset.nodes import SourceFile

_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_OPTIONS = ("until", "source")


@dataclass(frozen=True, slots=True)
class WordList:
    """A named list as it stood when the ruleset was loaded: live entries only."""

    name: str
    entries: tuple[ListEntry, ...]
    values: frozenset[str]


class ListFiles:
    """Gathers lists from several folders; a later folder's file replaces an earlier one's."""

    def __init__(self, findings: Findings, at: float) -> None:
        self._findings = findings
        self._at = at
        self._lists: dict[str, list[ListEntry]] = {}

    def add_file(self, path: Path, name: str) -> None:
        """Take in one lists/<name>.txt; `name` is how findings call the file."""
        if not path.is_file():
            place = SourceFile(name, "", path).place(0)
            self._findings.error("not-a-file", "this is no file", place)
            return
        source = SourceFile(name, path.read_text("utf-8", errors="replace"), path)
        if not _NAME.fullmatch(path.stem):
            message = "a list is named in lower-case letters, digits and underscores"
            self._findings.error("list-name", message, source.place(0))
            return
        entries = []
        offset = 0
        for line in source.text.split("\n"):
            entry = self._entry(path.stem, line, source, offset)
            if entry:
                entries.append(entry)
            offset += len(line) + 1
        self._lists[path.stem] = entries

    def lists(self, added: Mapping[str, Sequence[ListEntry]]) -> dict[str, WordList]:
        """Every list with its live entries, those `added` while the service runs included."""
        names = sorted({*self._lists, *added})
        return {
            name: self._live(name, [*self._lists.get(name, ()), *added.get(name, ())])
            for name in names
        }

    def _live(self, name: str, entries: Iterable[ListEntry]) -> WordList:
        live = tuple(entry for entry in entries if entry.is_live(self._at))
        return WordList(name, live, frozenset(entry.value for entry in live))

    def _entry(self, name: str, line: str, source: SourceFile, offset: int) -> ListEntry | None:
        value, *options = (part.strip() for part in line.split(" ;"))
        if not value or value.startswith("#"):
            return None
        told: dict[str, str] = {}
        for option in options:
            key, _, text = (part.strip() for part in option.partition("="))
            if key not in _OPTIONS:
                place = source.place(offset, offset + len(line))
                hint = (
                    did_you_mean(key, _OPTIONS) or "write `value ; until=2026-12-31 ; source=...`"
                )
                self._findings.error("unknown-key", f"unknown option `{key}`", place, hint)
            told[key] = text
        until = _end_of_day(told["until"]) if "until" in told else None
        if "until" in told and until is None:
            place = source.place(offset, offset + len(line))
            self._findings.error("wrong-value", "`until` must be a date such as 2026-12-31", place)
        return ListEntry(name, value, told.get("source", source.name), self._at, until)


def _end_of_day(text: str) -> float | None:
    """The moment the given day is over (UTC): an entry counts until then."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    return (day + timedelta(days=1)).timestamp()
