"""What the card and the page of a text model say, from what training found."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safety.classifiers.card import LINEAR_TEXT_FORMAT, Card
from safety.training import quality
from safety.training.model_page import ModelReport, Slice, Table
from safety.training.texts import figures
from safety.training.texts.dataset import DESK, Row
from safety.training.texts.fit import Judged
from safety.training.texts.sources import Source
from safety.training.texts.tasks import Task
from safety.training.trainers import Order

WEIGHTS_FILE = "weights.npz"
_LEAST_SLICE = 30
_MOST_INPUTS = 4_000

_LEFT_OUT_NOTE = (
    "Each line is a model trained without the sources it names. The written sentences stay in for "
    "the others, and whoever wrote them knew these kinds of text: a platform with other kinds will "
    "do worse. The figures were looked at while features and weights of sources were chosen; they "
    "are unseen by the fit, not by its authors."
)


@dataclass(slots=True)
class Learned:
    """The sources as models that never saw them rank them, and what was fitted on that."""

    groups: Sequence[Sequence[str]]
    left_out: Mapping[str, Judged]
    judged: Mapping[str, Judged]  # the same, but by folds where nothing stands in for a source
    slope: float
    offset: float
    threshold: float = 0.5

    def scores(self, name: str, *, is_left_out: bool = False) -> NDArray[np.float64]:
        """The calibrated scores of a source's rows."""
        found = (self.left_out if is_left_out else self.judged)[name]
        log_odds = np.clip(self.slope * found.raw + self.offset, -30, 30)
        calibrated: NDArray[np.float64] = 1 / (1 + np.exp(-log_odds))
        return calibrated


@dataclass(frozen=True, slots=True)
class Held:
    """Rows of a source that were never trained on, and their scores."""

    source: Source
    rows_are: str
    rows: Sequence[Row]
    scores: NDArray[np.float64]

    @property
    def labels(self) -> list[bool]:
        """What the rows are."""
        return [row.is_positive for row in self.rows]


def card_content(
    task: Task, order: Order, blob: bytes, learned: Learned, held: Sequence[Held]
) -> dict[str, Any]:
    """The card, but for what only the trainer knows: sources, evasion, naming."""
    texts = [row.text for one in held if one.rows_are == "dev" for row in one.rows]
    some = texts[:: max(1, len(texts) // _MOST_INPUTS)]
    dev = np.concatenate([one.scores for one in held if one.rows_are == "dev"])
    return (
        _identity(task, order, blob, learned)
        | _calibration(learned)
        | {
            "left_out": [_left_out(task, learned, group) for group in learned.groups],
            "left_out_note": _LEFT_OUT_NOTE,
            "metrics": [_metrics(task, learned, h) for h in held if h.rows_are == "dev"],
            "unseen": [_metrics(task, learned, h) for h in held if h.rows_are != "dev"],
            "holdout": quality.holdout(slices_of(held)),
            "reference": quality.reference(dev, figures.inputs(some)),
        }
    )


def _identity(task: Task, order: Order, blob: bytes, learned: Learned) -> dict[str, Any]:
    licence = "Apache-2.0; trained only on rows whose licence allows it, see sources"
    if order.include_research:
        licence = "NOT TO BE SHIPPED: trained on rows whose licence does not allow it"
    elif order.more:
        licence = "the site's own: trained on what its moderators decided, too"
    share = f"{task.false_positive_share:.1%}"
    return {
        "name": task.name,
        "version": order.out.name,
        "created": order.created,
        "format": LINEAR_TEXT_FORMAT,
        "file": WEIGHTS_FILE,
        "sha256": hashlib.sha256(blob).hexdigest(),
        "size": len(blob),
        "seed": order.seed,
        "label": task.label,
        "licence": licence,
        "languages": dict(task.languages),
        "scripts": list(task.scripts),
        "tongues": list(task.tongues),
        "known_failures": list(task.known_failures),
        "threshold": learned.threshold,
        "threshold_meaning": f"where the costs put it, or higher, so that at most {share} of the "
        "negatives of all sources, and three times that of any, reach it in a model that never "
        "saw their source",
        "thresholds": {
            "threshold": learned.threshold,
            "false_positive_share": task.false_positive_share,
        },
        "costs": {
            "false_positive": task.false_positive_cost,
            "false_negative": task.false_negative_cost,
            "why": task.why_these_costs,
        },
    }


def _calibration(learned: Learned) -> dict[str, Any]:
    """Said against true on sources that the model had not seen, every source by its weight."""
    names = list(learned.judged)
    truth = np.concatenate([learned.judged[name].is_positive for name in names])
    given = np.concatenate([learned.scores(name) for name in names])
    weight = np.concatenate([learned.judged[name].weight for name in names])
    bins = quality.reliability(truth, given, weight)
    return {
        "calibration": [figures.rounded(dict(one)) for one in bins],
        "calibration_error": round(quality.expected_calibration_error(truth, given, weight), 4),
        "calibrated_on": "training rows, each scored by a model that never saw its source, or not "
        "the row where nothing stands in for the source",
        "log_odds": {"slope": round(learned.slope, 6), "offset": round(learned.offset, 6)},
    }


def _left_out(task: Task, learned: Learned, group: Sequence[str]) -> dict[str, Any]:
    truth = np.concatenate([learned.left_out[name].is_positive for name in group])
    given = np.concatenate([learned.scores(name, is_left_out=True) for name in group])
    found = figures.rates(list(truth), given, learned.threshold, task.false_positive_share)
    return {"left_out": list(group)} | found


def _metrics(task: Task, learned: Learned, held: Held) -> dict[str, Any]:
    found = figures.rates(held.labels, held.scores, learned.threshold, task.false_positive_share)
    said = {
        "source": held.source.name,
        "language": held.source.language,
        "rows_are": held.rows_are,
    }
    return said | found


def slices_of(held: Sequence[Held]) -> dict[str, tuple[list[bool], list[float]]]:
    """Everything, every source and every language that is known of enough rows."""
    slices: dict[str, tuple[list[bool], list[float]]] = {"all": ([], [])}
    for one in held:
        for row, score in zip(one.rows, one.scores.tolist(), strict=True):
            names = [f"source:{one.source.name}"]
            if one.source.name != DESK:  # the rest are the same rows for every version
                names += ["all", *([f"lang:{row.language}"] if row.language else [])]
            for name in names:
                labels, scores = slices.setdefault(name, ([], []))
                labels.append(row.is_positive)
                scores.append(score)
    return {name: found for name, found in slices.items() if len(found[0]) >= _LEAST_SLICE}


def report_of(task: Task, card: Card, held: Sequence[Held]) -> ModelReport:
    """What the page of the trained model shows."""
    content = card.content
    return ModelReport(
        name=card.name,
        version=card.version,
        summary=task.label,
        threshold=card.threshold,
        false_positive_share=task.false_positive_share,
        slices=[
            Slice(h.rows_are, h.source.name, h.labels, h.scores.tolist(), [r.text for r in h.rows])
            for h in held
        ],
        tables=_tables(content),
        notes=list(task.known_failures),
        facts={
            "licence": content["licence"],
            "threshold": content["threshold_meaning"],
            "costs": content["costs"]["why"],
            "calibrated on": content["calibrated_on"],
        },
    )


def _tables(content: Mapping[str, Any]) -> list[Table]:
    kept = content["evasion"]["recall_kept"]
    return [
        Table(
            "Left out one after the other",
            content["left_out_note"],
            ["without", "rows", "AUC", "caught", "flagged wrongly"],
            [
                (
                    ", ".join(line["left_out"]),
                    line["rows"],
                    _shown(line["auc"]),
                    _shown(line["recall_at_threshold"]),
                    _shown(line["false_positives_at_threshold"]),
                )
                for line in content["left_out"]
            ],
        ),
        Table(
            "Recall kept under attack",
            "As a share of the recall of the same texts plain.",
            ["attack", "recall kept"],
            [(name, _shown(share)) for name, share in sorted(kept.items(), key=_second)],
        ),
        Table(
            "Trained on",
            "",
            ["source", "language", "rows", "licence"],
            [(s["source"], s["language"], s["rows"], s["licence"]) for s in content["sources"]],
        ),
    ]


def _second(pair: tuple[str, float]) -> float:
    return pair[1]


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
