"""How kinds go together: literals take the kind they are compared with, all else must agree."""

from dataclasses import replace

from safety.domain.features import Kind
from safety.ruleset.durations import parse_duration, parse_time
from safety.ruleset.functions import NUMBERS, TEXTS
from safety.ruleset.ir import And, Call, Compare, Const, Expression, ListRef, Not, Or, Read, Span
from safety.ruleset.tokens import Mistake

_ORDERED = NUMBERS | {Kind.DURATION, Kind.TIME}


def as_kind(expression: Expression, wanted: Kind) -> Expression:
    """A text literal read as a duration or a time when that is what it meets."""
    if not isinstance(expression, Const) or not isinstance(expression.value, str):
        return expression
    if wanted is Kind.DURATION:
        seconds = parse_duration(expression.value)
    elif wanted is Kind.TIME:
        seconds = parse_time(expression.value)
    else:
        return expression
    return expression if seconds is None else Const(seconds, wanted, expression.span)


def as_operand(expression: Expression, beside: Kind) -> Expression:
    """A text literal read as what can be added to this kind: beside a time, also a duration."""
    read = as_kind(expression, beside)
    return as_kind(read, Kind.DURATION) if beside is Kind.TIME else read


def described(expression: Expression) -> str:
    """An expression as a message names it: its kind, and the feature if it is one."""
    if isinstance(expression, Read):
        return f"{expression.kind.value} `{expression.shown or expression.name}`"
    if isinstance(expression, Const):
        shown = f'"{expression.value}"' if isinstance(expression.value, str) else expression.value
        return f"{expression.kind.value} {shown}"
    return expression.kind.value


def comparison(operator: str, left: Expression, right: Expression, span: Span) -> Expression:
    """Two values compared. Raises `Mistake` naming both kinds when they do not go together."""
    left, right = as_kind(left, right.kind), as_kind(right, left.kind)
    family = _family(left.kind, right.kind)
    if family is None or (operator not in {"==", "!="} and family not in _ORDERED):
        hint = _comparison_hint(operator, left, right)
        message = f"cannot compare {described(left)} `{operator}` {described(right)}"
        raise Mistake("type", message, span, hint)
    if family is Kind.BOOL:
        return _bool_comparison(operator, left, right, span)
    return Compare(operator, left, right, span)


def membership(item: Expression, container: Expression, span: Span) -> Expression:
    """`item in container`: a list, a literal list of texts, or a feature that is a list."""
    if container.kind in TEXTS:
        hint = f"a part of a text is found with `{_shown(container)}.contains(...)`"
        if isinstance(container, Const):
            hint = f'write a list: ["{container.value}"]'
        raise Mistake("type", "`in` looks into lists, not into texts", span, hint)
    if container.kind is not Kind.STRINGS:
        raise Mistake("type", f"`in` looks into lists, not into {described(container)}", span)
    if item.kind is Kind.STRINGS:
        hint = f"write `overlaps({_shown(item)}, {_shown(container)})`"
        raise Mistake("type", "a list is not in a list", span, hint)
    if item.kind not in TEXTS:
        raise Mistake("type", f"a list holds texts, and this is {described(item)}", span)
    return Call("in", (item, container), Kind.BOOL, span)


def result_kind(operator: str, left: Kind, right: Kind) -> Kind | None:
    """What an arithmetic operator makes of two kinds, or None when it makes no sense."""
    if left in NUMBERS and right in NUMBERS:
        whole = left is right is Kind.INT and operator != "/"
        return Kind.INT if whole else Kind.FLOAT
    return _TIME_ARITHMETIC.get((operator, _as_number(left), _as_number(right)))


_NUMBER = Kind.FLOAT
_TIME_ARITHMETIC = {
    ("+", Kind.DURATION, Kind.DURATION): Kind.DURATION,
    ("-", Kind.DURATION, Kind.DURATION): Kind.DURATION,
    ("/", Kind.DURATION, Kind.DURATION): Kind.FLOAT,
    ("*", Kind.DURATION, _NUMBER): Kind.DURATION,
    ("*", _NUMBER, Kind.DURATION): Kind.DURATION,
    ("/", Kind.DURATION, _NUMBER): Kind.DURATION,
    ("-", Kind.TIME, Kind.TIME): Kind.DURATION,
    ("+", Kind.TIME, Kind.DURATION): Kind.TIME,
    ("+", Kind.DURATION, Kind.TIME): Kind.TIME,
    ("-", Kind.TIME, Kind.DURATION): Kind.TIME,
}


def renamed(expression: Expression, name: str, span: Span) -> Expression:
    """What a `let` name stands for, pointing at the place where it is used."""
    if isinstance(expression, Read) and expression.window:
        return replace(expression, shown=name, span=span)
    return replace(expression, span=span)


def _as_number(kind: Kind) -> Kind:
    return _NUMBER if kind in NUMBERS else kind


def _family(left: Kind, right: Kind) -> Kind | None:
    """The kind in which two values can be compared."""
    if left in NUMBERS and right in NUMBERS:
        return Kind.FLOAT
    if left in TEXTS and right in TEXTS:
        return Kind.STRING
    return left if left is right and left is not Kind.STRINGS else None


def _bool_comparison(operator: str, left: Expression, right: Expression, span: Span) -> Expression:
    """`x == true` is `x`, and so on."""
    if isinstance(left, Const):
        left, right = right, left
    if not isinstance(right, Const):
        return _both_or_neither(operator, left, right, span)
    is_plain = (operator == "==") == right.value
    return left if is_plain else Not(left, span)


def _both_or_neither(operator: str, left: Expression, right: Expression, span: Span) -> Expression:
    """Whether two conditions come to the same. Whole conditions are joined, not compared."""
    if isinstance(left, Read | Call) and isinstance(right, Read | Call):
        return Compare(operator, left, right, span)
    if operator == "!=":
        right = Not(right, right.span)
    neither = And((Not(left, left.span), Not(right, right.span)), span)
    return Or((And((left, right), span), neither), span)


def with_default(condition: Expression, other: Const) -> Expression:
    """A condition with `other` in place of unknown. A join knows what its parts come to."""
    match condition:
        case Const():
            return condition
        case Not(operand=operand):
            opposite = Const(not other.value, Kind.BOOL, other.span)
            return Not(with_default(operand, opposite), condition.span)
        case And(operands=operands):
            return And(tuple(with_default(part, other) for part in operands), condition.span)
        case Or(operands=operands):
            return Or(tuple(with_default(part, other) for part in operands), condition.span)
    return Call("default", (condition, other), Kind.BOOL, condition.span)


def _comparison_hint(operator: str, left: Expression, right: Expression) -> str | None:
    kinds = {left.kind, right.kind}
    if Kind.DURATION in kinds:
        return 'write lengths of time like "30s", "10m", "3h" or "7d"'
    if Kind.TIME in kinds:
        return 'write moments like "2026-11-20" or "2026-11-20T09:30:00Z"'
    if Kind.STRINGS in kinds:
        return "use `in` or `overlaps(...)` with lists"
    if kinds <= TEXTS | {Kind.BOOL} and operator not in {"==", "!="}:
        return "only numbers, durations and times have an order"
    return None


def _shown(expression: Expression) -> str:
    match expression:
        case Read():
            return expression.shown
        case ListRef():
            return f"lists.{expression.name}"
        case _:
            return "..."
