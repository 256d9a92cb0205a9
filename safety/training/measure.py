"""How good scores are: ranking, recall at a false positive rate, calibration. Plain numpy."""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

_BINS = 10


class Bin(TypedDict):
    """Texts whose score fell into one tenth: how many, what was said, what was true."""

    texts: int
    said: float
    true: float


def auc(labels: ArrayLike, scores: ArrayLike) -> float | None:
    """The chance that a positive scores above a negative, or None if one of them is lacking."""
    truth, given = np.asarray(labels, dtype=bool), np.asarray(scores, dtype=float)
    positive, negative = int(truth.sum()), int((~truth).sum())
    if not positive or not negative:
        return None
    _, places, counts = np.unique(given, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return float((ranks[truth].sum() - positive * (positive + 1) / 2) / (positive * negative))


def threshold_at(negatives: ArrayLike, share: float) -> float:
    """The lowest threshold that at most this share of the negatives' scores reach."""
    scores: NDArray[np.float64] = np.sort(np.asarray(negatives, dtype=float))[::-1]
    allowed = int(share * len(scores))
    return float(np.nextafter(scores[allowed], np.inf)) if len(scores) else 1.0


def recall_at(labels: ArrayLike, scores: ArrayLike, share: float) -> float | None:
    """The share of positives caught when at most `share` of the negatives are flagged."""
    truth, given = np.asarray(labels, dtype=bool), np.asarray(scores, dtype=float)
    if not truth.any() or truth.all():
        return None
    return float((given[truth] >= threshold_at(given[~truth], share)).mean())


def flagged(scores: ArrayLike, threshold: float) -> float | None:
    """The share of scores that reach the threshold, or None of none."""
    given = np.asarray(scores, dtype=float)
    return float((given >= threshold).mean()) if len(given) else None


def reliability(labels: ArrayLike, scores: ArrayLike, weights: ArrayLike) -> list[Bin]:
    """What was said and what was true, in ten bins of score."""
    truth = np.asarray(labels, dtype=float)
    given, weight = np.asarray(scores, dtype=float), np.asarray(weights, dtype=float)
    places = np.minimum((given * _BINS).astype(int), _BINS - 1)
    bins: list[Bin] = []
    for place in range(_BINS):
        inside = places == place
        if weight[inside].sum() > 0:
            said = float(np.average(given[inside], weights=weight[inside]))
            true = float(np.average(truth[inside], weights=weight[inside]))
            bins.append(Bin(texts=int(inside.sum()), said=said, true=true))
    return bins


def calibration_error(labels: ArrayLike, scores: ArrayLike, weights: ArrayLike) -> float:
    """Expected calibration error: the mean gap between said and true, by weight of each bin."""
    given, weight = np.asarray(scores, dtype=float), np.asarray(weights, dtype=float)
    places = np.minimum((given * _BINS).astype(int), _BINS - 1)
    shares = [weight[places == p].sum() / weight.sum() for p in range(_BINS)]
    gaps = [abs(b["said"] - b["true"]) for b in reliability(labels, scores, weights)]
    return float(np.dot([share for share in shares if share > 0], gaps))


def mean(values: Sequence[float | None]) -> float | None:
    """The mean of the values that are known."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
