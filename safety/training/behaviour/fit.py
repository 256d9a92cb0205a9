"""Fits the curves of a bot model: logistic regression on ramps, some of which may only rise."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from safety.classifiers.curve_sum import Curve, CurveSum
from safety.domain.habits import OF_TIMES

Matrix = NDArray[np.float64]

_SEGMENTS: Final = 6
_PENALTY: Final = 2e-3  # on squares of weights, against the mean loss of a row
_TAILS: Final = 0.01  # of the rows at either end: a curve is level beyond what was seen
_ROUNDED: Final = 5
_FLAT: Final = 1e-4

# Where reason says which way suspicion grows: 1 with the habit, -1 against it.
SIGNS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "gap_entropy": -1,
        "gap_mode_share": 1,
        "same_gap_share": 1,
        "close_gap_share": 1,
        "minute_rhythm": 1,
        "five_minute_rhythm": 1,
        "hour_rhythm": 1,
        "quiet_hours_share": 1,
        "longest_awake": 1,
        "rests_a_day": -1,
    }
)


@dataclass(frozen=True, slots=True)
class Form:
    """What a sum of curves is over, which way each may go, and how firmly weights are held back."""

    habits: tuple[str, ...]
    signs: Mapping[str, int]
    penalty: float


_OF_BOTS: Final = Form(OF_TIMES, SIGNS, _PENALTY)


@dataclass(frozen=True, slots=True)
class Ramps:
    """The columns that curves are made of: one for each segment, one for what is unknown."""

    habits: tuple[str, ...]
    knots: tuple[tuple[float, ...], ...]  # for each habit

    @classmethod
    def of(cls, values: Matrix, habits: tuple[str, ...]) -> "Ramps":
        """Knots where the rows lie: as many rows between each two."""
        return cls(habits, tuple(_knots(values[:, place]) for place in range(values.shape[1])))

    def columns(self, values: Matrix) -> Matrix:
        """A row of ramps for each row of habits."""
        parts = []
        for place, knots in enumerate(self.knots):
            column = values[:, place]
            unknown = np.isnan(column)
            filled = np.where(unknown, knots[0], column)
            for low, high in pairwise(knots):
                ramp = np.clip((filled - low) / (high - low), 0.0, 1.0)
                parts.append(np.where(unknown, 0.0, ramp))
            parts.append(unknown.astype(np.float64))
        return np.stack(parts, axis=1)

    def bounds(self, signs: Mapping[str, int]) -> list[tuple[float | None, float | None]]:
        """What the weight of each column may be."""
        found: list[tuple[float | None, float | None]] = []
        for habit, knots in zip(self.habits, self.knots, strict=True):
            sign = signs.get(habit, 0)
            one = (0.0 if sign > 0 else None, 0.0 if sign < 0 else None)
            found += [one] * (len(knots) - 1) + [(None, None)]
        return found

    def curves(self, weights: Matrix, means: Matrix) -> tuple[tuple[Curve, ...], float]:
        """The curves of these weights, each 0 on average, and what that takes from the bias."""
        found, moved, place = [], 0.0, 0
        for habit, knots in zip(self.habits, self.knots, strict=True):
            mine = slice(place, place + len(knots))
            place += len(knots)
            middle = float(weights[mine] @ means[mine])
            moved += middle
            steps = np.concatenate([[0.0], np.cumsum(weights[mine][:-1])]) - middle
            unknown = float(weights[mine][-1]) - middle
            if np.abs(weights[mine]).max() > _FLAT:
                values = tuple(round(float(step), _ROUNDED) for step in steps)
                found.append(Curve(habit, knots, values, round(unknown, _ROUNDED)))
            else:
                moved -= middle
        return tuple(found), moved


def fit(
    values: Matrix, label: NDArray[np.int64], weight: Matrix, form: Form = _OF_BOTS
) -> CurveSum:
    """Curves for rows of habits (columns as in the form); `weight` is what each row counts."""
    from scipy.optimize import minimize  # noqa: PLC0415  training alone needs it, and it is slow

    ramps = Ramps.of(values, form.habits)
    columns = ramps.columns(values)
    spread = np.maximum(columns.std(axis=0), 1e-3)
    share = weight / weight.sum()
    truth = label.astype(np.float64)

    def loss(found: Matrix) -> tuple[float, Matrix]:
        raw = columns @ found[:-1] + found[-1]
        # A weight is held back by how much its column can do, not by how large the column is.
        held = found[:-1] * spread
        value = share @ (np.logaddexp(0.0, raw) - truth * raw) + form.penalty * (held @ held) / 2
        wrong = share * (1 / (1 + np.exp(-raw)) - truth)
        slope = np.concatenate([columns.T @ wrong + form.penalty * held * spread, [wrong.sum()]])
        return float(value), slope

    answer = minimize(
        loss,
        np.zeros(columns.shape[1] + 1),
        jac=True,
        method="L-BFGS-B",
        bounds=[*ramps.bounds(form.signs), (None, None)],
        options={"maxiter": 300},
    )
    curves, moved = ramps.curves(answer.x[:-1], share @ columns)
    return CurveSum(curves, round(float(answer.x[-1]) + moved, _ROUNDED), form.habits)


def raw_scores(weights: CurveSum, values: Matrix) -> Matrix:
    """The log-odds of each row, as they are served."""
    return np.array([weights.log_odds(row) for row in values.tolist()])


def _knots(column: Matrix) -> tuple[float, ...]:
    known = column[~np.isnan(column)]
    ends = np.linspace(_TAILS, 1 - _TAILS, _SEGMENTS + 1)
    found = np.unique(np.round(np.quantile(known, ends), _ROUNDED)) if len(known) else np.zeros(0)
    if len(found) < 2:  # noqa: PLR2004 - a habit that never differs tells nothing
        low = float(found[0]) if len(found) else 0.0
        return (low, low + 1.0)
    return tuple(float(knot) for knot in found)


def evenly(
    label: NDArray[np.int64], kind: Sequence[str], loud: Collection[str] = frozenset()
) -> Matrix:
    """Weights by which people count as much as bots, and each kind as much as its like.

    A `loud` kind counts as much as all others of its side together: what people have labelled says
    more of a site than what was made up.
    """
    kinds = np.asarray(kind)
    weight = np.zeros(len(label))
    for side in (0, 1):
        names = np.unique(kinds[label == side])
        for name in names:
            mine = (kinds == name) & (label == side)
            voices = len(names) if name in loud else 1
            weight[mine] = voices / (len(names) * int(mine.sum()))
        weight[label == side] /= max(1e-12, weight[label == side].sum())
    return weight
