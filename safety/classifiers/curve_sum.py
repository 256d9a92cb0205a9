"""A sum of curves over named numbers, and its file: small JSON that a person can read."""

import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Final

_MAX_BYTES: Final = 256 * 1024
_MAX_KNOTS: Final = 64


@dataclass(frozen=True, slots=True)
class Curve:
    """What one habit adds to the log-odds: straight between knots, level beyond them.

    `unknown` is what it adds where the habit cannot be known yet. Raises `ValueError` for knots out
    of order.
    """

    habit: str
    knots: tuple[float, ...]
    values: tuple[float, ...]
    unknown: float = 0.0

    def __post_init__(self) -> None:
        if not 1 < len(self.knots) == len(self.values) <= _MAX_KNOTS:
            raise ValueError("a curve has as many values as knots")
        if not all(map(isfinite, (*self.knots, *self.values, self.unknown))):
            raise ValueError("a curve is made of finite numbers")
        if list(self.knots) != sorted(set(self.knots)):
            raise ValueError("the knots of a curve ascend")

    def __call__(self, number: float) -> float:
        """What it adds for one number; NaN is unknown."""
        knots, values = self.knots, self.values
        if number <= knots[0]:
            return values[0]
        if number >= knots[-1]:
            return values[-1]
        place = bisect_right(knots, number)
        if place == len(knots):  # nothing compares with NaN
            return self.unknown
        low, high = values[place - 1], values[place]
        start = knots[place - 1]
        return low + (high - low) * (number - start) / (knots[place] - start)


@dataclass(frozen=True, slots=True)
class CurveSum:
    """What training leaves behind: the log-odds are `bias` and what all curves add.

    `habits` is the order of the numbers that it is given. Raises `ValueError` for a curve over a
    habit that there is not.
    """

    curves: tuple[Curve, ...]
    bias: float
    habits: tuple[str, ...]
    _placed: tuple[tuple[int, Curve], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isfinite(self.bias):
            raise ValueError("the weights must be finite")
        if len({curve.habit for curve in self.curves}) < len(self.curves):
            raise ValueError("a habit has one curve")
        placed = tuple((_place(curve, self.habits), curve) for curve in self.curves)
        object.__setattr__(self, "_placed", placed)

    def log_odds(self, numbers: Sequence[float]) -> float:
        """The log-odds for habits in the order of `habits`."""
        return self.bias + sum([curve(numbers[place]) for place, curve in self._placed])

    def parts(self, numbers: Sequence[float]) -> list[tuple[float, str, float]]:
        """What each curve adds, its habit and the number, what moved the sum most first."""
        found = [
            (curve(numbers[place]), curve.habit, numbers[place]) for place, curve in self._placed
        ]
        return sorted(found, key=lambda one: -abs(one[0]))


def dump(weights: CurveSum) -> bytes:
    """Weights as JSON: the same bytes for the same weights."""
    document = {
        "bias": weights.bias,
        "curves": [
            {
                "habit": curve.habit,
                "knots": list(curve.knots),
                "values": list(curve.values),
                "unknown": curve.unknown,
            }
            for curve in weights.curves
        ],
    }
    return (json.dumps(document, indent=1) + "\n").encode()


def parse(data: bytes, habits: tuple[str, ...]) -> CurveSum:
    """Weights over these habits from the bytes of the file. Raises `ValueError`, saying why."""
    if len(data) > _MAX_BYTES:
        raise ValueError("the weights are larger than any sum of curves")
    try:
        document = json.loads(data)
        curves = tuple(
            Curve(
                str(one["habit"]),
                _floats(one["knots"]),
                _floats(one["values"]),
                float(one["unknown"]),
            )
            for one in document["curves"]
        )
        return CurveSum(curves, float(document["bias"]), habits)
    except (KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError("the weights are not those of a sum of curves") from error


def _place(curve: Curve, habits: tuple[str, ...]) -> int:
    if curve.habit not in habits:
        raise ValueError(f"there is no habit {curve.habit!r}")
    return habits.index(curve.habit)


def _floats(given: Any) -> tuple[float, ...]:
    return tuple(float(each) for each in given)
