"""Finds conditions that no number can meet, such as `x > 5 and x < 3`."""

import math

from safety.ruleset.ir import And, Compare, Const, Expression, Read

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "=="}


def contradiction(condition: Expression) -> str | None:
    """What two lines ask of one number that it cannot be, or None."""
    bounds: dict[str, tuple[float, bool, float, bool]] = {}
    for comparison in _conjuncts(condition):
        found = _bound(comparison)
        if found is None:
            continue
        read, operator, number = found
        low, low_open, high, high_open = bounds.get(read.name, (-math.inf, False, math.inf, False))
        if operator in {">", ">=", "=="} and (number, operator == ">") > (low, low_open):
            low, low_open = number, operator == ">"
        if operator in {"<", "<=", "=="} and (-number, operator == "<") > (-high, high_open):
            high, high_open = number, operator == "<"
        bounds[read.name] = (low, low_open, high, high_open)
        if low > high or (low == high and (low_open or high_open)):
            return f"`{read.shown or read.name}` cannot be above {low:g} and below {high:g}"
    return None


def _conjuncts(condition: Expression) -> list[Expression]:
    if isinstance(condition, And):
        return [part for operand in condition.operands for part in _conjuncts(operand)]
    return [condition]


def _bound(expression: Expression) -> tuple[Read, str, float] | None:
    if not isinstance(expression, Compare) or expression.operator not in _MIRRORED:
        return None
    left, right, operator = expression.left, expression.right, expression.operator
    if isinstance(left, Const):
        left, right, operator = right, left, _MIRRORED[operator]
    if not (isinstance(left, Read) and isinstance(right, Const)):
        return None
    if isinstance(right.value, bool | str | tuple):
        return None
    return left, operator, float(right.value)
