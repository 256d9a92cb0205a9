"""What a card says of rows that no training saw: precision, recall and cost at any threshold.

The card keeps two histograms of scores for each slice, so thresholds lie on edges of their bins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, sqrt
from typing import Any, Final, TypeGuard

ALL: Final = "all"
_MOST_BINS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Costs:
    """What one mistake of either kind costs, in any unit, and why it is taken to cost that."""

    false_positive: float
    false_negative: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """What happens at one threshold; None where the slice has no row of that kind.

    `precision` and `cost` (per 1,000 events) are for the prevalence that was asked for.
    """

    threshold: float
    recall: float | None
    false_positives: float | None
    precision: float | None
    cost: float | None


@dataclass(frozen=True, slots=True)
class Slice:
    """The histograms of one slice: how many positives and negatives scored in each bin."""

    name: str
    positive: tuple[int, ...]
    negative: tuple[int, ...]

    @property
    def positives(self) -> int:
        """How many rows a model should catch."""
        return sum(self.positive)

    @property
    def negatives(self) -> int:
        """How many rows a model should leave alone."""
        return sum(self.negative)

    @property
    def prevalence(self) -> float:
        """The share of positives among these rows."""
        return self.positives / max(1, self.positives + self.negatives)

    def at(self, threshold: float, prevalence: float, costs: Costs) -> AtThreshold:
        """What happens at this threshold, where a share of `prevalence` of events is positive."""
        place = first_bin(threshold, len(self.positive))
        recall = _share(self.positive, place)
        false = _share(self.negative, place)
        if recall is None or false is None:
            return AtThreshold(threshold, recall, false, None, None)
        caught, wrong = prevalence * recall, (1 - prevalence) * false
        missed = prevalence - caught
        cost = 1000 * (costs.false_positive * wrong + costs.false_negative * missed)
        precision = caught / (caught + wrong) if caught + wrong else None
        return AtThreshold(threshold, recall, false, precision, cost)

    def auc(self) -> float | None:
        """The chance that a positive scores above a negative; ties within a bin count half."""
        if not self.positives or not self.negatives:
            return None
        below, won = 0, 0.0
        for positive, negative in zip(self.positive, self.negative, strict=True):
            won += positive * (below + negative / 2)
            below += negative
        return won / (self.positives * self.negatives)

    def auc_error(self) -> float | None:
        """The standard error of `auc` (Hanley and McNeil, 1982)."""
        area = self.auc()
        if area is None:
            return None
        one, two = area / (2 - area), 2 * area * area / (1 + area)
        positive, negative = self.positives, self.negatives
        spread = area * (1 - area) + (positive - 1) * (one - area**2)
        return sqrt(max(0.0, spread + (negative - 1) * (two - area**2)) / (positive * negative))

    def recall_at(self, share: float) -> float | None:
        """The share caught where at most this share of the negatives is flagged."""
        if not self.positives or not self.negatives:
            return None
        allowed, flagged, caught = share * self.negatives, 0, 0
        for positive, negative in zip(
            reversed(self.positive), reversed(self.negative), strict=True
        ):
            if flagged + negative > allowed:
                break
            flagged, caught = flagged + negative, caught + positive
        return caught / self.positives

    def is_same_rows(self, other: "Slice") -> bool:
        """Whether both could be histograms of the same rows."""
        mine, theirs = (self.positives, self.negatives), (other.positives, other.negatives)
        return mine == theirs


def first_bin(threshold: float, bins: int) -> int:
    """The first bin whose every score reaches the threshold, as nearly as bins can say."""
    return min(bins, max(0, round(threshold * bins)))


def slices_of(card: Mapping[str, Any]) -> dict[str, Slice]:
    """The slices of a card's hold-out by name; none when the card has no usable one."""
    holdout = card.get("holdout")
    if not isinstance(holdout, dict) or not isinstance(holdout.get("slices"), dict):
        return {}
    found = {}
    for name, each in holdout["slices"].items():
        if isinstance(each, dict):
            positive, negative = _counts(each.get("positive")), _counts(each.get("negative"))
            if positive and len(positive) == len(negative):
                found[str(name)] = Slice(str(name), positive, negative)
    return found


def costs_of(card: Mapping[str, Any]) -> Costs:
    """What the card says that mistakes cost; equal where it says nothing."""
    costs = card.get("costs")
    if isinstance(costs, dict):
        wrong, missed = costs.get("false_positive"), costs.get("false_negative")
        if _is_price(wrong) and _is_price(missed):
            return Costs(float(wrong), float(missed), str(costs.get("why", "")))
    return Costs(1.0, 1.0)


def cheapest(one: Slice, prevalence: float, costs: Costs) -> AtThreshold:
    """The threshold, on an edge of the bins, that costs least; the highest of equals."""
    bins = len(one.positive)
    found = [one.at(place / bins, prevalence, costs) for place in range(1, bins)]
    return min(reversed(found), key=lambda at: float("inf") if at.cost is None else at.cost)


def _share(counts: Sequence[int], place: int) -> float | None:
    whole = sum(counts)
    return sum(counts[place:]) / whole if whole else None


def _counts(found: object) -> tuple[int, ...]:
    if not isinstance(found, list) or not 0 < len(found) <= _MOST_BINS:
        return ()
    if not all(type(each) is int and each >= 0 for each in found):
        return ()
    return tuple(found)


def _is_price(found: Any) -> TypeGuard[float]:
    return isinstance(found, int | float) and isfinite(found) and found >= 0
