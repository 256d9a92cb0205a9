"""A threshold and what follows from it on a card's hold-out: figures, curve and calibration."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from safety.classifiers.card import Card
from safety.classifiers.holdout import ALL, AtThreshold, Slice, cheapest, costs_of, slices_of
from safety.training.curves import CurveChart, curve_chart
from safety.training.desk_evidence import Calibration


@dataclass(frozen=True, slots=True)
class SliceRow:
    """A slice of the hold-out at the chosen threshold."""

    name: str
    positives: int
    negatives: int
    auc: float | None
    at: AtThreshold


@dataclass(frozen=True, slots=True)
class Tuning:
    """The threshold that somebody looks at, and what follows from it on the hold-out."""

    threshold: float
    prevalence: float
    at: AtThreshold
    cheapest: AtThreshold
    rows: tuple[SliceRow, ...]
    curve: CurveChart
    points: Mapping[str, Sequence[float]]  # recall and false positives by bin, for the slider


def tuning(card: Card, threshold: float, prevalence: float) -> Tuning | None:
    """What follows from a threshold on the card's hold-out; None for a card without one."""
    slices, costs = slices_of(card.content), costs_of(card.content)
    whole = slices.get(ALL)
    if whole is None:
        return None
    rows = tuple(
        SliceRow(
            each.name,
            each.positives,
            each.negatives,
            each.auc(),
            each.at(threshold, prevalence, costs),
        )
        for each in sorted(slices.values(), key=lambda each: (each.name != ALL, each.name))
    )
    return Tuning(
        threshold=threshold,
        prevalence=prevalence,
        at=whole.at(threshold, prevalence, costs),
        cheapest=cheapest(whole, prevalence, costs),
        rows=rows,
        curve=_curve(whole, prevalence),
        points=_points(whole),
    )


def reliability(card: Card) -> tuple[CurveChart, list[Mapping[str, Any]]]:
    """The card's calibration as a chart, and its bins."""
    bins = card.content.get("calibration")
    known = [each for each in bins if _is_bin(each)] if isinstance(bins, list) else []
    points = [(float(each["mean_score"]), float(each["share_positive"])) for each in known]
    return curve_chart(points, is_dotted=True, diagonal=True), known


def measured(found: Calibration) -> CurveChart:
    """What people found, over what the model said."""
    points = [(each.mean_score, each.share_positive) for each in found.bins]
    return curve_chart(points, is_dotted=True, diagonal=True)


def _is_bin(each: object) -> bool:
    names = ("mean_score", "share_positive", "rows")
    return isinstance(each, dict) and all(isinstance(each.get(n), int | float) for n in names)


def _curve(whole: Slice, prevalence: float) -> CurveChart:
    """Precision over recall at this prevalence, from the strictest threshold to the mildest."""
    costs = costs_of({})
    bins = len(whole.positive)
    found = [whole.at(place / bins, prevalence, costs) for place in range(bins - 1, -1, -1)]
    points = [
        (at.recall, at.precision)
        for at in found
        if at.recall is not None and at.precision is not None
    ]
    return curve_chart(points)


def _points(whole: Slice) -> dict[str, list[float]]:
    bins, costs = len(whole.positive), costs_of({})
    found = [whole.at(place / bins, 0.5, costs) for place in range(bins + 1)]
    return {
        "recall": [round(at.recall or 0.0, 5) for at in found],
        "wrong": [round(at.false_positives or 0.0, 6) for at in found],
    }


def texts(found: object) -> list[str]:
    """The texts of a list in a card; none for anything else."""
    return (
        [str(each) for each in found]
        if isinstance(found, Iterable) and not isinstance(found, str)
        else []
    )
