"""YAML as a tree whose every node knows its place; only the plain, bounded part of YAML is read."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from safety.ruleset.findings import Findings, Place

MAX_BYTES = 1 << 20
MAX_DEPTH = 20
LONGEST_LINE = 240  # of longer ones, findings show the part that matters

# Everything that YAML 1.1 does not call printable.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class SourceFile:
    """The text of one file and where its lines begin. `name` is how findings call it."""

    def __init__(self, name: str, text: str, path: Path | None = None) -> None:
        self.name = name
        self._path = str(path) if path else ""
        self.text = text
        self._starts = [0]
        for line in text.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def place(self, start: int, end: int | None = None) -> Place:
        """The place of the characters from `start` to `end`, cut at the end of the first line."""
        start = min(start, len(self.text))
        line = bisect_right(self._starts, start)
        first = self._starts[line - 1]
        last = self._starts[line] - 1 if line < len(self._starts) else first
        length = max(1, min(end if end is not None else start + 1, last) - start)
        cut = max(0, start - first - LONGEST_LINE // 3) if last - first > LONGEST_LINE else 0
        source = self.text[first + cut : min(last, first + cut + LONGEST_LINE)]
        return Place(self.name, line, start - first + 1, length, source, self._path, cut)


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """A single value, always as its text. `style` is `'`, `"`, `|`, `>` or empty for plain."""

    source: SourceFile
    start: int
    end: int
    text: str
    style: str

    def place_of(self, start: int, end: int) -> Place:
        """The place in the file of the characters `start` to `end` of `text`."""
        offsets = self._offsets()
        first = offsets[min(start, len(offsets) - 1)]
        last = offsets[min(max(end - 1, start), len(offsets) - 1)]
        return self.source.place(first, last + 1)

    def _offsets(self) -> list[int]:
        """Where each character of the value was written, found by reading both side by side."""
        raw = self.source.text
        at = self.start + (1 if self.style else 0)
        offsets = []
        for character in self.text:
            if character.isspace():
                offsets.append(at)
                at += at < self.end and raw[at].isspace()
                continue
            found = raw.find(character, at, self.end)
            at = found if found >= 0 else at
            offsets.append(at)
            at += 2 if self.style == character == "'" else 1
        return [*offsets, min(at, self.end)]


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """A list of nodes."""

    source: SourceFile
    start: int
    end: int
    items: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True, eq=False)
class Fields:
    """A mapping in the order it was written; keys are different from each other."""

    source: SourceFile
    start: int
    end: int
    entries: "tuple[tuple[Scalar, Node], ...]"


Node = Scalar | Items | Fields


def place_of(node: Node) -> Place:
    """Where a node begins, and how far it reaches on that line."""
    return node.source.place(node.start, node.end)


def read_documents(path: Path, name: str, findings: Findings) -> list[Node]:
    """The documents of a YAML file; what cannot be read becomes a finding and no documents."""
    raw = path.read_bytes()
    if len(raw) > MAX_BYTES:
        start = SourceFile(name, "", path).place(0)
        findings.error("too-large", f"the file is larger than {MAX_BYTES} bytes", start)
        return []
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        findings.error("not-utf8", "the file is not UTF-8", SourceFile(name, "", path).place(0))
        return []
    return documents_of(SourceFile(name, text, path), findings)


def documents_of(source: SourceFile, findings: Findings) -> list[Node]:
    """The documents of a text; what cannot be read becomes a finding and no documents."""
    try:
        return list(_Composer(source).documents())
    except _Refused as refused:
        findings.error("yaml", refused.message, refused.place, refused.hint)
    except yaml.MarkedYAMLError as trouble:
        findings.error("yaml", *_explain(source, trouble))
    except yaml.YAMLError:
        at = next((m.start() for m in _FORBIDDEN.finditer(source.text)), 0)
        character = f"U+{ord(source.text[at]):04X}"
        message = f"the character {character} is not allowed in YAML"
        findings.error("yaml", message, source.place(at), "delete it: it cannot be seen")
    return []


_NEGATION = "if `!` was meant as a negation, write `not`"


class _Refused(Exception):
    def __init__(self, message: str, place: Place, hint: str | None = None) -> None:
        self.message = message
        self.place = place
        self.hint = hint
        super().__init__(message)


def _explain(source: SourceFile, trouble: yaml.MarkedYAMLError) -> tuple[str, Place, str | None]:
    """What a YAML error means to somebody who writes conditions."""
    mark = trouble.problem_mark or trouble.context_mark
    place = source.place(mark.index if mark else 0)
    value = place.source.strip().removeprefix("- ").lstrip()
    after_key = value.partition(": ")[2].lstrip()
    hint = None
    if place.source[place.column - 1 :].startswith("\t"):
        hint = "a tab stands here: YAML is indented with spaces"
    elif value[:1] in {"'", '"', "[", "{"} or after_key[:1] in {"'", '"', "[", "{"}:
        hint = "a line that starts with a quote or a bracket: wrap the condition in single quotes"
    elif value[:1] == "!" or after_key[:1] == "!":
        hint = _NEGATION
    elif "mapping values" in str(trouble.problem):
        hint = "a colon inside a condition: wrap the condition in single quotes"
    return f"not readable as YAML: {trouble.problem or trouble.context}", place, hint


class _Composer:
    """Builds nodes from parser events, so that bounds hold before anything is built."""

    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._events: Iterator[yaml.Event] = yaml.parse(source.text, Loader=_Loader)

    def documents(self) -> Iterator[Node]:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                yield self._node(next(self._events), 1)

    def _node(self, event: yaml.Event, depth: int) -> Node:
        self._check(event, depth)
        start, end = _start(event), _end(event)
        if isinstance(event, yaml.ScalarEvent):
            style = "" if event.style is None else str(event.style)
            return Scalar(self._source, start, end, event.value, style)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._items(start, depth)
        return self._fields(start, depth)

    def _items(self, start: int, depth: int) -> Items:
        items: list[Node] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                return Items(self._source, start, _end(event), tuple(items))
            items.append(self._node(event, depth + 1))
        raise AssertionError  # the parser closes what it opens

    def _fields(self, start: int, depth: int) -> Fields:
        entries: dict[str, tuple[Scalar, Node]] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                return Fields(self._source, start, _end(event), tuple(entries.values()))
            key = self._node(event, depth + 1)
            if not isinstance(key, Scalar):
                raise _Refused("a key must be a plain word", place_of(key))
            if key.text == "<<" and not key.style:
                raise _Refused("merge keys (<<) are not read here", place_of(key))
            if key.text in entries:
                raise _Refused(f"the key `{key.text}` is given twice", place_of(key))
            entries[key.text] = (key, self._node(next(self._events), depth + 1))
        raise AssertionError  # the parser closes what it opens

    def _check(self, event: yaml.Event, depth: int) -> None:
        refusal = hint = None
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            refusal = "anchors and aliases (& and *) are not read here"
        elif tag := getattr(event, "tag", None):
            refusal = "tags (!) are not read here"
            hint = _NEGATION if str(tag).startswith("!") else None
        elif depth > MAX_DEPTH:
            refusal = f"nested deeper than {MAX_DEPTH} levels"
        if refusal:
            raise _Refused(refusal, self._source.place(_start(event), _end(event)), hint)


def _start(event: yaml.Event) -> int:
    return event.start_mark.index if event.start_mark else 0


def _end(event: yaml.Event) -> int:
    return event.end_mark.index if event.end_mark else 0
