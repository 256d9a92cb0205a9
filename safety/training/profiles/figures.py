"""The figures of an account model's card: by source, by left-out kind of fake, under attack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from safety.classifiers.account import AccountModel
from safety.domain.features import Values
from safety.training import quality
from safety.training.profiles.attacks import ATTACKS

# The working point that every figure is given at, and the prevalence that precision is stated for.
FALSE_POSITIVE_SHARE: Final = 0.01
RARE: Final = 0.01
_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Scored:
    """Accounts that no training has seen, with their calibrated scores."""

    name: str
    values: Sequence[Values]
    is_fake: NDArray[np.bool_]
    scores: NDArray[np.float64]

    @classmethod
    def of(
        cls, model: AccountModel, name: str, values: Sequence[Values], is_fake: Sequence[bool]
    ) -> "Scored":
        """Score accounts; one with too little to judge scores 0: it is never flagged."""
        return cls(name, values, np.array(is_fake, dtype=bool), scores(model, values))


def scores(model: AccountModel, values: Sequence[Values]) -> NDArray[np.float64]:
    """The served score of each account."""
    return np.array([model.score(each) or 0.0 for each in values])


def source_figures(found: Scored, threshold: float, rows_are: str) -> dict[str, Any]:
    """One line of the card's table of figures."""
    fakes, people = found.scores[found.is_fake], found.scores[~found.is_fake]
    recall = quality.recall_at_fpr(found.is_fake, found.scores, FALSE_POSITIVE_SHARE)
    return rounded(
        {
            "source": found.name,
            "rows_are": rows_are,
            "rows": len(found.scores),
            "fakes": int(found.is_fake.sum()),
            "auc": quality.auc(found.is_fake, found.scores),
            "recall_at_fpr_0.01": recall,
            "precision_at_fpr_0.01_if_1_in_100": precision(recall),
            "recall_at_threshold": quality.flagged(fakes, threshold),
            "false_positives_at_threshold": quality.flagged(people, threshold),
        }
    )


def precision(recall: float | None) -> float | None:
    """Precision at the working point, where one account in a hundred is fake."""
    if recall is None:
        return None
    caught, wrong = recall * RARE, FALSE_POSITIVE_SHARE * (1 - RARE)
    return caught / (caught + wrong)


def evasion_figures(
    model: AccountModel, fakes: Sequence[Values], threshold: float
) -> dict[str, Any]:
    """Recall at the threshold once fakes are dressed up, as a share of their recall as they are."""
    plain = quality.flagged(scores(model, fakes), threshold) or 0.0
    kept = {}
    for name, attack in ATTACKS.items():
        caught = quality.flagged(scores(model, [attack(dict(v)) for v in fakes]), threshold) or 0.0
        kept[name] = caught / plain if plain else 0.0
    return {"recall_plain": round(plain, _DIGITS), "recall_kept": rounded(kept)}


def regime_figures(
    regimes: Sequence[str], scored: NDArray[np.float64], people: NDArray[np.float64]
) -> dict[str, float]:
    """Recall at the working point for each kind of fake, by name."""
    cut = quality.threshold_at_fpr(people, FALSE_POSITIVE_SHARE)
    kinds = np.array(regimes)
    return rounded(
        {str(kind): float((scored[kinds == kind] >= cut).mean()) for kind in np.unique(kinds)}
    )


def rounded(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The same with fractions cut to four digits."""
    return {k: round(v, _DIGITS) if isinstance(v, float) else v for k, v in figures.items()}
