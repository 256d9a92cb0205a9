"""What is wrong with rule files, and where: each finding points at a place and says what to do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from safety.ruleset.spelling import nearest

MOST_ERRORS = 200
_TOO_MANY = f"these are the first {MOST_ERRORS - 1} errors, and there are more"


class Level(StrEnum):
    """Whether a finding stops the ruleset from loading."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of one line of a file. `line` and `column` count from 1, `length` in characters.

    `file` is how people know the file, `path` where it lies, if it does. Of a very long line
    `source` is the part around the place, from its character number `cut` on.
    """

    file: str
    line: int
    column: int
    length: int
    source: str
    path: str = field(compare=False, default="")
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to fix. `code` is stable and made for machines; `hint` says how, when we know."""

    code: str
    message: str
    place: Place
    hint: str | None = None
    level: Level = Level.ERROR

    def render(self) -> str:
        """The finding as a person reads it: place, message, the line with a caret, and a hint."""
        place = self.place
        number = f"{place.line:>5}"
        text = "".join(map(_shown, place.source)).rstrip()
        before = place.column - 1 - place.cut
        carets = "^" * max(1, min(place.length, len(text) - before))
        lines = [
            f"{place.file}:{place.line}:{place.column}: {self.level}[{self.code}]: {self.message}",
            f"{number} | {text}".rstrip(),
            f"{' ' * len(number)} | {' ' * before}{carets}",
        ]
        if self.hint:
            lines.append(f"{' ' * len(number)} = {self.hint}")
        return "\n".join(lines)


def _shown(character: str) -> str:
    """A character as a terminal may have it: nothing moves the cursor or turns the line around."""
    return character if character.isprintable() else " " if character == "\t" else "\ufffd"


class RuleFileError(Exception):
    """The rule files cannot be loaded; the findings say why, in the order of the files."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(self.render())

    def render(self) -> str:
        """All findings, one after the other, ready for a terminal or a page."""
        return "\n\n".join(finding.render() for finding in self.findings)


class Findings:
    """Collects findings while the files are read, so that one run reports all of them."""

    def __init__(self) -> None:
        self._found: list[Finding] = []
        self.error_count = 0  # those that are not kept included

    def error(self, code: str, message: str, place: Place, hint: str | None = None) -> None:
        """Note something that stops the ruleset from loading."""
        self.error_count += 1
        if self.error_count < MOST_ERRORS:
            self._found.append(Finding(code, message, place, hint))
        elif self.error_count == MOST_ERRORS:
            self._found.append(Finding("too-many-errors", _TOO_MANY, place, None))

    def warn(self, code: str, message: str, place: Place, hint: str | None = None) -> None:
        """Note something that is probably not meant."""
        self._found.append(Finding(code, message, place, hint, Level.WARNING))

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What was found that does not stop the ruleset."""
        return tuple(f for f in self._found if f.level is Level.WARNING)

    @property
    def is_full(self) -> bool:
        """Whether further errors are counted and not kept."""
        return self.error_count >= MOST_ERRORS

    def raise_errors(self) -> None:
        """Raise `RuleFileError` with everything that was found, if any of it is an error."""
        if self.error_count:
            raise RuleFileError(self._found)


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A hint naming the nearest known word, or None when none is close."""
    guess = nearest(word, known)
    return f"did you mean `{guess}`?" if guess else None
