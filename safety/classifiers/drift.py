"""How far what a model meets has moved from what it was made on: two histograms, two numbers."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import isfinite, log, sqrt
from typing import Any, Final

# Usual readings of the index: below 0.1 nothing moved, above 0.25 it did.
MOVED: Final = 0.1
MOVED_FAR: Final = 0.25
SCORE_BINS: Final = 20
# Fewer events say little: the index of two equal sources is about (bins - 1) / events.
FEWEST_EVENTS: Final = 200
# An empty bin has no logarithm: it counts as this many events, or as this share of what was.
_HALF_AN_EVENT: Final = 0.5
_LEAST_SHARE: Final = 1e-3
_MOST_FEATURES: Final = 64
_MOST_EDGES: Final = 200


@dataclass(frozen=True, slots=True)
class Spread:
    """How a feature was spread when the model was made: `shares` lie between and beyond `edges`."""

    edges: tuple[float, ...]
    shares: tuple[float, ...]

    def place(self, value: float) -> int:
        """The bin of a value."""
        return bisect_right(self.edges, value)


@dataclass(frozen=True, slots=True)
class Reference:
    """What a card says of the scores and a few inputs on the rows that the model was made on."""

    scores: tuple[float, ...]
    features: Mapping[str, Spread]


@dataclass(frozen=True, slots=True)
class Drift:
    """How far one histogram moved. `psi` is the population stability index, `ks` the largest gap.

    `is_sure` says that `ks` is more than chance would bring (Kolmogorov, 99 %).
    """

    events: int
    psi: float
    ks: float
    is_sure: bool

    @property
    def has_moved(self) -> bool:
        """Whether somebody should look."""
        return self.events >= FEWEST_EVENTS and self.is_sure and self.psi >= MOVED

    @property
    def has_moved_far(self) -> bool:
        """Whether the model meets something else than it was made on."""
        return self.has_moved and self.psi >= MOVED_FAR


def score_bin(score: float) -> int:
    """The bin of a score, of `SCORE_BINS` of equal width."""
    return min(SCORE_BINS - 1, max(0, int(score * SCORE_BINS)))


def drift(expected: Sequence[float], counts: Sequence[int]) -> Drift | None:
    """How far counts are from the expected shares of the same bins; None where nothing is known."""
    events = sum(counts)
    if not events or len(expected) != len(counts) or sum(expected) <= 0:
        return None
    whole = sum(expected)
    was = [max(share / whole, _LEAST_SHARE) for share in expected]
    room = events + _HALF_AN_EVENT * len(counts)
    now = [(count + _HALF_AN_EVENT) / room for count in counts]
    psi = sum((new - old) * log(new / old) for old, new in zip(was, now, strict=True))
    gaps = accumulate(c / events - s / whole for s, c in zip(expected, counts, strict=True))
    ks = max(abs(gap) for gap in gaps)
    return Drift(events, psi, ks, ks > 1.63 / sqrt(events))


def reference_of(card: Mapping[str, Any]) -> Reference | None:
    """What the card says, or None when it says nothing usable."""
    found = card.get("reference")
    if not isinstance(found, dict):
        return None
    scores = _numbers(found.get("scores"))
    if len(scores) != SCORE_BINS:
        return None
    features: dict[str, Spread] = {}
    inputs = found.get("features")
    for name, each in inputs.items() if isinstance(inputs, dict) else ():
        spread = _spread(each)
        if spread is not None and len(features) < _MOST_FEATURES:
            features[str(name)] = spread
    return Reference(scores, features)


def _spread(found: object) -> Spread | None:
    if not isinstance(found, dict):
        return None
    edges, shares = _numbers(found.get("edges")), _numbers(found.get("shares"))
    if len(shares) != len(edges) + 1 or len(edges) > _MOST_EDGES or list(edges) != sorted(edges):
        return None
    return Spread(edges, shares)


def _numbers(found: object) -> tuple[float, ...]:
    if not isinstance(found, list):
        return ()
    numbers = [float(each) for each in found if isinstance(each, int | float) and isfinite(each)]
    return tuple(numbers) if len(numbers) == len(found) else ()
