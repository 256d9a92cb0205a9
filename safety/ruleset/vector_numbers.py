"""Numbers that conditions calculate, for many rows at once; NaN stands for a missing value."""

from collections.abc import Callable, Mapping
from functools import reduce
from math import nan
from typing import Any

import numpy as np

from safety.domain.features import Kind
from safety.ruleset.columns import LARGEST_EXACT, Columns, Floats, Numbers, Rows
from safety.ruleset.ir import Call, Const, Expression, Read

NUMERIC = frozenset({Kind.INT, Kind.FLOAT, Kind.DURATION, Kind.TIME})

COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}
_OPERATORS: Mapping[str, Callable[[Floats, Floats], Floats]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
}
_CHOICES: Mapping[str, Callable[[Floats, Floats], Floats]] = {"min": np.minimum, "max": np.maximum}


def numbers_of(expression: Expression, columns: Columns, rows: Rows) -> Floats | None:
    """The numbers of an expression in these rows (of one row, for a literal).

    None when they are not exactly those of the interpreter, or not calculated here.
    """
    match expression:
        case Const(value=float() as number):
            return np.array([number], np.float64)
        case Const(value=int() as number) if -LARGEST_EXACT <= number <= LARGEST_EXACT:
            return np.array([number], np.float64)
        case Read(name=name):
            return _column(columns, name, rows)
        case Call(function="default"):
            return _with_default(expression, columns, rows)
        case Call(function="abs" | "min" | "max" | "+" | "-" | "*" | "/" as function):
            return _calculated(function, expression, columns, rows)
    return None


def _column(columns: Columns, name: str, rows: Rows) -> Floats | None:
    column = columns.column(name)
    if column is None:
        return np.array([nan])
    return column.values[rows] if isinstance(column, Numbers) else None


def _with_default(call: Call, columns: Columns, rows: Rows) -> Floats | None:
    given, other = (numbers_of(argument, columns, rows) for argument in call.arguments)
    return None if given is None or other is None else np.where(np.isnan(given), other, given)


def _calculated(function: str, call: Call, columns: Columns, rows: Rows) -> Floats | None:
    arguments: list[Floats] = []
    for argument in call.arguments:
        numbers = numbers_of(argument, columns, rows)
        if numbers is None:
            return None
        arguments.append(numbers)
    if function == "abs":
        return np.abs(arguments[0])
    if function in _CHOICES:
        return reduce(_CHOICES[function], arguments)  # NaN wins over every number
    with np.errstate(all="ignore"):
        result = _OPERATORS[function](*arguments)
        result = np.where(np.isfinite(result), result, nan)
        # Beyond this, whole numbers of the interpreter are longer than a float.
        return None if (np.abs(result) > LARGEST_EXACT).any() else result
