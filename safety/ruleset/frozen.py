"""A bundle's parts as plain tuples and back, so that one process can hand them to another."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from safety.domain.challenges import ChallengeKind
from safety.domain.features import Catalogue, EventType, Feature, Kind, Source
from safety.domain.habits import Watch
from safety.domain.lists import ListEntry
from safety.domain.policies import Ground, Policy, Rung, Weight
from safety.domain.rules import Canary, LabelEffect, Rule
from safety.domain.velocity import CountingPlan, Measure, Series, Window
from safety.domain.verdicts import FailPolicy, Mode, Severity, Verdict
from safety.ruleset.compiled import CompiledRule, Condition, RuleTest
from safety.ruleset.findings import Finding, Level, Place
from safety.ruleset.ir import And, Call, Compare, Const, ListRef, Not, Or, Read, WindowSpec
from safety.ruleset.wordlists import WordList

# Nothing else is ever made from what another process says.
_CLASSES: tuple[type[Any], ...] = (
    ChallengeKind, Catalogue, EventType, Feature, Kind, Source, ListEntry, Policy, Canary,
    LabelEffect, Rule, CountingPlan, Measure, Series, Window, FailPolicy, Mode, Severity, Verdict,
    CompiledRule, Condition, RuleTest, Finding, Level, Place,
    And, Call, Compare, Const, ListRef, Not, Or, Read, WindowSpec, WordList,
    Rung, Weight, Ground, Watch,
)  # fmt: skip
_TUPLE, _MAPPING, _FIRST_CLASS = 0, 1, 2
_NUMBERS = {kind: number for number, kind in enumerate(_CLASSES, _FIRST_CLASS)}
_PLAIN = frozenset({str, int, float, bool, type(None), frozenset, bytes})
_BREATH = 32  # things made between two pauses


def freeze(value: object) -> Any:
    """A value as plain tuples. Raises `TypeError` for anything that a bundle is not made of."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, tuple):
        return (_TUPLE, *map(freeze, value))
    if isinstance(value, Mapping):
        return (_MAPPING, *(part for pair in value.items() for part in map(freeze, pair)))
    number = _NUMBERS.get(kind)
    if number is None:
        raise TypeError(f"{kind.__name__} is no part of a bundle")
    if isinstance(value, Enum):
        return (number, value.value)
    assert is_dataclass(value)  # noqa: S101  every other class of the table is one
    return (number, *(freeze(getattr(value, one.name)) for one in fields(value)))


class Thaw:
    """Makes values again; `pause` is called between small pieces of work."""

    def __init__(self, pause: Callable[[], object]) -> None:
        self._pause = pause
        self._made = 0

    def __call__(self, value: Any) -> Any:
        """The value that was frozen."""
        if type(value) is not tuple:
            return value
        self._made += 1
        if not self._made % _BREATH:
            self._pause()
        number, *parts = value
        made = [part if type(part) is not tuple else self(part) for part in parts]
        if number >= _FIRST_CLASS:
            return _CLASSES[number - _FIRST_CLASS](*made)
        return tuple(made) if number == _TUPLE else dict(zip(made[::2], made[1::2], strict=True))
