"""A model of fake accounts: a sum of curves over the profile, and one shape that no sum shows."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, expm1, isfinite, isnan, log1p
from typing import Final

from safety.classifiers.account_measures import INPUTS, NAMES, has_enough, measures
from safety.domain.features import Values
from safety.domain.ports import Contribution

_MAX_CONTRIBUTIONS: Final = 12
_LEAST_CONTRIBUTION: Final = 0.02
_MOST_LOG_ODDS: Final = 30.0
_POSTS, _FOLLOWERS, _FOLLOWING, _LIKES = range(4)
_SHARES: Final = frozenset({"digits in the name", "has a picture", "has a link"})
_RATIOS: Final = frozenset(name for name in NAMES if " per " in name)
_BROADCASTER_TOLD: Final = "posts much, follows and likes hardly anybody, has few followers"


@dataclass(frozen=True, slots=True)
class Curve:
    """What one measure adds to the log-odds: straight between knots, level beyond them.

    An unknown measure adds nothing. Raises `ValueError` for knots out of order.
    """

    measure: str
    knots: tuple[float, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if self.measure not in NAMES:
            raise ValueError(f"there is no measure {self.measure!r}")
        if len(self.knots) != len(self.values) or not self.knots:
            raise ValueError("a curve has as many values as knots")
        if not all(map(isfinite, (*self.knots, *self.values))):
            raise ValueError("a curve is made of finite numbers")
        if list(self.knots) != sorted(set(self.knots)):
            raise ValueError("the knots of a curve ascend")


@dataclass(frozen=True, slots=True)
class AccountWeights:
    """What training leaves behind.

    Two opinions in log-odds: the sum of the curves plus `bias`, and that of an account that only
    broadcasts (`broadcaster`: slope and offset over how much it looks like one). Either is enough;
    `calibration` (slope, offset) makes their union a calibrated probability.
    """

    curves: tuple[Curve, ...]
    bias: float
    broadcaster: tuple[float, float]
    calibration: tuple[float, float]

    def __post_init__(self) -> None:
        if not all(map(isfinite, (self.bias, *self.broadcaster, *self.calibration))):
            raise ValueError("the weights must be finite")
        if min(self.broadcaster[0], self.calibration[0]) < 0:
            raise ValueError("slopes are never negative")


# Where each of the four signs of a broadcaster begins and where it is plain (log of 1 + count).
_MANY_POSTS: Final = (log1p(3), log1p(300))
_FEW_LIKES: Final = (log1p(0), log1p(30))
_FEW_FOLLOWED: Final = (log1p(3), log1p(100))
_FEW_FOLLOWERS: Final = (log1p(300), log1p(100_000))


def broadcasting(found: Sequence[float]) -> float:
    """How much an account only broadcasts: the weakest of four signs (0 to 1), or NaN: unknown."""
    if any(map(isnan, found[:4])):
        return float("nan")
    return min(
        _between(found[_POSTS], _MANY_POSTS),
        1.0 - _between(found[_LIKES], _FEW_LIKES),
        1.0 - _between(found[_FOLLOWING], _FEW_FOLLOWED),
        1.0 - _between(found[_FOLLOWERS], _FEW_FOLLOWERS),
    )


def _between(value: float, bounds: tuple[float, float]) -> float:
    low, high = bounds
    return min(1.0, max(0.0, (value - low) / (high - low)))


def either(one: float, other: float) -> float:
    """The log-odds of two reasons of which one is enough: log(e^one + e^other)."""
    higher = max(one, other)
    return higher + log1p(exp(min(one, other) - higher))


class AccountModel:
    """Gives the probability that an account was made or sold to follow, like or broadcast."""

    reads: Final = INPUTS

    def __init__(self, name: str, version: str, weights: AccountWeights) -> None:
        self._name = name
        self._version = version
        self._weights = weights
        places = {measure: place for place, measure in enumerate(NAMES)}
        self._curves = tuple(
            (places[curve.measure], curve.knots, curve.values, len(curve.knots))
            for curve in weights.curves
        )

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    @property
    def version(self) -> str:
        """The version that its card gives."""
        return self._version

    @staticmethod
    def inputs(values: Values) -> Values:
        """What the card's reference is about: the measures by name, in their own scale."""
        return dict(zip(NAMES, measures(values), strict=True))

    def score(self, values: Values) -> float | None:
        """A calibrated probability, or None when fewer than two counters are known."""
        found = measures(values)
        if not has_enough(found):
            return None
        slope, offset = self._weights.calibration
        log_odds = slope * self.raw(found) + offset
        return 1.0 / (1.0 + exp(-max(-_MOST_LOG_ODDS, min(_MOST_LOG_ODDS, log_odds))))

    def raw(self, found: Sequence[float]) -> float:
        """The log-odds of measures (in the order of NAMES) before calibration."""
        total = self._weights.bias
        for place, knots, values, length in self._curves:
            at = found[place]
            if at != at:  # noqa: PLR0124  NaN is unknown, and this is the quickest way to see it
                continue
            after = bisect_right(knots, at)
            if after == 0:
                total += values[0]
            elif after == length:
                total += values[-1]
            else:
                left, low = knots[after - 1], values[after - 1]
                total += low + (values[after] - low) * (at - left) / (knots[after] - left)
        slope, offset = self._weights.broadcaster
        shape = broadcasting(found)
        return total if isnan(shape) else either(total, offset + slope * shape)

    def explain(self, values: Values) -> Sequence[Contribution]:
        """The measures that moved the score most, in log-odds, each in words.

        They are of no place in a text: their spans are empty.
        """
        found = measures(values)
        if not has_enough(found):
            return ()
        slope = self._weights.calibration[0]
        pieces = [
            Contribution(0, 0, told, weight * slope)
            for told, weight in self._pieces(found)
            if abs(weight * slope) >= _LEAST_CONTRIBUTION
        ]
        return sorted(pieces, key=lambda piece: (-abs(piece.weight), piece.text))[
            :_MAX_CONTRIBUTIONS
        ]

    def _pieces(self, found: Sequence[float]) -> Iterator[tuple[str, float]]:
        """What is said of each measure, and its part of the raw sum."""
        alone = 0.0
        for curve in self._weights.curves:
            at = found[NAMES.index(curve.measure)]
            if not isnan(at):
                part = _value_at(curve, at)
                alone += part
                yield _told(curve.measure, at), part
        more = self.raw(found) - alone - self._weights.bias
        yield _BROADCASTER_TOLD, more


def _value_at(curve: Curve, at: float) -> float:
    after = bisect_right(curve.knots, at)
    if after in {0, len(curve.knots)}:
        return curve.values[0 if after == 0 else -1]
    left, right = curve.knots[after - 1 : after + 1]
    low, high = curve.values[after - 1 : after + 1]
    return low + (high - low) * (at - left) / (right - left)


def _told(measure: str, at: float) -> str:
    if measure in _SHARES:
        return f"{measure}: {at:.0%}" if measure.startswith("digits") else f"{measure}: {at:.0f}"
    if measure in _RATIOS:
        return f"{measure}: {exp(at):.2g}"
    return f"{measure}: {expm1(at):.0f}" + (" days" if measure == "age" else "")
