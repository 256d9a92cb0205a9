"""A rule with its checked conditions and its tests, between the files and the generated code."""

from collections.abc import Mapping
from dataclasses import dataclass

from safety.domain.features import Value
from safety.domain.rules import Rule
from safety.domain.verdicts import Mode
from safety.ruleset.findings import Place
from safety.ruleset.ir import Expression, Read, reads


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of `when` or `unless`: as it was written, and as it was understood."""

    text: str
    expression: Expression
    place: Place


@dataclass(frozen=True, slots=True)
class RuleTest:
    """An example beside a rule. `given` maps feature names to values; None takes one away."""

    name: str
    event: str
    matches: bool
    given: Mapping[str, Value | None]
    place: Place


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule and everything it was compiled from."""

    rule: Rule
    when: tuple[Condition, ...]
    unless: tuple[Condition, ...]
    tests: tuple[RuleTest, ...]
    place: Place
    since: float | None = None  # when its mode was set, if the author wrote it down
    digest: str = ""  # SHA-256 of what the rule means

    @property
    def is_judged(self) -> bool:
        """Whether the rule is looked at when events come in."""
        return self.rule.mode is not Mode.OFF

    @property
    def reads(self) -> tuple[Read, ...]:
        """Every feature and window that the rule looks at."""
        return tuple(read for line in (*self.when, *self.unless) for read in reads(line.expression))
