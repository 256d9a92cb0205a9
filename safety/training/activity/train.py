"""Trains the activity model for one site: the same order gives the same bytes."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from safety.classifiers import curve_sum
from safety.classifiers.activity import ACTIVITY_FORMAT, MEASURES, numbers_of
from safety.classifiers.card import Card
from safety.classifiers.curve_sum import CurveSum
from safety.classifiers.model_files import CARD_FILE
from safety.domain.features import Values
from safety.training import quality
from safety.training.activity import table
from safety.training.behaviour.fit import Form, evenly, fit, raw_scores
from safety.training.labelled import TRAIN, LabelledRow
from safety.training.model_page import ModelReport, Slice
from safety.training.texts.fit import one_thread
from safety.training.trainers import DataMissing, Order, Steps, Trained

NAME: Final = "activity"
WEIGHTS_FILE: Final = "weights.json"
FALSE_POSITIVE_SHARE: Final = 0.01
PREVALENCE: Final = 0.1
_FOLDS: Final = 10
_LEAST_DESK_ROWS: Final = 50
_DIGITS: Final = 4

# Where reason says which way suspicion grows: who does many things in many places is no tool.
SIGNS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "kinds": -1,
        "owners": -1,
        "kinds_per_place_spread": -1,
        "gap_spread": -1,
        "actions_per_kind": 1,
    }
)
# The penalty is the one of five at which most was caught among rows that teach, each left out.
_FORM: Final = Form(MEASURES, SIGNS, 5e-3)
_LABEL: Final = "1 = a program decides what this account does"
_KNOWN_FAILURES: Final = (
    "A person who only ever does one thing, such as reporting bugs, looks like a program.",
    "Programs that share an account with their owner look like the owner.",
    "It was only ever measured on accounts of GitHub; the scale of scores is that of its people.",
)
_COSTS: Final = {
    "false_positive": 5.0,
    "false_negative": 1.0,
    "why": "a person who is taken for a program is lost; a bot that passes acts again and is seen",
}

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rows:
    """Accounts in numbers: a line for each, a column for each of MEASURES."""

    numbers: Matrix
    label: NDArray[np.int64]
    source: Sequence[str]

    @classmethod
    def of(cls, found: Sequence[tuple[Values, bool, str]]) -> "Rows":
        """Rows of the accounts of which enough is known."""
        known = [(numbers_of(values), label, source) for values, label, source in found]
        kept = [(numbers, label, source) for numbers, label, source in known if numbers]
        return cls(
            np.array([numbers for numbers, _, _ in kept]).reshape(len(kept), len(MEASURES)),
            np.array([label for _, label, _ in kept], dtype=np.int64),
            [source for _, _, source in kept],
        )

    def where(self, chosen: NDArray[np.bool_]) -> "Rows":
        """The rows that are chosen."""
        kept = [source for source, is_chosen in zip(self.source, chosen, strict=True) if is_chosen]
        return Rows(self.numbers[chosen], self.label[chosen], kept)


@one_thread()
def train_activity(order: Order) -> Trained:
    """Train on the published table, if research rows may teach, and on what the desk said.

    Raises `DataMissing` when the table is not there or nothing may be learned from.
    """
    steps = Steps(order.progress, 4)
    accounts = table.read_accounts(order.folder("accounts"))
    learned, measured = _split(accounts, order)
    steps.next("accounts read")
    raw = _left_out(learned)
    weights = _calibrated(_fitted(learned), learned, raw)
    blob = curve_sum.dump(weights)
    weights = curve_sum.parse(blob, MEASURES)
    slope, offset = _platt(learned, raw)
    said = _probabilities(slope * raw + offset)
    cut = quality.threshold_at_fpr(said[learned.label == 0], FALSE_POSITIVE_SHARE)
    threshold = round(float(min(0.999, max(0.001, cut))), _DIGITS)
    steps.next("model fitted")
    scores = _probabilities(raw_scores(weights, measured.numbers))
    content = _identity(order, blob, threshold) | {
        "metrics": [
            _line("never trained on", measured.label, scores, threshold),
            _line("rows that teach, a tenth left out at a time", learned.label, said, threshold),
        ],
        "calibration": quality.reliability(measured.label, scores, _prevalent(measured)),
        "holdout": quality.holdout(
            dict.fromkeys(("all", f"source:{table.SOURCE}"), (measured.label, scores))
        ),
        "reference": quality.reference(scores[measured.label == 0], {}),
        **_texts(order, learned),
    }  # fmt: skip
    card = Card.parse(Card("", "", "", "", "", 0.0, content).dump())
    order.out.mkdir(parents=True, exist_ok=True)
    (order.out / WEIGHTS_FILE).write_bytes(blob)
    (order.out / CARD_FILE).write_bytes(card.dump())
    steps.next("files written")
    trained = Trained(card, _report(card, measured, scores))
    steps.next("report made")
    return trained


def _split(accounts: Sequence[table.Account], order: Order) -> tuple[Rows, Rows]:
    """What teaches, and what only measures: with research rows, the part that is kept for it."""
    own = [(row.values, row.label == 1, "desk") for row in order.more if row.split == TRAIN]
    teaches = own if _is_enough(order.more) else []
    if order.include_research:
        teaches = [*teaches, *_told(one for one in accounts if one.split == TRAIN)]
        accounts = [one for one in accounts if one.split != TRAIN]
    if not teaches:
        raise DataMissing("rows that may not be shipped teach this model (--include-research)")
    return Rows.of(teaches), Rows.of(_told(accounts))


def _told(accounts: Iterable[table.Account]) -> list[tuple[Values, bool, str]]:
    return [(one.values, one.is_bot, table.SOURCE) for one in accounts]


def _is_enough(more: Sequence[LabelledRow]) -> bool:
    labels = [row.label for row in more if row.split == TRAIN]
    return len(labels) >= _LEAST_DESK_ROWS and len(set(labels)) > 1


def _fitted(rows: Rows) -> CurveSum:
    return fit(rows.numbers, rows.label, evenly(rows.label, rows.source), _FORM)


def _left_out(rows: Rows) -> Matrix:
    """The raw score of each row by weights that were learned from nine tenths of the others."""
    raw = np.zeros(len(rows.label))
    folds = np.arange(len(rows.label)) % _FOLDS
    for fold in range(_FOLDS):
        others = _fitted(rows.where(folds != fold))
        raw[folds == fold] = raw_scores(others, rows.numbers[folds == fold])
    return raw


def _platt(rows: Rows, raw: Matrix) -> tuple[float, float]:
    return quality.platt(rows.label, raw, _prevalent(rows))


def _prevalent(rows: Rows) -> Matrix:
    """What each row counts where one account in ten is a bot's."""
    share = np.where(rows.label == 1, PREVALENCE, 1 - PREVALENCE)
    return evenly(rows.label, rows.source) * share * len(rows.label)


def _calibrated(weights: CurveSum, rows: Rows, raw: Matrix) -> CurveSum:
    slope, offset = _platt(rows, raw)
    curves = tuple(
        replace(
            curve,
            values=tuple(round(slope * value, 5) for value in curve.values),
            unknown=round(slope * curve.unknown, 5),
        )
        for curve in weights.curves
    )
    return CurveSum(curves, round(slope * weights.bias + offset, 5), weights.habits)


def _probabilities(raw: Matrix) -> Matrix:
    return np.asarray(1 / (1 + np.exp(-np.clip(raw, -30, 30))), np.float64)


def _line(
    rows_are: str, label: NDArray[np.int64], scores: Matrix, threshold: float
) -> dict[str, Any]:
    recall = quality.recall_at_fpr(label, scores, FALSE_POSITIVE_SHARE)
    figures = {
        "auc": quality.auc(label, scores),
        "recall_at_fpr_0.01": recall,
        "recall_at_threshold": quality.flagged(scores[label == 1], threshold),
        "false_positives_at_threshold": quality.flagged(scores[label == 0], threshold),
    }
    known = {name: None if each is None else round(each, _DIGITS) for name, each in figures.items()}
    return {
        "source": table.SOURCE,
        "rows_are": rows_are,
        "rows": len(label),
        "bots": int(label.sum()),
        **known,
    }


def _identity(order: Order, blob: bytes, threshold: float) -> dict[str, Any]:
    return {
        "name": NAME,
        "version": order.out.name,
        "created": order.created,
        "format": ACTIVITY_FORMAT,
        "file": WEIGHTS_FILE,
        "sha256": hashlib.sha256(blob).hexdigest(),
        "size": len(blob),
        "threshold": threshold,
        "thresholds": {"threshold": threshold},
        "seed": order.seed,
    }


def _texts(order: Order, learned: Rows) -> dict[str, Any]:
    """The card's entries that are words, and the list of its sources."""
    taught = sorted(set(learned.source))
    research = {
        "source": table.SOURCE,
        "licence": table.LICENCE,
        "attribution": table.ATTRIBUTION,
        "may_ship": False,
        "is_trained_on": order.include_research,
    }
    desk = {"source": "desk", "licence": "the site's own", "may_ship": False, "is_trained_on": True}
    return {
        "label": _LABEL,
        "licence": "NOT TO BE SHIPPED: trained on rows whose licence does not allow it",
        "sources": [research, *([desk] if "desk" in taught else [])],
        "languages": ["und"],
        "prevalence": PREVALENCE,
        "threshold_meaning": "one in a hundred people among the rows that teach scores this high, "
        "each judged by weights that never met it; fit your own to the scores of your site",
        "known_failures": list(_KNOWN_FAILURES),
        "costs": dict(_COSTS),
    }


def _report(card: Card, measured: Rows, scores: Matrix) -> ModelReport:
    return ModelReport(
        name=card.name,
        version=card.version,
        summary=card.content["label"],
        threshold=card.threshold,
        false_positive_share=FALSE_POSITIVE_SHARE,
        slices=[Slice("source", table.SOURCE, measured.label, scores)],
        notes=list(card.content["known_failures"]),
        facts={"Licence": card.content["licence"], "Created": card.content["created"]},
    )
