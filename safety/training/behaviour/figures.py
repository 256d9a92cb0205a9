"""The figures of a bot model's card: by source and moment, by kind left out, under disguise."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from safety.training import quality
from safety.training.behaviour.rows import Rows

# The working point that every figure is given at, and the prevalence that precision is stated for.
FALSE_POSITIVE_SHARE: Final = 0.01
RARE: Final = 0.01
_DIGITS: Final = 4

Scores = NDArray[np.float64]


def source_figures(
    name: str, rows: Rows, scores: Scores, threshold: float, **told: Any
) -> dict[str, Any]:
    """One line of the card's table of figures."""
    bots, people = scores[rows.label == 1], scores[rows.label == 0]
    recall = quality.recall_at_fpr(rows.label, scores, FALSE_POSITIVE_SHARE)
    return rounded(
        {
            "source": name,
            **told,
            "rows": len(scores),
            "bots": len(bots),
            "auc": quality.auc(rows.label, scores),
            "recall_at_fpr_0.01": recall,
            "precision_at_fpr_0.01_if_1_in_100": precision(recall),
            "recall_at_threshold": quality.flagged(bots, threshold),
            "false_positives_at_threshold": quality.flagged(people, threshold),
        }
    )


def precision(recall: float | None) -> float | None:
    """Precision at the working point, where one account in a hundred is a bot's."""
    if recall is None:
        return None
    caught, wrong = recall * RARE, FALSE_POSITIVE_SHARE * (1 - RARE)
    return caught / (caught + wrong)


def recall_of(bots: Scores, people: Scores) -> float:
    """The share of bots above all but one in a hundred people."""
    cut = quality.threshold_at_fpr(people, FALSE_POSITIVE_SHARE)
    return float((bots >= cut).mean())


def rounded(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The same with fractions cut to four digits."""
    return {k: round(v, _DIGITS) if isinstance(v, float) else v for k, v in figures.items()}
