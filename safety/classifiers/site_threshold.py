"""Where a site's threshold belongs: from its own scores, then from what its moderators decided.

Ranking carries over between platforms, the scale of scores does not: the same score may be passed
by one person in a thousand here and by one in twenty there. So a site starts with a budget of
reviews (`by_budget`) and is fitted to its own people once about 200 accounts are resolved
(`by_resolutions`); `to_review` says which ones teach most.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Below this many resolutions a fitted threshold would be a guess.
LEAST_RESOLUTIONS: Final = 80
# Later reviews look at ranks between half of the threshold's rank and twice it.
_AROUND: Final = 2.0
# Resolutions of either kind that every share is estimated with, besides those that there are
# (Jeffreys): without them the top of the ranking looks purer than it is, and too many are flagged.
_DOUBT: Final = 0.5

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SiteThreshold:
    """A threshold for one site.

    `flagged` is the share of its recent accounts that reach it; `false_positives` the share of its
    people who do, as estimated, or None from a budget alone; `resolutions` is what it rests on.
    """

    threshold: float
    flagged: float
    false_positives: float | None
    resolutions: int


def by_budget(scores: ArrayLike, share: float) -> SiteThreshold:
    """The threshold that at most this share of recent scores reaches: what people can look at.

    Raises `ValueError` without scores, or for a share that is not between 0 and 1.
    """
    given = _scores(scores)
    _refuse_share(share)
    allowed = int(share * len(given))
    ordered = np.sort(given)[::-1]
    cut = ordered[allowed] if allowed < len(ordered) else -np.inf
    threshold = float(np.clip(np.nextafter(cut, np.inf), 0.0, 1.0))
    return SiteThreshold(threshold, _flagged(given, threshold), None, 0)


def by_resolutions(
    scores: ArrayLike, resolved: ArrayLike, labels: ArrayLike, false_positives: float = 0.01
) -> SiteThreshold:
    """The threshold at which this share of the site's people would be flagged.

    `scores` are recent ones of all accounts; `resolved` and `labels` are the scores and answers
    (true for fake) of those that moderators looked at, however those were chosen by score. How
    likely an account of some score is fake is taken to rise with the score and nothing else.
    Raises `ValueError` for fewer than LEAST_RESOLUTIONS, when all answers are the same, or when no
    recent account looks like a person's.
    """
    given, known = _scores(scores), _scores(resolved)
    truth = np.asarray(labels, dtype=bool)
    _refuse_share(false_positives)
    if len(known) != len(truth):
        raise ValueError("there are as many labels as resolved scores")
    if len(known) < LEAST_RESOLUTIONS:
        raise ValueError(f"at least {LEAST_RESOLUTIONS} resolutions are needed")
    if truth.all() or not truth.any():
        raise ValueError("resolutions of both kinds are needed")
    ordered = np.sort(given)[::-1]
    person = 1.0 - np.interp(ordered, *_rising(known, truth))
    if person.sum() < 1.0:
        raise ValueError("no recent account looks like a person's")
    flagged_people = np.cumsum(person) / person.sum()
    # Equal scores are flagged together or not at all.
    ends = np.flatnonzero(np.append(np.diff(ordered) != 0, [True]))
    fitting = ends[flagged_people[ends] <= false_positives]
    if not len(fitting):
        return SiteThreshold(float(np.nextafter(ordered[0], np.inf)), 0.0, 0.0, len(known))
    last = int(fitting[-1])
    return SiteThreshold(
        float(ordered[last]), (last + 1) / len(given), float(flagged_people[last]), len(known)
    )


def to_review(
    scores: ArrayLike,
    count: int,
    reviewed: Collection[int] = (),
    labels: Sequence[bool] = (),
    false_positives: float = 0.01,
) -> list[int]:
    """Which accounts (places in `scores`) to look at next so that the threshold is known soonest.

    The first ones are spread over all ranks, densely at the top; once LEAST_RESOLUTIONS are
    `reviewed` (places, with `labels` in their order), the next ones lie around the threshold.
    """
    given = _scores(scores)
    order = np.argsort(-given, kind="stable")
    first, last = 1.0, float(len(order))
    try:
        found = by_resolutions(given, given[list(reviewed)], labels, false_positives)
        rank = max(1.0, found.flagged * len(order))
        first, last = max(1.0, rank / _AROUND), min(last, rank * _AROUND)
    except ValueError:
        pass  # too early to know where it lies: all ranks it is
    seen = set(reviewed)
    chosen: dict[int, None] = {}
    for ranks in (np.geomspace(first, last, max(2, 2 * count)), np.arange(1, len(order) + 1)):
        fresh = [int(order[int(rank) - 1]) for rank in ranks]
        chosen |= dict.fromkeys(place for place in fresh if place not in seen)
        if len(chosen) >= count:
            break
    every = list(chosen)
    step = max(1.0, len(every) / max(1, count))
    return [every[int(place * step)] for place in range(min(count, len(every)))]


def _rising(scores: _Floats, truth: NDArray[np.bool_]) -> tuple[_Floats, _Floats]:
    """Scores in order, and the share of fakes at each: the best fit that never falls."""
    order = np.argsort(scores, kind="stable")
    means: list[float] = []
    sizes: list[int] = []
    for label in truth[order].tolist():
        mean, size = float(label), 1
        while means and means[-1] >= mean:
            mean = (means[-1] * sizes[-1] + mean * size) / (sizes[-1] + size)
            size += sizes.pop()
            means.pop()
        means.append(mean)
        sizes.append(size)
    # Thirty fakes in a row do not prove that there is never a person among them.
    held = [(m * n + _DOUBT) / (n + 2 * _DOUBT) for m, n in zip(means, sizes, strict=True)]
    rising: _Floats = np.maximum.accumulate(np.repeat(held, sizes))
    return scores[order], rising


def _scores(given: ArrayLike) -> _Floats:
    scores = np.asarray(given, dtype=float)
    if not len(scores) or not np.isfinite(scores).all():
        raise ValueError("scores are needed, each a finite number")
    return scores


def _refuse_share(share: float) -> None:
    if not 0 < share < 1:
        raise ValueError("a share lies between 0 and 1")


def _flagged(scores: _Floats, threshold: float) -> float:
    return float((scores >= threshold).mean())
