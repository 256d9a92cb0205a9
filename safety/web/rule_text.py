"""The text of a rule as a page shows it: words by their kind, findings at their lines, changes."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from safety.ruleset.findings import Finding

_WORDS = "and|or|not|in|true|false|null"
_TOKENS = re.compile(
    r"""
    (?P<comment>(?:^|(?<=\s))\#.*$)
    |(?P<string>\br?"(?:\\.|[^"\\])*"|r?"(?:\\.|[^"\\])*"|'[^']*')
    |(?P<key>(?:^|(?<=[\s{,]))[A-Za-z_][\w.-]*(?=:(?:\s|$)))
    |(?P<number>\b\d+(?:\.\d+)?[smhdw%]?\b)
    |(?P<word>\b(?:"""
    + _WORDS
    + r""")\b)
    |(?P<call>\b[a-z_]+(?=\())
    |(?P<feature>\b[a-z_]+(?:\.[a-z_]+)+)
    """,
    re.VERBOSE,
)
_SHOWN_AROUND = 3


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line: its number, its words by kind, and what is wrong in it."""

    number: int
    runs: Sequence[tuple[str, str]]
    findings: Sequence[Finding]

    @property
    def is_wrong(self) -> bool:
        """Whether something is found here."""
        return bool(self.findings)


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a comparison: `kind` is `same`, `gone`, `new` or `skipped`."""

    kind: str
    text: str


def coloured(text: str, findings: Iterable[Finding] = (), *, first: int = 1) -> list[TextLine]:
    """The lines of a text, the first of them with this number."""
    by_line: dict[int, list[Finding]] = {}
    for finding in findings:
        by_line.setdefault(finding.place.line, []).append(finding)
    return [
        TextLine(number, list(_runs(line)), by_line.get(number, ()))
        for number, line in enumerate(text.rstrip("\n").split("\n"), first)
    ]


def compared(before: str, after: str) -> list[DiffLine]:
    """What changes from one text to the other, with a few lines around each change."""
    old, new = before.rstrip("\n").split("\n"), after.rstrip("\n").split("\n")
    if not before.strip():
        old = []
    if not after.strip():
        new = []
    lines: list[DiffLine] = []
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    for group in matcher.get_grouped_opcodes(_SHOWN_AROUND):
        if lines or group[0][1] or group[0][3]:
            lines.append(DiffLine("skipped", "⋯"))
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                lines += [DiffLine("same", line) for line in old[i1:i2]]
                continue
            lines += [DiffLine("gone", line) for line in old[i1:i2]]
            lines += [DiffLine("new", line) for line in new[j1:j2]]
    return lines


def _runs(line: str) -> Iterator[tuple[str, str]]:
    at = 0
    for found in _TOKENS.finditer(line):
        if found.start() > at:
            yield "", line[at : found.start()]
        yield found.lastgroup or "", found.group()
        at = found.end()
    if at < len(line):
        yield "", line[at:]
