"""A model of bots: a sum of curves over the habits that an actor's own times show."""

from collections.abc import Sequence
from functools import lru_cache
from math import exp
from pathlib import Path
from typing import Final

from safety.classifiers import curve_sum
from safety.classifiers.card import Card
from safety.classifiers.curve_sum import CurveSum
from safety.classifiers.model_files import ModelRefused, read_verified
from safety.domain.features import Values
from safety.domain.habits import OF_TIMES, PACKED, unpacked
from safety.domain.ports import Classifier, Contribution

BEHAVIOUR_FORMAT: Final = "behaviour-linear/1"

_KNOWN: Final = 2048
_MAX_CONTRIBUTIONS: Final = 12
_LEAST_CONTRIBUTION: Final = 0.05
_MOST_LOG_ODDS: Final = 30.0


class BehaviourModel:
    """Gives the probability that a program acts for an actor, from the times of its actions."""

    reads: Final = frozenset({PACKED})

    def __init__(self, name: str, version: str, weights: CurveSum) -> None:
        self._name = name
        self._version = version
        self._weights = weights
        # Habits change less often than actors act: the same text comes again and again.
        self._known = lru_cache(maxsize=_KNOWN)(self._score)

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    @property
    def version(self) -> str:
        """The version that its card gives."""
        return self._version

    def score(self, values: Values) -> float | None:
        """A calibrated probability, or None while too little is known of the actor."""
        text = values.get(PACKED)
        return self._known(text) if type(text) is str else None

    def _score(self, text: str) -> float | None:
        numbers = unpacked(text)
        return None if numbers is None else self.score_of(numbers)

    def score_of(self, numbers: Sequence[float]) -> float:
        """The probability for habits in the order of `OF_TIMES`."""
        return probability(self._weights.log_odds(numbers))

    def explain(self, values: Values) -> Sequence[Contribution]:
        """The habits that moved the score most, strongest first; none has a place in a text."""
        text = values.get(PACKED)
        numbers = unpacked(text) if type(text) is str else None
        return () if numbers is None else explained(self._weights, numbers)


def probability(log_odds: float) -> float:
    """The probability, however large the log-odds are."""
    return 1.0 / (1.0 + exp(-max(-_MOST_LOG_ODDS, min(_MOST_LOG_ODDS, log_odds))))


def explained(weights: CurveSum, numbers: Sequence[float]) -> Sequence[Contribution]:
    """The curves that moved the sum most, strongest first."""
    return [
        Contribution(0, 0, f"{habit} {number:.3g}", added)
        for added, habit, number in weights.parts(numbers)[:_MAX_CONTRIBUTIONS]
        if abs(added) >= _LEAST_CONTRIBUTION
    ]


def load(folder: Path, card: Card) -> Classifier:
    """The classifier that the card describes. Raises `ModelRefused`."""
    try:
        weights = curve_sum.parse(read_verified(folder, card), OF_TIMES)
    except ValueError as error:
        raise ModelRefused(str(error)) from error
    return BehaviourModel(card.name, card.version, weights)
