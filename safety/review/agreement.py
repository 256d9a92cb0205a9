"""Agreement between people who answered the same question without knowing of each other.

Cohen, J. (1960), A coefficient of agreement for nominal scales; its standard error after Fleiss,
Cohen and Everitt (1969) in the simple form that needs only the two shares.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

_Z95 = 1.959964


@dataclass(slots=True)
class Pairs:
    """How often two answers, each yes or no, met: counted, not kept."""

    both: int = 0
    first: int = 0
    second: int = 0
    neither: int = 0

    def add(self, first: bool, second: bool) -> None:
        """Count one pair."""
        if first and second:
            self.both += 1
        elif first:
            self.first += 1
        elif second:
            self.second += 1
        else:
            self.neither += 1

    @property
    def total(self) -> int:
        """How many pairs there are."""
        return self.both + self.first + self.second + self.neither

    @property
    def agreed(self) -> float:
        """The share of pairs that are alike; 0 without any."""
        return (self.both + self.neither) / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Kappa:
    """Agreement beyond what chance brings: 1 is perfect, 0 is chance, below 0 is worse.

    `value` is None where it says nothing: without pairs, or where all answers are the same.
    `low` and `high` bound it with 95 % confidence.
    """

    pairs: int
    agreed: float
    value: float | None
    low: float | None = None
    high: float | None = None

    @property
    def in_words(self) -> str:
        """How such a value is commonly read (Landis and Koch, 1977)."""
        if self.value is None:
            return "cannot be told"
        for least, word in (
            (0.81, "almost perfect"),
            (0.61, "substantial"),
            (0.41, "moderate"),
            (0.21, "fair"),
            (0.0, "slight"),
        ):
            if self.value >= least:
                return word
        return "worse than chance"


def kappa(pairs: Pairs) -> Kappa:
    """Cohen's kappa of two answers that are each yes or no."""
    total = pairs.total
    if not total:
        return Kappa(0, 0.0, None)
    one, other = (pairs.both + pairs.first) / total, (pairs.both + pairs.second) / total
    chance = one * other + (1 - one) * (1 - other)
    observed = pairs.agreed
    if chance >= 1.0:
        return Kappa(total, observed, None)
    value = (observed - chance) / (1 - chance)
    error = sqrt(observed * (1 - observed) / total) / (1 - chance)
    low, high = max(-1.0, value - _Z95 * error), min(1.0, value + _Z95 * error)
    return Kappa(total, observed, value, low, high)


def kappas(looks: Iterable[tuple[str, bool, bool]]) -> dict[str, Kappa]:
    """Kappa by key of `(key, first answer, second answer)`, keys in order."""
    counted: dict[str, Pairs] = {}
    for key, first, second in looks:
        counted.setdefault(key, Pairs()).add(first, second)
    return {key: kappa(counted[key]) for key in sorted(counted)}
