"""The pieces that curves are made of: each may only push the way that reason demands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log1p
from typing import Final

import numpy as np
from numpy.typing import NDArray

from safety.classifiers.account import Curve
from safety.classifiers.account_measures import NAMES

Matrix = NDArray[np.float64]

_AGES: Final = (7, 30, 180, 365, 730, 1460, 2555)  # days
_PER_FOLLOWED: Final = (-6.0, -4.0, -2.0, 0.0, 2.0)  # differences of logarithms


@dataclass(frozen=True, slots=True)
class Piece:
    """A step from `low` to `high` of one measure; `sign` says whether more is more suspicious."""

    measure: str
    low: float
    high: float
    sign: int

    def __call__(self, at: Matrix) -> Matrix:
        """How far along the step, from minus a half to a half; 0 where the measure is unknown."""
        along = np.clip((at - self.low) / (self.high - self.low), 0.0, 1.0) - 0.5
        return np.nan_to_num(self.sign * along, nan=0.0)


def _steps(measure: str, sign: int, knots: Sequence[float]) -> Iterator[Piece]:
    return (Piece(measure, low, high, sign) for low, high in pairwise(knots))


def _logs(*counts: float) -> list[float]:
    return [log1p(count) for count in counts]


# Following is the one counter where both ends are odd: nobody, and far more than people can read.
PIECES: Final = (
    *_steps("posts", -1, _logs(0, 1, 3, 10, 30, 100, 300, 1_000, 10_000)),
    *_steps("followers", -1, _logs(0, 3, 10, 30, 100, 300, 1_000, 10_000)),
    *_steps("following", -1, _logs(0, 3, 30, 100)),
    *_steps("following", +1, _logs(300, 1_000, 2_000, 4_000, 7_500)),
    *_steps("likes given", -1, _logs(0, 3, 10, 30, 100, 300, 1_000, 3_000)),
    *_steps("lists", -1, _logs(0, 1, 3, 10, 30)),
    *_steps("bio length", -1, _logs(0, 5, 20, 60)),
    *_steps("following per follower", +1, (-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 6.0)),
    *_steps("posts per following", -1, _PER_FOLLOWED),
    *_steps("likes per following", -1, _PER_FOLLOWED),
    *_steps("digits in the name", +1, (0.0, 0.1, 0.3, 0.5)),
    *_steps("has a picture", -1, (0.0, 1.0)),
    *_steps("has a link", -1, (0.0, 1.0)),
    *_steps("age", -1, _logs(*_AGES)),
)


def pieces_of(measured: Matrix) -> Matrix:
    """The matrix that weights are fitted on: a column for each of PIECES.

    `measured` has a row for each account and a column for each of the measures' NAMES.
    """
    columns = {measure: measured[:, place] for place, measure in enumerate(NAMES)}
    return np.stack([piece(columns[piece.measure]) for piece in PIECES], axis=1)


def curves_of(weights: Sequence[float]) -> tuple[Curve, ...]:
    """The curves that the weights of PIECES add up to; measures without weight have none."""
    found = []
    for measure in NAMES:
        mine = [(p, w) for p, w in zip(PIECES, weights, strict=True) if p.measure == measure]
        knots = np.array(sorted({end for piece, _ in mine for end in (piece.low, piece.high)}))
        values = sum((w * piece(knots) for piece, w in mine), np.zeros(len(knots)))
        if np.abs(values).max(initial=0.0) > 0:
            found.append(Curve(measure, _rounded(knots), _rounded(values)))
    return tuple(found)


def _rounded(numbers: Matrix) -> tuple[float, ...]:
    return tuple(round(float(number), 6) for number in numbers)
