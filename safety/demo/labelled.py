"""Reads labelled files for a replay: CSV, gzipped CSV, or events as JSON lines."""

import csv
import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, TextIO, cast

_LONGEST_FIELD = 16 * 1024 * 1024  # characters; the csv module stops at 128 KiB otherwise
_LONGEST_SOURCE = 60
_POSITIVE = frozenset({"1", "true", "yes", "spam", "abuse"})
_NEGATIVE = frozenset({"0", "false", "no", "ham", "ok"})


class UnreadableFileError(Exception):
    """The file cannot be replayed; the message says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a CSV mean what. An empty label column says that nothing is labelled."""

    text: str = "text"
    label: str = "label"
    source: str = "source"


@dataclass(frozen=True, slots=True)
class Row:
    """One event to replay, with the truth about it if the file tells (True is spam)."""

    number: int
    source: str
    label: bool | None
    event: dict[str, Any]


class LabelledFile:
    """An open file of labelled events."""

    def __init__(
        self,
        path: Path,
        *,
        columns: Columns | None = None,
        event_type: str = "comment",
        only: tuple[str, str] | None = None,
    ) -> None:
        """Open the file. `only` keeps the rows whose column (first) has that value (second)."""
        self._path = path
        self._columns = columns or Columns()
        self._event_type = event_type
        self._only = only
        self._read = self._reader()
        try:
            self._raw = path.open("rb")
        except OSError as error:
            raise UnreadableFileError(f"Cannot read {path}: {error.strerror}.") from None
        self.size = path.stat().st_size
        self._lines = self._decoded()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lines.close()
        self._raw.close()

    @property
    def position(self) -> int:
        """Bytes read so far, of `size`."""
        return self._raw.tell()

    def rows(self, limit: int | None = None) -> Iterator[Row]:
        """The rows in order, at most `limit`. Raises `UnreadableFileError` at the first bad one."""
        return islice(self._rows(), limit)

    def _rows(self) -> Iterator[Row]:
        number = 0
        try:
            for number, row in enumerate(self._read(self._lines), start=1):  # noqa: B007 - told below
                if row is not None:
                    yield row
        except (csv.Error, UnicodeDecodeError, EOFError, zlib.error, OSError) as error:
            raise UnreadableFileError(
                f"{self._path} is damaged after row {number}: {error}."
            ) from None

    def _reader(self) -> Any:
        name = self._path.name.removesuffix(".gz")
        if name.endswith(".csv"):
            return self._from_csv
        if name.endswith((".jsonl", ".ndjson")):
            return self._from_json_lines
        raise UnreadableFileError(
            f"{self._path} is neither .csv nor .jsonl (each also .gz): rename or convert it."
        )

    def _decoded(self) -> TextIO:
        is_packed = self._path.name.endswith(".gz")
        binary = cast("BinaryIO", gzip.GzipFile(fileobj=self._raw)) if is_packed else self._raw
        return io.TextIOWrapper(binary, encoding="utf-8-sig", newline="")

    def _from_csv(self, lines: TextIO) -> Iterator[Row | None]:
        csv.field_size_limit(_LONGEST_FIELD)
        reader = csv.DictReader(lines)
        self._check_columns(list(reader.fieldnames or ()))
        for number, cells in enumerate(reader, start=1):
            text = cells[self._columns.text]
            if text is None:
                raise UnreadableFileError(f"{self._path}, row {number} has too few columns.")
            if self._only and cells[self._only[0]] != self._only[1]:
                yield None
                continue
            event: dict[str, Any] = {"type": self._event_type, "content": {"text": text}}
            source = _printable(cells.get(self._columns.source) or self._path.name)
            label = self._label(cells.get(self._columns.label) or "", number)
            yield Row(number, source, label, self._named(event, number))

    def _check_columns(self, present: list[str]) -> None:
        needed = [(self._columns.text, "--text-column")]
        if self._columns.label:
            needed.append((self._columns.label, "--label-column ('' if nothing is labelled)"))
        if self._only:
            needed.append((self._only[0], "--only"))
        for column, option in needed:
            if column not in present:
                raise UnreadableFileError(
                    f"{self._path} has no column {column!r}: name the right one with {option}. "
                    f"It has {', '.join(present) or 'nothing'}."
                )

    def _from_json_lines(self, lines: TextIO) -> Iterator[Row | None]:
        for number, text in enumerate(lines, start=1):
            if not text.strip():
                yield None
                continue
            event = self._object(text, number)
            label = self._label(event.pop(self._columns.label, ""), number)
            source = _printable(str(event.pop(self._columns.source, self._path.name)))
            event.setdefault("type", self._event_type)
            yield Row(number, source, label, self._named(event, number))

    def _object(self, text: str, number: int) -> dict[str, Any]:
        try:
            event = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise UnreadableFileError(
                f"{self._path}, line {number} is not JSON: {error}."
            ) from None
        if not isinstance(event, dict):
            raise UnreadableFileError(f"{self._path}, line {number} is not a JSON object.")
        return event

    def _label(self, word: object, number: int) -> bool | None:
        text = str(word).strip().lower()
        if text in _POSITIVE:
            return True
        if text in _NEGATIVE:
            return False
        if not text or text == "none":
            return None
        raise UnreadableFileError(
            f"{self._path}, row {number}: a label is 1 or 0, spam or ham; not {text[:40]!r}."
        )

    def _named(self, event: dict[str, Any], number: int) -> dict[str, Any]:
        """The event with an id made of the file's name, the row and the content.

        Replaying a file again therefore asks for the same decisions and writes no new ones.
        """
        content = json.dumps(event, sort_keys=True, ensure_ascii=True)
        seed = f"{self._path.name}\0{number}\0{content}"
        digest = hashlib.sha256(seed.encode()).hexdigest()[:32]
        return {"id": f"replay-{digest}", "actor": {"id": f"replay-{digest[:16]}"}, **event}


def _printable(name: str) -> str:
    """A name from the file as a terminal may show it: nothing in it gives commands."""
    return "".join(c if c.isprintable() else "?" for c in name[:_LONGEST_SOURCE])
