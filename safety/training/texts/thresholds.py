"""Where a text model's threshold stands: what wrong flags cost, and how many there may be."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from safety.training import quality

# Fewer negatives than this say nothing about one false positive in two hundred.
LEAST_NEGATIVES = 200
MOST_THRESHOLD = 0.995
# No source may have more than so many times the share that is allowed of all together.
MOST_OF_ONE = 3


def threshold(
    cost_threshold: float,
    share: float,
    negatives: Sequence[NDArray[np.float64]],
    most_of_one: int = MOST_OF_ONE,
) -> float:
    """Where the costs put it, or higher if too many negatives would be flagged.

    The allowed share holds for all sources together, each counted alike, and no source may have
    more than `most_of_one` times that share. Sources with few negatives have no say.
    """
    enough = [scores for scores in negatives if len(scores) >= LEAST_NEGATIVES]
    found = [cost_threshold, _pooled(enough, share)]
    found += [quality.threshold_at_fpr(scores, most_of_one * share) for scores in enough]
    return round(float(min(MOST_THRESHOLD, max(found))), 4)


def _pooled(negatives: Sequence[NDArray[np.float64]], share: float) -> float:
    """The threshold at which this share is flagged when every source counts alike."""
    if not negatives:
        return 0.0
    scores = np.concatenate(negatives)
    weights = np.concatenate([np.full(len(one), 1 / len(one)) for one in negatives])
    order = np.argsort(-scores, kind="stable")
    flagged = np.cumsum(weights[order]) <= share * len(negatives)
    allowed = min(int(flagged.sum()), len(order) - 1)
    return float(np.nextafter(scores[order[allowed]], np.inf))
