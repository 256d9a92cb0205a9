"""Measures what the patterns over a text cost on a text they have never seen, and refuses too much.

RE2 is linear, and yet many counted gaps make it build states without end: the time is measured, on
random texts of the letters that the patterns look for, whenever a ruleset is loaded.
"""

import random
import string
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from safety.ruleset.compiled import CompiledRule, Condition
from safety.ruleset.findings import Findings
from safety.ruleset.interpret import Lists
from safety.ruleset.ir import Call, Const, ListRef, Read, walk
from safety.ruleset.patterns import SCANNED_CHARACTERS, SCANNED_FUNCTIONS, Scanner, word_pattern

# CPU time for one text of full length. A list of 10,000 words takes about 2 ms.
BUDGET_MS = 10.0
_PROBES = 3
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Scan:
    """All patterns that one generated function looks for in one text."""

    feature: str
    patterns: tuple[str, ...]
    scanner: Scanner

    def milliseconds(self) -> float:
        """CPU time for a text that was not seen before; the least of a few."""
        return min(_measured(self.scanner, text) for text in _probes(self.patterns))


def check_scans(scans: Iterable[Scan], rules: Sequence[CompiledRule], lists: Lists,
                findings: Findings) -> None:  # fmt: skip
    """Note the patterns over one text that take longer than the budget, the costliest by name."""
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for scan in scans:
        if (scan.feature, scan.patterns) in seen:
            continue
        seen.add((scan.feature, scan.patterns))
        took = scan.milliseconds()
        if took > BUDGET_MS:
            _refuse(scan, took, rules, lists, findings)


def _refuse(
    scan: Scan, took: float, rules: Sequence[CompiledRule], lists: Lists, findings: Findings
) -> None:
    alone = {
        pattern: Scan(scan.feature, (pattern,), Scanner([pattern])).milliseconds()
        for pattern in scan.patterns
    }
    worst = max(alone, key=lambda pattern: alone[pattern])
    line = next(line for line, pattern in _searches(scan.feature, rules, lists) if pattern == worst)
    shown = worst if len(worst) <= _SHOWN else f"{worst[:_SHOWN]}..."
    findings.error(
        "scan-budget",
        f"the {len(scan.patterns)} patterns over `{scan.feature}` take {took:.0f} ms for "
        f"{SCANNED_CHARACTERS:,} characters, more than {BUDGET_MS:.0f} ms",
        line.place,
        f"the costliest is `{shown}`: use fewer or shorter gaps such as `.{{0,20}}`",
    )


def _searches(
    feature: str, rules: Sequence[CompiledRule], lists: Lists
) -> Iterator[tuple[Condition, str]]:
    """Each pattern that is looked for in a text, with the line that does."""
    for compiled in rules:
        for line in (*compiled.when, *compiled.unless):
            for part in walk(line.expression):
                match part:
                    case Call(function=function, arguments=(Read(name=name), sought)) if (
                        function in SCANNED_FUNCTIONS and name == feature
                    ):
                        yield line, pattern_of(function, sought, lists)


def pattern_of(function: str, sought: object, lists: Lists) -> str:
    """The pattern that `matches` or `contains_any` looks for."""
    match sought:
        case ListRef(name=name):
            return word_pattern(lists[name])
        case Const(value=tuple() as words):
            return word_pattern(frozenset(words))
        case Const(value=str() as text):
            return text if function == "matches" else word_pattern(frozenset())
    return word_pattern(frozenset())


def _probes(patterns: Sequence[str]) -> Iterator[str]:
    dice = random.Random(0)  # noqa: S311 - the same texts at every load
    letters = {letter for pattern in patterns for letter in pattern if letter.isalnum()}
    alphabet = [*sorted(letters | set(string.ascii_lowercase)), " ", " "]
    for _ in range(_PROBES):
        yield "".join(dice.choices(alphabet, k=SCANNED_CHARACTERS))


def _measured(scanner: Scanner, text: str) -> float:
    began = time.thread_time()
    scanner.hits(text)
    return (time.thread_time() - began) * 1000
