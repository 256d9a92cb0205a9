"""Fits the linear model and its calibration. The only place that needs scikit-learn."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safety.classifiers.linear_text import Weights
from safety.classifiers.shape import NAMES
from safety.training.corpus import FOLDS, Examples

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


def fit(parts: Sequence[Part], *, without_fold: int | None = None) -> Any:
    """A fitted logistic regression over the parts, leaving out one fold if asked."""
    from scipy.sparse import vstack  # noqa: PLC0415 - training alone needs scipy
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - two seconds to import

    kept = [np.flatnonzero(part.examples.fold != without_fold) for part in parts]
    rows = vstack([part.rows[k] for part, k in zip(parts, kept, strict=True)]).tocsr()
    truth = np.concatenate([p.examples.is_spam[k] for p, k in zip(parts, kept, strict=True)])
    weight = np.concatenate([p.examples.weight[k] for p, k in zip(parts, kept, strict=True)])
    model = LogisticRegression(C=_INVERSE_PENALTY, max_iter=_MAX_ROUNDS, tol=_TOLERANCE)
    return model.fit(rows, truth, sample_weight=weight * (len(weight) / weight.sum()))


@dataclass(frozen=True, slots=True)
class CrossValidated:
    """Raw sums of every original row from a model that did not see it, by source."""

    raw: Mapping[str, NDArray[np.float64]]
    is_spam: Mapping[str, NDArray[np.bool_]]
    weight: Mapping[str, NDArray[np.float64]]


def cross_validated(parts: Mapping[str, Part]) -> Iterator[CrossValidated | None]:
    """Fit once per fold, yielding None after each; the last thing yielded is the result."""
    raw = {name: np.zeros(len(part.examples.texts)) for name, part in parts.items()}
    for fold in range(FOLDS):
        model = fit(list(parts.values()), without_fold=fold)
        for name, part in parts.items():
            inside = np.flatnonzero(part.examples.fold == fold)
            if len(inside):
                raw[name][inside] = model.decision_function(part.rows[inside])
        yield None
    originals = {name: ~part.examples.is_copy for name, part in parts.items()}
    yield CrossValidated(
        {name: raw[name][kept] for name, kept in originals.items()},
        {name: parts[name].examples.is_spam[kept] for name, kept in originals.items()},
        {name: parts[name].examples.weight[kept] for name, kept in originals.items()},
    )


def calibration(validated: CrossValidated) -> tuple[float, float]:
    """Slope and offset (Platt) that turn raw sums into log-odds, every source by its weight."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - two seconds to import

    raw = np.concatenate(list(validated.raw.values()))
    truth = np.concatenate(list(validated.is_spam.values()))
    weight = np.concatenate(list(validated.weight.values()))
    model = LogisticRegression(C=1e6).fit(
        raw.reshape(-1, 1), truth, sample_weight=weight * (len(weight) / weight.sum())
    )
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def weights_of(model: Any, slope: float, offset: float) -> Weights:
    """The fitted numbers as they are kept: weights near zero become zero."""
    numbers = np.asarray(model.coef_[0], dtype=np.float64)
    hashed = numbers[: -len(NAMES)].astype(np.float32)
    hashed[np.abs(hashed) < _LEAST_WEIGHT] = 0.0
    return Weights(hashed, numbers[-len(NAMES) :], float(model.intercept_[0]), slope, offset)
