"""A model of bots: a sum of curves over the habits that an actor's own times show."""

import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, isfinite
from pathlib import Path
from typing import Any, Final

from safety.classifiers.card import Card
from safety.classifiers.model_files import ModelRefused, read_verified
from safety.domain.features import Values
from safety.domain.habits import OF_TIMES, PACKED, unpacked
from safety.domain.ports import Classifier, Contribution

BEHAVIOUR_FORMAT: Final = "behaviour-linear/1"

_KNOWN: Final = 2048
_MAX_BYTES: Final = 256 * 1024
_MAX_KNOTS: Final = 64
_MAX_CONTRIBUTIONS: Final = 12
_LEAST_CONTRIBUTION: Final = 0.05
_MOST_LOG_ODDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Curve:
    """What one habit adds to the log-odds: straight between knots, level beyond them.

    `unknown` is what it adds where the habit cannot be known yet. Raises `ValueError` for a habit
    that there is not, and for knots out of order.
    """

    habit: str
    knots: tuple[float, ...]
    values: tuple[float, ...]
    unknown: float = 0.0

    def __post_init__(self) -> None:
        if self.habit not in OF_TIMES:
            raise ValueError(f"there is no habit {self.habit!r}")
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
class BehaviourWeights:
    """What training leaves behind: the log-odds are `bias` and what all curves add."""

    curves: tuple[Curve, ...]
    bias: float

    def __post_init__(self) -> None:
        if not isfinite(self.bias):
            raise ValueError("the weights must be finite")
        if len({curve.habit for curve in self.curves}) < len(self.curves):
            raise ValueError("a habit has one curve")

    def log_odds(self, numbers: Sequence[float]) -> float:
        """The log-odds for habits in the order of `OF_TIMES`."""
        return self.bias + sum(curve(numbers[_PLACES[curve.habit]]) for curve in self.curves)


_PLACES: Final = {habit: place for place, habit in enumerate(OF_TIMES)}


class BehaviourModel:
    """Gives the probability that a program acts for an actor, from the times of its actions."""

    reads: Final = frozenset({PACKED})

    def __init__(self, name: str, version: str, weights: BehaviourWeights) -> None:
        self._name = name
        self._version = version
        self._weights = weights
        # Habits change less often than actors act: the same text comes again and again.
        self._known = lru_cache(maxsize=_KNOWN)(self._score)

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    @property
    def version(self) -> str:
        """The version that its card gives."""
        return self._version

    def score(self, values: Values) -> float | None:
        """A calibrated probability, or None while too little is known of the actor."""
        text = values.get(PACKED)
        return self._known(text) if type(text) is str else None

    def _score(self, text: str) -> float | None:
        numbers = unpacked(text)
        return None if numbers is None else self.score_of(numbers)

    def score_of(self, numbers: Sequence[float]) -> float:
        """The probability for habits in the order of `OF_TIMES`."""
        log_odds = self._weights.log_odds(numbers)
        return 1.0 / (1.0 + exp(-max(-_MOST_LOG_ODDS, min(_MOST_LOG_ODDS, log_odds))))

    def explain(self, values: Values) -> Sequence[Contribution]:
        """The habits that moved the score most, strongest first; none has a place in a text."""
        numbers = _numbers(values)
        if numbers is None:
            return ()
        moved = [
            (curve(numbers[_PLACES[curve.habit]]), curve.habit) for curve in self._weights.curves
        ]
        moved.sort(key=lambda one: -abs(one[0]))
        return [
            Contribution(0, 0, f"{habit} {numbers[_PLACES[habit]]:.3g}", weight)
            for weight, habit in moved[:_MAX_CONTRIBUTIONS]
            if abs(weight) >= _LEAST_CONTRIBUTION
        ]


def _numbers(values: Values) -> tuple[float, ...] | None:
    text = values.get(PACKED)
    return unpacked(text) if type(text) is str else None


def dump(weights: BehaviourWeights) -> bytes:
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


def parse(data: bytes) -> BehaviourWeights:
    """Weights from the bytes of the file. Raises `ValueError` and says what is wrong."""
    if len(data) > _MAX_BYTES:
        raise ValueError("the weights are larger than any behaviour model")
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
        return BehaviourWeights(curves, float(document["bias"]))
    except (KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError("the weights are not those of a behaviour model") from error


def load(folder: Path, card: Card) -> Classifier:
    """The classifier that the card describes. Raises `ModelRefused`."""
    try:
        weights = parse(read_verified(folder, card))
    except ValueError as error:
        raise ModelRefused(str(error)) from error
    return BehaviourModel(card.name, card.version, weights)


def _floats(given: Any) -> tuple[float, ...]:
    return tuple(float(each) for each in given)
