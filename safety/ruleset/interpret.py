"""The meaning of conditions, one node at a time: the oracle for generated code, and explanations.

None stands for "unknown" throughout: a value that is missing, or a condition that depends on one.
"""

import operator as operators
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from safety.domain.features import Values
from safety.ruleset.functions import FUNCTIONS, OPERATORS
from safety.ruleset.ir import And, Call, Compare, Const, Expression, ListRef, Not, Or, Read

Lists = Mapping[str, frozenset[str]]


def evaluate(  # noqa: PLR0911 - one answer for each kind of node
    expression: Expression, values: Values, lists: Lists
) -> object:
    """What an expression comes to for these values, or None when that is unknown."""
    match expression:
        case Const():
            return expression.value
        case Read():
            value = values.get(expression.name)
            return None if is_missing(value) else value
        case ListRef():
            return lists[expression.name]
        case Not():
            outcome = evaluate(expression.operand, values, lists)
            return None if outcome is None else not outcome
        case And():
            return _all(evaluate(operand, values, lists) for operand in expression.operands)
        case Or():
            return _any(evaluate(operand, values, lists) for operand in expression.operands)
        case Compare():
            left = evaluate(expression.left, values, lists)
            right = evaluate(expression.right, values, lists)
            return (
                None
                if left is None or right is None
                else compared(expression.operator, left, right)
            )
        case Call():
            return _called(expression, values, lists)


def is_missing(value: object) -> bool:
    """Whether a value is None, or NaN, as windows of an entity that is not there."""
    return value is None or value != value  # noqa: PLR0124 - only NaN differs from itself


def outcome(expression: Expression, values: Values, lists: Lists) -> bool | None:
    """Whether a condition is true, false or unknown for these values."""
    result = evaluate(expression, values, lists)
    return None if result is None else bool(result)


def compared(operator: str, left: object, right: object) -> bool:
    """A comparison of two values that are there; the checker has made sure that they fit."""
    return bool(_COMPARISONS[operator](left, right))


_COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
    "==": operators.eq,
    "!=": operators.ne,
}


def _called(call: Call, values: Values, lists: Lists) -> object:
    arguments = [evaluate(argument, values, lists) for argument in call.arguments]
    if call.function == "missing":
        return arguments[0] is None
    if call.function == "default":
        return arguments[1] if arguments[0] is None else arguments[0]
    if any(argument is None for argument in arguments):
        return None
    return applied(call.function, *arguments)


def applied(function: str, *arguments: object) -> object:
    """A function or operator over values that are there; None when it cannot say."""
    if function == "in":
        item, container = arguments
        return item in container  # type: ignore[operator]  # checked: it is a list
    if function in OPERATORS:
        return OPERATORS[function](*arguments)  # type: ignore[arg-type]  # checked: numbers
    return FUNCTIONS[function].meaning(*arguments)


def _all(outcomes: Iterable[object]) -> bool | None:
    known = list(outcomes)
    return False if False in known else None if None in known else True


def _any(outcomes: Iterable[object]) -> bool | None:
    known = list(outcomes)
    return True if True in known else None if None in known else False
