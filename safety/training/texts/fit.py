"""Fits the linear model and its calibration. The only place that needs scikit-learn."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safety.classifiers.linear_text import Weights
from safety.classifiers.shape import NAMES
from safety.training import quality
from safety.training.texts.corpus import FOLDS, Examples

BITS = 18
_INVERSE_PENALTY = 1.0
_MAX_ROUNDS = 300
_TOLERANCE = 1e-3
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
    model = fit([part for name, part in parts.items() if name not in names])
    return {name: _judged(model, parts[name]) for name in names if name in parts}


def by_folds(parts: Mapping[str, Part], names: Sequence[str]) -> dict[str, Judged]:
    """Fit on everything but one fold of these sources at a time, and judge that fold."""
    others = [part for name, part in parts.items() if name not in names]
    raw = {name: np.zeros(len(parts[name].examples.texts)) for name in names}
    for fold in range(FOLDS):
        model = fit([*others, *(_but(parts[name], fold) for name in names)])
        for name in names:
            inside = np.flatnonzero(parts[name].examples.fold == fold)
            if len(inside):
                raw[name][inside] = model.decision_function(parts[name].rows[inside])
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


def _judged(model: Any, part: Part) -> Judged:
    own = np.flatnonzero(~part.examples.is_copy)
    return judged_as(part, model.decision_function(part.rows[own]))


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
    return Weights(hashed, numbers[-len(NAMES) :], float(model.intercept_[0]), slope, offset)
