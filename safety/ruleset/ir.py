"""Conditions as typed, frozen trees: what the checker makes of a text and everything else reads."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from safety.domain.features import Kind, Value
from safety.domain.velocity import Measure
from safety.ruleset.durations import write_duration

Span = tuple[int, int]  # characters of the condition's text


@dataclass(frozen=True, slots=True)
class WindowSpec:
    """A window as one rule asks for it, before equal ones are merged over the whole set."""

    measure: Measure
    events: tuple[str, ...]
    by: str
    of: str | None
    within: float

    @property
    def name(self) -> str:
        """The canonical text, which is also the feature name of the window's number."""
        events = "".join(f'"{event}", ' for event in self.events)
        of = f"{self.of}, " if self.of else ""
        within = write_duration(self.within)
        return f'{self.measure.value}({of}{events}by={self.by}, within="{within}")'


@dataclass(frozen=True, slots=True)
class Const:
    """A literal. Durations and times are already seconds."""

    value: Value
    kind: Kind
    span: Span = field(compare=False, default=(0, 0))


@dataclass(frozen=True, slots=True)
class Read:
    """A feature's or a window's value; `shown` is what the author calls it."""

    name: str
    kind: Kind
    window: WindowSpec | None = None
    shown: str = field(compare=False, default="")
    span: Span = field(compare=False, default=(0, 0))


@dataclass(frozen=True, slots=True)
class ListRef:
    """A named list, `lists.shorteners`."""

    name: str
    kind: Kind = Kind.STRINGS
    span: Span = field(compare=False, default=(0, 0))


@dataclass(frozen=True, slots=True)
class Call:
    """A function, an arithmetic operator or `in`, applied to its arguments."""

    function: str
    arguments: "tuple[Expression, ...]"
    kind: Kind
    span: Span = field(compare=False, default=(0, 0))


@dataclass(frozen=True, slots=True)
class Compare:
    """Two values of comparable kinds; `operator` is one of `< <= > >= == !=`."""

    operator: str
    left: "Expression"
    right: "Expression"
    span: Span = field(compare=False, default=(0, 0))
    kind: Kind = Kind.BOOL


@dataclass(frozen=True, slots=True)
class Not:
    """True when the operand is false; unknown when it is unknown."""

    operand: "Expression"
    span: Span = field(compare=False, default=(0, 0))
    kind: Kind = Kind.BOOL


@dataclass(frozen=True, slots=True)
class And:
    """False when any operand is false, true when all are true, unknown otherwise."""

    operands: "tuple[Expression, ...]"
    span: Span = field(compare=False, default=(0, 0))
    kind: Kind = Kind.BOOL


@dataclass(frozen=True, slots=True)
class Or:
    """True when any operand is true, false when all are false, unknown otherwise."""

    operands: "tuple[Expression, ...]"
    span: Span = field(compare=False, default=(0, 0))
    kind: Kind = Kind.BOOL


Expression = Const | Read | ListRef | Call | Compare | Not | And | Or


def children(expression: Expression) -> "tuple[Expression, ...]":
    """The expressions directly inside one."""
    match expression:
        case Call():
            return expression.arguments
        case Compare():
            return (expression.left, expression.right)
        case Not():
            return (expression.operand,)
        case And() | Or():
            return expression.operands
        case _:
            return ()


def walk(expression: Expression) -> Iterator[Expression]:
    """An expression and everything inside it, outermost first and from left to right."""
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        yield part
        waiting += reversed(children(part))


def is_larger(expression: Expression, parts: int, depth: int) -> bool:
    """Whether an expression has more parts or levels than this; looks at no more than it must."""
    waiting = [(expression, 1)]
    seen = 0
    while waiting:
        part, level = waiting.pop()
        seen += 1
        if seen > parts or level > depth:
            return True
        waiting += ((child, level + 1) for child in children(part))
    return False


def reads(expression: Expression) -> Iterator[Read]:
    """Every feature and window that an expression looks at."""
    return (part for part in walk(expression) if isinstance(part, Read))


def canonical(expression: Expression) -> str:  # noqa: PLR0911 - one answer for each kind of node
    """The one text that equal expressions share, however they were written."""
    match expression:
        case Const():
            return f"{expression.kind.value}:{json.dumps(expression.value)}"
        case Read():
            return expression.name
        case ListRef():
            return f"lists.{expression.name}"
        case Call():
            return f"{expression.function}({', '.join(map(canonical, expression.arguments))})"
        case Compare():
            left, right = canonical(expression.left), canonical(expression.right)
            return f"({left} {expression.operator} {right})"
        case Not():
            return f"not {canonical(expression.operand)}"
        case And():
            return f"({' and '.join(sorted(set(map(canonical, expression.operands))))})"
        case Or():
            return f"({' or '.join(sorted(set(map(canonical, expression.operands))))})"
