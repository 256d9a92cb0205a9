"""Fits the linear model and its calibration. The only place that needs scikit-learn."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safety.classifiers.linear_text import LinearText, Weights
from safety.classifiers.shape import NAMES
from safety.training import quality
from safety.training.texts.corpus import FOLDS, Examples

BITS = 18
_INVERSE_PENALTY = 1.0
_MAX_ROUNDS = 300
_TOLERANCE = 1e-3
# How far a passage that looks worse than its text moves the text, and what it pays each time that
# the number of passages it was chosen among grows e-fold. On sources that were left out, more of
# the first or less of the second flags more long genuine texts; the other way, padding hides more.
HEED, TOLL = 0.8, 0.6
# Weights this close to zero move no score by a visible amount and only fill the file.
_LEAST_WEIGHT = 0.002


@dataclass(frozen=True, slots=True)
class Part:
    """One source as matrix rows."""

    rows: Any
    examples: Examples


@contextmanager
def one_thread() -> Iterator[None]:
    """Sums in one order, so that the same data gives the same bytes."""
    # It comes with scikit-learn and has no type stubs.
    import threadpoolctl  # type: ignore[import-untyped]  # noqa: PLC0415

    with threadpoolctl.threadpool_limits(limits=1):
        yield


def fit(parts: Sequence[Part]) -> Any:
    """A fitted logistic regression over the parts."""
    from scipy.sparse import vstack  # noqa: PLC0415 - training alone needs scipy
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - two seconds to import

    rows = vstack([part.rows for part in parts]).tocsr()
    truth = np.concatenate([part.examples.is_positive for part in parts])
    weight = np.concatenate([part.examples.weight for part in parts])
    model = LogisticRegression(C=_INVERSE_PENALTY, max_iter=_MAX_ROUNDS, tol=_TOLERANCE)
    return model.fit(rows, truth, sample_weight=weight * (len(weight) / weight.sum()))


@dataclass(frozen=True, slots=True)
class Judged:
    """The original rows of one source as a model that never saw the source ranks them."""

    raw: NDArray[np.float64]
    is_positive: NDArray[np.bool_]
    weight: NDArray[np.float64]


def without(parts: Mapping[str, Part], names: Sequence[str]) -> dict[str, Judged]:
    """Fit on everything but these sources and judge them."""
    served = _served(fit([part for name, part in parts.items() if name not in names]))
    return {name: _judged(served, parts[name]) for name in names if name in parts}


def by_folds(parts: Mapping[str, Part], names: Sequence[str]) -> dict[str, Judged]:
    """Fit on everything but one fold of these sources at a time, and judge that fold."""
    others = [part for name, part in parts.items() if name not in names]
    raw = {name: np.zeros(len(parts[name].examples.texts)) for name in names}
    for fold in range(FOLDS):
        served = _served(fit([*others, *(_but(parts[name], fold) for name in names)]))
        for name in names:
            examples = parts[name].examples
            inside = np.flatnonzero((examples.fold == fold) & ~examples.is_copy)
            raw[name][inside] = _raw(served, examples, inside)
    return {
        name: judged_as(parts[name], raw[name][~parts[name].examples.is_copy]) for name in names
    }


def _but(part: Part, fold: int) -> Part:
    """A source without one of its folds, with the weight it had."""
    kept = np.flatnonzero(part.examples.fold != fold)
    examples = part.examples
    weight = examples.weight[kept]
    whole, left = examples.weight.sum(), weight.sum()
    return Part(
        part.rows[kept],
        replace(
            examples,
            texts=[examples.texts[int(place)] for place in kept],
            is_positive=examples.is_positive[kept],
            is_copy=examples.is_copy[kept],
            fold=examples.fold[kept],
            weight=weight * (whole / left) if left else weight,
        ),
    )


def _judged(served: LinearText, part: Part) -> Judged:
    own = np.flatnonzero(~part.examples.is_copy)
    return judged_as(part, _raw(served, part.examples, own))


def _served(model: Any) -> LinearText:
    """The fitted model as it is served: passages are read by serving alone."""
    return LinearText("", "", weights_of(model, 1.0, 0.0))


def _raw(served: LinearText, examples: Examples, places: NDArray[np.int64]) -> NDArray[np.float64]:
    """The sums of some of the texts; a text without words has none of its own."""
    found = [served.raw(examples.texts[int(place)]) for place in places]
    return np.array([served.bias if raw is None else raw for raw in found], dtype=np.float64)


def judged_as(part: Part, raw: NDArray[np.float64]) -> Judged:
    """The original rows of a source with these raw scores."""
    own = ~part.examples.is_copy
    return Judged(raw, part.examples.is_positive[own], part.examples.weight[own])


def calibration(judged: Mapping[str, Judged]) -> tuple[float, float]:
    """Slope and offset that turn raw sums into log-odds, every source by its weight."""
    raw = np.concatenate([one.raw for one in judged.values()])
    truth = np.concatenate([one.is_positive for one in judged.values()])
    weight = np.concatenate([one.weight for one in judged.values()])
    return quality.platt(truth, raw, weight * (len(weight) / weight.sum()))


def weights_of(model: Any, slope: float, offset: float) -> Weights:
    """The fitted numbers as they are kept: weights near zero become zero."""
    numbers = np.asarray(model.coef_[0], dtype=np.float64)
    hashed = numbers[: -len(NAMES)].astype(np.float32)
    hashed[np.abs(hashed) < _LEAST_WEIGHT] = 0.0
    bias = float(model.intercept_[0])
    return Weights(hashed, numbers[-len(NAMES) :], bias, slope, offset, HEED, TOLL)
