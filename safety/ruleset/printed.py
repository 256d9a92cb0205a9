"""Writes a checked condition back as an author would have written it."""

import json
from datetime import UTC, datetime

from safety.domain.features import Kind
from safety.ruleset.durations import write_duration
from safety.ruleset.functions import OPERATORS
from safety.ruleset.ir import And, Call, Compare, Const, Expression, ListRef, Not, Or, Read

_METHODS = frozenset({"contains", "contains_any", "starts_with", "ends_with", "matches"})
_LABELS = ".labels"


def written(expression: Expression) -> str:  # noqa: PLR0911 - one answer for each kind of node
    """A text that the checker reads as this expression again."""
    match expression:
        case Const():
            return _literal(expression)
        case Read():
            return expression.shown or expression.name
        case ListRef():
            return f"lists.{expression.name}"
        case Call():
            return _call(expression)
        case Compare(operator=operator, left=left, right=right):
            return f"{_operand(left)} {operator} {_operand(right)}"
        case Not(operand=Call(function="in", arguments=(item, among)) as call) if not _is_label(
            call
        ):
            return f"{_operand(item)} not in {_operand(among)}"
        case Not(operand=operand):
            return f"not {_joined(operand)}"
        case And(operands=operands):
            return " and ".join(map(_joined, operands))
        case Or(operands=operands):
            return " or ".join(map(_joined, operands))


def _joined(expression: Expression) -> str:
    """A condition beside `and`, `or` or `not`, which bind less than anything else."""
    text = written(expression)
    return f"({text})" if isinstance(expression, And | Or) else text


def _operand(expression: Expression) -> str:
    """A value beside an operator: in brackets when it would be read apart."""
    text = written(expression)
    match expression:
        case And() | Or() | Not() | Compare():
            return f"({text})"
        case Call(function="in") if not _is_label(expression):
            return f"({text})"
        case Call(function=function) if function in OPERATORS:
            return f"({text})"
    return text


def _call(call: Call) -> str:
    if call.function in OPERATORS:
        return f" {call.function} ".join(map(_operand, call.arguments))
    arguments = [written(argument) for argument in call.arguments]
    if _is_label(call):
        labels = call.arguments[1]
        assert isinstance(labels, Read)  # noqa: S101 - told apart above
        return f"{labels.name.removesuffix(_LABELS)}.has_label({arguments[0]})"
    if call.function == "in":
        return " in ".join(map(_operand, call.arguments))
    if call.function in _METHODS and isinstance(call.arguments[0], Read):
        return f"{arguments[0]}.{call.function}({', '.join(arguments[1:])})"
    if call.function in {"hour", "weekday"} and len(arguments) > 1:
        return f"{call.function}({arguments[0]}, tz={arguments[1]})"
    return f"{call.function}({', '.join(arguments)})"


def _is_label(call: Call) -> bool:
    match call:
        case Call(function="in", arguments=(Const(), Read(name=name))):
            return name.endswith(_LABELS)
    return False


def _literal(const: Const) -> str:
    value = const.value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(_quoted, value))}]"
    if isinstance(value, str):
        return _quoted(value)
    if const.kind is Kind.DURATION:
        return f'"{write_duration(value)}"'
    if const.kind is Kind.TIME:
        return f'"{datetime.fromtimestamp(value, UTC).isoformat()}"'
    return _number(value)


def _number(value: float) -> str:
    """Without an exponent that the language does not read, `1e+16`."""
    text = repr(value)
    return text if "e+" not in text else f"{value:.1f}"


def _quoted(text: str) -> str:
    if "\\" in text and '"' not in text and "\n" not in text and not text.endswith("\\"):
        return f'r"{text}"'
    return json.dumps(text, ensure_ascii=False)
