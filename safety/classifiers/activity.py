"""A model of programs by what they do where: a sum of curves over a summary of an account.

It is for platforms that keep such a summary, such as code hosting sites. No weights of it are
shipped, because no labelled rows may be: a site trains its own (docs/account-models.md).
"""

from collections.abc import Sequence
from math import inf, isfinite, log1p, nan
from pathlib import Path
from typing import Final

from safety.classifiers import curve_sum
from safety.classifiers.behaviour import explained, probability
from safety.classifiers.card import Card
from safety.classifiers.curve_sum import CurveSum
from safety.classifiers.model_files import ModelRefused, read_verified
from safety.domain.features import Value, Values
from safety.domain.ports import Classifier, Contribution

ACTIVITY_FORMAT: Final = "activity-linear/1"

# What an account lately did (some hundred actions), in numbers of 0 and more; times are in seconds.
# A place is whatever actions are about that others share: a repository, a group, a board.
MEASURES: Final = (
    "actions",
    "kinds",  # of action
    "places",
    "owners",  # of those places
    "gap_mean",  # between neighbouring actions
    "gap_median",
    "gap_spread",
    "actions_per_kind",  # median
    "kind_gini",  # how unevenly actions are spread over kinds, 0 to 1
    "place_gini",
    "kinds_per_place",  # mean
    "kinds_per_place_spread",
    "run",  # mean number of actions in one place before the next
    "stay",  # mean time of such a run
    "kind_switch_mean",  # time until the next action is of another kind
    "kind_switch_median",
    "place_switch_mean",
    "place_switch_median",
)
_PREFIX: Final = "attributes.activity_"
INPUTS: Final = tuple(f"{_PREFIX}{measure}" for measure in MEASURES)
# These must be known, and so many in all, or there is nothing to judge.
_NEEDED: Final = (MEASURES.index("actions"), MEASURES.index("kinds"))
_LEAST_KNOWN: Final = 6
_LARGEST: Final = 1e12


class ActivityModel:
    """Gives the probability that a program acts for an account, from a summary of what it does."""

    reads: Final = frozenset(INPUTS)

    def __init__(self, name: str, version: str, weights: CurveSum) -> None:
        self._name = name
        self._version = version
        self._weights = weights

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    @property
    def version(self) -> str:
        """The version that its card gives."""
        return self._version

    def score(self, values: Values) -> float | None:
        """A calibrated probability, or None when too little is known."""
        numbers = numbers_of(values)
        return None if numbers is None else probability(self._weights.log_odds(numbers))

    def explain(self, values: Values) -> Sequence[Contribution]:
        """The measures that moved the score most, strongest first; none has a place in a text."""
        numbers = numbers_of(values)
        return () if numbers is None else explained(self._weights, numbers)


def numbers_of(values: Values) -> list[float] | None:
    """The measures on a log scale in the order of MEASURES, NaN where unknown; None: too few."""
    found = [_number(values.get(name)) for name in INPUTS]
    if any(found[place] != found[place] for place in _NEEDED):
        return None
    return found if sum(map(isfinite, found)) >= _LEAST_KNOWN else None


def load(folder: Path, card: Card) -> Classifier:
    """The classifier that the card describes. Raises `ModelRefused`."""
    try:
        weights = curve_sum.parse(read_verified(folder, card), MEASURES)
    except ValueError as error:
        raise ModelRefused(str(error)) from error
    return ActivityModel(card.name, card.version, weights)


def _number(value: Value | None) -> float:
    # Compared before it is converted: an integer may be too large for a float.
    if isinstance(value, int | float) and 0 <= value < inf:
        return log1p(min(value, _LARGEST))
    return nan
