"""How good scores are: ranking, recall at a false positive rate, calibration. Plain numpy.

`labels` are true or 1 where the model should say yes; `scores` grow with suspicion. Every function
takes lists or arrays of equal length and leaves them as they are.
"""

from collections.abc import Mapping, Sequence
from math import exp
from typing import NamedTuple, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

HOLDOUT_BINS = 200
REFERENCE_BINS = 20
_RELIABILITY_BINS = 10
_PLATT_ROUNDS = 100
_SETTLED = 1e-10
_LEAST_CURVATURE = 1e-12


class Bin(TypedDict):
    """Rows whose score fell into one bin: what was said of them, and what was true."""

    mean_score: float
    share_positive: float
    rows: int


class Confusion(TypedDict):
    """How rows fell at one threshold."""

    caught: int
    missed: int
    flagged_wrongly: int
    left_alone: int


class Point(NamedTuple):
    """Precision and recall of everything that scores at least `threshold`."""

    recall: float
    precision: float
    threshold: float


def auc(labels: ArrayLike, scores: ArrayLike) -> float | None:
    """The chance that a positive scores above a negative, or None if one of them is lacking."""
    truth, given = _arrays(labels, scores)
    positive, negative = int(truth.sum()), int((~truth).sum())
    if not positive or not negative:
        return None
    _, places, counts = np.unique(given, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return float((ranks[truth].sum() - positive * (positive + 1) / 2) / (positive * negative))


def threshold_at_fpr(negatives: ArrayLike, share: float) -> float:
    """The lowest threshold that at most this share of the negatives' scores reach."""
    scores: NDArray[np.float64] = np.sort(np.asarray(negatives, dtype=float))[::-1]
    allowed = int(share * len(scores))
    if allowed >= len(scores):
        return float(scores[-1]) if len(scores) else 1.0
    return float(np.nextafter(scores[allowed], np.inf))


def recall_at_fpr(labels: ArrayLike, scores: ArrayLike, share: float) -> float | None:
    """The share of positives caught when at most `share` of the negatives are flagged."""
    truth, given = _arrays(labels, scores)
    if not truth.any() or truth.all():
        return None
    return float((given[truth] >= threshold_at_fpr(given[~truth], share)).mean())


def flagged(scores: ArrayLike, threshold: float) -> float | None:
    """The share of scores that reach the threshold, or None of none."""
    given = np.asarray(scores, dtype=float)
    return float((given >= threshold).mean()) if len(given) else None


def confusion(labels: ArrayLike, scores: ArrayLike, threshold: float) -> Confusion:
    """The four counts at a threshold."""
    truth, given = _arrays(labels, scores)
    said = given >= threshold
    return Confusion(
        caught=int((said & truth).sum()),
        missed=int((~said & truth).sum()),
        flagged_wrongly=int((said & ~truth).sum()),
        left_alone=int((~said & ~truth).sum()),
    )


def macro_f1(labels: ArrayLike, scores: ArrayLike, threshold: float) -> float:
    """The mean of the F1 of yes and of no, when everything from the threshold on is a yes."""
    found = confusion(labels, scores, threshold)
    wrong = found["missed"] + found["flagged_wrongly"]
    right = (found["caught"], found["left_alone"])
    both = [2 * each / max(1, 2 * each + wrong) for each in right]
    return sum(both) / len(both)


def precision_recall(labels: ArrayLike, scores: ArrayLike) -> list[Point]:
    """The curve from the highest score to the lowest, one point per distinct score."""
    truth, given = _arrays(labels, scores)
    if not truth.any():
        return []
    order = np.argsort(-given, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(given[order]) != 0, True))
    caught = np.cumsum(truth[order])[ends]
    return [
        Point(float(hits / truth.sum()), float(hits / (end + 1)), float(given[order[end]]))
        for hits, end in zip(caught, ends, strict=True)
    ]


def average_precision(labels: ArrayLike, scores: ArrayLike) -> float | None:
    """The area under the curve of precision and recall, or None without positives."""
    curve = precision_recall(labels, scores)
    before = [0.0, *(point.recall for point in curve[:-1])]
    return (
        sum((p.recall - b) * p.precision for p, b in zip(curve, before, strict=True))
        if curve
        else None
    )


def reliability(
    labels: ArrayLike,
    scores: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    bins: int = _RELIABILITY_BINS,
) -> list[Bin]:
    """What was said and what was true, in bins of equal width; empty bins are left out."""
    truth, given = _arrays(labels, scores)
    weight = _weights(weights, len(given))
    places = _places(given, bins)
    found: list[Bin] = []
    for place in range(bins):
        inside = places == place
        if weight[inside].sum() > 0:
            said = float(np.average(given[inside], weights=weight[inside]))
            true = float(np.average(truth[inside], weights=weight[inside]))
            found.append(Bin(mean_score=said, share_positive=true, rows=int(inside.sum())))
    return found


def expected_calibration_error(
    labels: ArrayLike,
    scores: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    bins: int = _RELIABILITY_BINS,
) -> float:
    """The mean gap between what was said and what was true, every bin by its weight."""
    _, given = _arrays(labels, scores)
    weight = _weights(weights, len(given))
    places = _places(given, bins)
    shares = [weight[places == place].sum() / weight.sum() for place in range(bins)]
    found = reliability(labels, scores, weights, bins=bins)
    gaps = [abs(one["mean_score"] - one["share_positive"]) for one in found]
    return float(np.dot([share for share in shares if share > 0], gaps)) if gaps else 0.0


def platt(
    labels: ArrayLike, raw: ArrayLike, weights: ArrayLike | None = None
) -> tuple[float, float]:
    """Slope and offset that turn raw sums into calibrated log-odds (Platt, with his smoothing).

    The slope is never negative: a model that ranks backwards is not mended by calibration.
    """
    truth, given = _arrays(labels, raw)
    weight = _weights(weights, len(given))
    positive, negative = weight[truth].sum(), weight[~truth].sum()
    aim = np.where(truth, (positive + 1) / (positive + 2), 1 / (negative + 2))
    middle, spread = float(np.average(given, weights=weight)), float(given.std()) or 1.0
    rows = np.stack([(given - middle) / spread, np.ones_like(given)])
    found = np.array([1.0, 0.0])
    loss = _log_loss(found @ rows, aim, weight)
    for _ in range(_PLATT_ROUNDS):
        said = 1 / (1 + np.exp(-np.clip(found @ rows, -30, 30)))
        slope = rows @ (weight * (said - aim))
        curvature = (rows * (weight * said * (1 - said))) @ rows.T + _LEAST_CURVATURE * np.eye(2)
        step = np.linalg.solve(curvature, slope)
        # Newton's step, shortened until it helps: the whole one may jump past the minimum.
        following = _log_loss((found - step) @ rows, aim, weight)
        while following >= loss and np.abs(step).max() > _SETTLED:
            step = step / 2
            following = _log_loss((found - step) @ rows, aim, weight)
        if following >= loss:
            break
        found, loss = found - step, following
    found_slope = max(0.0, float(found[0]) / spread)
    return found_slope, float(found[1]) - found_slope * middle


def _log_loss(
    log_odds: NDArray[np.float64], aim: NDArray[np.float64], weight: NDArray[np.float64]
) -> float:
    return float((weight * (np.logaddexp(0.0, log_odds) - aim * log_odds)).sum())


def sigmoid(log_odds: float) -> float:
    """Log-odds as a probability that is never quite 0 or 1."""
    return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, log_odds))))


def holdout(slices: Mapping[str, tuple[ArrayLike, ArrayLike]]) -> dict[str, object]:
    """The card's `holdout`: per slice, histograms of the scores of positives and of negatives.

    `slices` maps `all`, `source:<name>` and `lang:<code>` to (labels, calibrated scores) of rows
    that were never trained on.
    """
    found = {}
    for name, (labels, scores) in slices.items():
        truth, given = _arrays(labels, scores)
        places = _places(given, HOLDOUT_BINS)
        found[name] = {
            "positive": np.bincount(places[truth], minlength=HOLDOUT_BINS).tolist(),
            "negative": np.bincount(places[~truth], minlength=HOLDOUT_BINS).tolist(),
        }
    return {"bins": HOLDOUT_BINS, "slices": found}


def reference(scores: ArrayLike, features: Mapping[str, ArrayLike]) -> dict[str, object]:
    """The card's `reference`: how scores and a few inputs were spread, to notice drift later.

    `features` maps a feature's name to its values; missing ones are NaN and are left out.
    """
    given = np.asarray(scores, dtype=float)
    counts = np.bincount(_places(given, REFERENCE_BINS), minlength=REFERENCE_BINS)
    return {
        "scores": _shares(counts),
        "features": {name: _spread(values) for name, values in features.items()},
    }


def _spread(values: ArrayLike) -> dict[str, list[float]]:
    """Edges at the tenths of the values, and the share between each two; few values, few edges."""
    known = np.asarray(values, dtype=float)
    known = known[~np.isnan(known)]
    if not len(known):
        return {"edges": [], "shares": []}
    edges = np.unique(np.quantile(known, np.linspace(0, 1, 11)[1:-1]))
    places = np.searchsorted(edges, known, side="right")
    shares = _shares(np.bincount(places, minlength=len(edges) + 1))
    return {"edges": [float(f"{edge:.6g}") for edge in edges], "shares": shares}


def _shares(counts: NDArray[np.int64]) -> list[float]:
    return [round(float(count), 6) for count in counts / max(1, counts.sum())]


def _arrays(labels: ArrayLike, scores: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    return np.asarray(labels, dtype=bool), np.asarray(scores, dtype=float)


def _weights(weights: ArrayLike | None, rows: int) -> NDArray[np.float64]:
    return np.ones(rows) if weights is None else np.asarray(weights, dtype=float)


def _places(scores: NDArray[np.float64], bins: int) -> NDArray[np.int64]:
    return np.clip((scores * bins).astype(np.int64), 0, bins - 1)


def mean(values: Sequence[float | None]) -> float | None:
    """The mean of the values that are known."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
