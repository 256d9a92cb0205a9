"""Fits the two opinions of an account model: monotone curves, and the shape of a broadcaster."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from safety.classifiers.account import AccountWeights, broadcasting
from safety.classifiers.account_measures import measures
from safety.domain.features import Values
from safety.training import quality
from safety.training.profiles.curves import Matrix, curves_of, pieces_of

# The share of fakes that probabilities are stated for; a site's own share differs and is fitted.
PREVALENCE: Final = 0.1
_PENALTY: Final = 0.1  # of squared weights, against a mean loss of one
_NOBODY: Final = (0.0, -30.0)
_PLAIN: Final = 0.5  # from here on an account is taken for a broadcaster

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Part:
    """The accounts of one source: measures (rows by NAMES) and whether each is fake.

    `share` is what the source counts, against the others. Ranking is learned inside each source:
    how many fakes one has says nothing about another.
    """

    measured: Matrix
    is_fake: Flags
    share: float = 1.0

    @classmethod
    def of(cls, values: Sequence[Values], is_fake: Sequence[bool], share: float = 1.0) -> "Part":
        """A part from features."""
        rows = np.array([measures(each) for each in values]).reshape(len(values), -1)
        return cls(rows, np.array(is_fake, dtype=bool), share)

    def broadcasting(self) -> Matrix:
        """How much each account only broadcasts; NaN where that is unknown."""
        return np.array([broadcasting(row) for row in self.measured.tolist()])


def fit(parts: Sequence[Part]) -> AccountWeights:
    """Weights whose probabilities are not calibrated yet (see `calibrated`)."""
    shapes = [part.broadcasting() for part in parts]
    # A broadcaster teaches its own shape only: it would bend curves that are right for followers.
    apart = [p.is_fake & (shape > _PLAIN) for p, shape in zip(parts, shapes, strict=True)]
    rows = [pieces_of(part.measured) for part in parts]
    weights = _monotone(rows, parts, apart)
    truth = np.concatenate([part.is_fake for part in parts])
    other = np.concatenate(apart)
    raw = np.concatenate([each @ weights for each in rows])
    weight = np.concatenate([balance(part.is_fake) * part.share for part in parts])
    slope, bias = quality.platt(truth[~other], raw[~other], weight[~other])
    shape = np.concatenate(shapes)
    seen = ~np.isnan(shape) & (other | ~truth)
    # Where nobody is one, or the counters that show it are not sent, the shape says nothing.
    rare = quality.platt(other[seen], shape[seen], weight[seen]) if any(other[seen]) else _NOBODY
    return AccountWeights(
        curves=curves_of((slope * weights).tolist()),
        bias=round(bias, 6),
        broadcaster=(round(rare[0], 6), round(rare[1], 6)),
        calibration=(1.0, 0.0),
    )


def calibrated(weights: AccountWeights, raw: Matrix, is_fake: Flags) -> AccountWeights:
    """The same weights with probabilities that are true of these rows at the stated prevalence."""
    slope, offset = quality.platt(is_fake, raw, balance(is_fake))
    return AccountWeights(
        weights.curves, weights.bias, weights.broadcaster, (round(slope, 6), round(offset, 6))
    )


def balance(is_fake: Flags) -> Matrix:
    """Weights by which fakes are as common as probabilities are stated for; a thousand in all."""
    fakes = max(1, int(is_fake.sum()))
    people = max(1, len(is_fake) - fakes)
    return 1_000 * np.where(is_fake, PREVALENCE / fakes, (1 - PREVALENCE) / people)


def _monotone(rows: Sequence[Matrix], parts: Sequence[Part], apart: Sequence[Flags]) -> Matrix:
    """Weights of at least 0 for each piece: logistic regression, each source with its own bias."""
    # Training alone needs scipy, which takes a moment to import.
    from scipy.optimize import minimize  # noqa: PLC0415

    kept = [~each for each in apart]
    table = np.concatenate([row[k] for row, k in zip(rows, kept, strict=True)])
    signs = np.concatenate(
        [np.where(part.is_fake[k], 1.0, -1.0) for part, k in zip(parts, kept, strict=True)]
    )
    source = np.repeat(np.arange(len(parts)), [int(k.sum()) for k in kept])
    weight = _even(signs, source, [part.share for part in parts])
    width, count = table.shape[1], len(parts)

    def loss(found: Matrix) -> tuple[float, Matrix]:
        margin = signs * (table @ found[:width] + found[width:][source])
        pull = -signs * weight / (1 + np.exp(np.clip(margin, -30, 30)))
        slopes = table.T @ pull + _PENALTY * found[:width]
        value = float((weight * np.logaddexp(0, -margin)).sum())
        value += _PENALTY / 2 * float((found[:width] ** 2).sum())
        return value, np.concatenate([slopes, np.bincount(source, pull, count)])

    bounds = [(0.0, None)] * width + [(None, None)] * count
    answer = minimize(loss, np.zeros(width + count), jac=True, method="L-BFGS-B", bounds=bounds)
    found: Matrix = answer.x[:width]
    return found


def _even(signs: Matrix, source: NDArray[np.int64], shares: Sequence[float]) -> Matrix:
    """Weights by which people and fakes of a source count alike, and all sources sum to one."""
    weight = np.zeros(len(signs))
    for place, share in enumerate(shares):
        for sign in (-1.0, 1.0):
            mine = (source == place) & (signs == sign)
            weight[mine] = share / (2 * max(1, int(mine.sum())))
    found: Matrix = weight / max(weight.sum(), 1e-12)
    return found
