"""How two stages are joined: the weights of both, and the band of scores that asks the second."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from safety.classifiers.cascade import Blend

Numbers = NDArray[np.float64]

# A reading costs about 2 ms of a core. At most this share of each source's negatives is read on
# average, which bounds the mean cost of a text. It is spent where the score is highest, up to 1:
# on a platform that the first stage never saw, its surest flags are wrong too often.
READ_SHARE = 0.4
_ROUNDS = 60
_SETTLED = 1e-9
_PENALTY = 1e-3
_MOST_STEP = 5.0
_NEARLY = 1e-9
_LEAST_ROWS = 20
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Heard:
    """What both stages say of one source's rows; `said` is NaN where the encoder cannot read.

    `score` is the first stage's probability, `said` the encoder's log-odds before calibration.
    """

    is_positive: NDArray[np.bool_]
    score: Numbers
    said: Numbers
    weight: float

    @property
    def is_read(self) -> NDArray[np.bool_]:
        """Which rows the encoder can read."""
        found: NDArray[np.bool_] = ~np.isnan(self.said)
        return found


def log_odds(scores: Numbers) -> Numbers:
    """Probabilities as log-odds, within bounds."""
    inside = np.clip(scores, _NEARLY, 1 - _NEARLY)
    found: Numbers = np.log(inside / (1 - inside))
    return found


def joined(blend: Blend, heard: Heard) -> Numbers:
    """The scores of both stages, as the cascade serves them."""
    odds = blend.first * log_odds(heard.score) + blend.second * heard.said + blend.offset
    both = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    asked = heard.is_read & (heard.score >= blend.low) & (heard.score <= blend.high)
    return np.where(asked, both, heard.score)


def fitted(
    sources: Sequence[Heard],
    *,
    certainty: float = 1.0,
    most_broken: float = inf,
    read_share: float = READ_SHARE,
    reads_passages: bool = False,
) -> Blend:
    """The band by `band`, and inside it the weights that fit best, every source by its weight.

    `certainty` shrinks the log-odds: below 1 when the encoder is less sure of sources it never saw
    than of those it knows.
    """
    low, high = band(sources, read_share)
    rows, truth, weights = [], [], []
    for one in sources:
        inside = one.is_read & (one.score >= low) & (one.score <= high)
        if inside.any():
            ones = np.ones(int(inside.sum()))
            rows.append(np.stack([log_odds(one.score[inside]), one.said[inside], ones], axis=1))
            truth.append(one.is_positive[inside])
            # A source counts by its share of doubt: one that leaves none has nothing to teach.
            weights.append(ones * one.weight / len(one.score))
    if not rows:
        raise ValueError("no row lies in the band of doubt")
    found = _logistic(np.concatenate(rows), np.concatenate(truth), np.concatenate(weights))
    first, second, offset = (round(certainty * float(each), _DIGITS) for each in found)
    return Blend(low, high, first, second, offset, most_broken, reads_passages)


def band(sources: Sequence[Heard], read_share: float = READ_SHARE) -> tuple[float, float]:
    """The scores that ask the encoder, so that it reads this share of a source's negatives."""
    enough = [one for one in sources if (~one.is_positive & one.is_read).sum() >= _LEAST_ROWS]
    negatives = [one.score[~one.is_positive & one.is_read] for one in enough]
    if not negatives:
        raise ValueError("no source has enough negatives to choose a band by")
    weights = np.concatenate(
        [np.full(len(n), one.weight / len(n)) for n, one in zip(negatives, enough, strict=True)]
    )
    scores = np.concatenate(negatives)
    order = np.argsort(-scores)
    spent = np.cumsum(weights[order]) / weights.sum()
    low = scores[order][int(np.searchsorted(spent, read_share))]
    return round(float(low), 4), 1.0


def _logistic(rows: Numbers, truth: NDArray[np.bool_], weights: Numbers) -> Numbers:
    """Weighted logistic regression by Newton's method; the first two weights are never negative."""
    weights = weights / weights.mean()
    free = np.array([True, True, True])
    found = np.array([0.5, 0.5, 0.0])
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(rows @ found, -30, 30)))
        slope = rows.T @ (weights * (chance - truth)) + _PENALTY * found
        curve = (rows.T * (weights * chance * (1 - chance))) @ rows + _PENALTY * np.eye(3)
        step = np.zeros(3)
        step[free] = np.linalg.solve(curve[np.ix_(free, free)], slope[free])
        found = found - np.clip(step, -_MOST_STEP, _MOST_STEP)
        for place in (0, 1):
            if found[place] < 0:  # a stage that ranks backwards is not mended by turning it round
                found[place], free[place] = 0.0, False
        if np.abs(step).max() < _SETTLED:
            break
    return found
