"""What the card of a model of two stages says: its first stage's, and what the second adds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from safety.classifiers.card import Card
from safety.classifiers.cascade import Blend
from safety.classifiers.cascade_file import FORMAT
from safety.training import quality
from safety.training.encoder.blending import Heard, log_odds
from safety.training.encoder.kept import KeptEncoder
from safety.training.texts import figures
from safety.training.texts.cards import Held, slices_of
from safety.training.texts.tasks import Task

_MOST_INPUTS = 4_000
# Of the first stage's card, what describes scores and not how it was made.
_FIRST_STAGE = (
    "calibration", "calibration_error", "calibrated_on", "left_out", "left_out_note", "metrics",
    "unseen", "threshold", "threshold_meaning", "evasion", "naming_people",
)  # fmt: skip
_KNOWN_FAILURES = (
    "The encoder reads Latin letters only, English above all: other scripts get nothing from it.",
    "Where the encoder is skipped or switched off, the first stage's score stands as it is.",
)


@dataclass(frozen=True, slots=True)
class Joined:
    """Both stages, how they are joined, and what they say of rows that neither learned from."""

    task: Task
    first: Card
    kept: KeptEncoder
    blend: Blend
    threshold: float
    false_positive_share: float
    most_of_one: int
    read_share: float
    held: Sequence[Held]
    heard: Sequence[Heard]


def content_of(found: Joined, *, created: str, version: str) -> dict[str, Any]:
    """The card's content, but for the attacks, which need the model itself."""
    card, first = found.first, found.first.content
    dev = [one for one in found.held if one.rows_are == "dev"]
    texts = [row.text for one in dev for row in one.rows]
    some = texts[:: max(1, len(texts) // _MOST_INPUTS)]
    share = f"{found.false_positive_share:.2%}"
    return (
        dict(first)
        | _calibration(dev)
        | {
            "version": version,
            "created": created,
            "format": FORMAT,
            "files": {card.file: card.sha256} | found.kept.hashes(),
            "licence": _licence(first, found.kept.made),
            "threshold": found.threshold,
            "threshold_meaning": "where the costs put it, or higher, so that at most "
            f"{share} of the negatives of all sources' dev rows, and {found.most_of_one} x that of "
            "any, score this high",
            "thresholds": dict(first.get("thresholds", {})) | {"threshold": found.threshold},
            "costs": {
                "false_positive": found.task.false_positive_cost,
                "false_negative": found.task.false_negative_cost,
                "why": found.task.why_these_costs,
            },
            "known_failures": [*first.get("known_failures", ()), *_KNOWN_FAILURES],
            "second_stage": _second_stage(found),
            "first_stage": {name: first[name] for name in _FIRST_STAGE if name in first},
            "metrics": [_metrics(found, n) for n, one in enumerate(found.held) if one in dev],
            "unseen": [_metrics(found, n) for n, one in enumerate(found.held) if one not in dev],
            "holdout": quality.holdout(slices_of(found.held)),
            "reference": quality.reference(
                np.concatenate([one.scores for one in dev]), figures.inputs(some)
            ),
        }
    )


def _licence(first: Mapping[str, Any], made: Mapping[str, Any]) -> str:
    """The stricter of both: what may not ship alone may not ship together."""
    licences = [str(first["licence"]), str(made["licence"])]
    barred = [each for each in licences if each.startswith("NOT TO BE SHIPPED")]
    return barred[0] if barred else licences[0]


def _calibration(dev: Sequence[Held]) -> dict[str, Any]:
    """Said against true on dev rows, every source by its weight."""
    truth = np.concatenate([np.array(one.labels, dtype=bool) for one in dev])
    given = np.concatenate([one.scores for one in dev])
    weight = np.concatenate(
        [np.full(len(one.rows), one.source.weight / len(one.rows)) for one in dev]
    )
    bins = quality.reliability(truth, given, weight)
    return {
        "calibration": [figures.rounded(dict(one)) for one in bins],
        "calibration_error": round(quality.expected_calibration_error(truth, given, weight), 4),
        "calibrated_on": "dev rows of the sources that were trained on",
    }


def _second_stage(found: Joined) -> dict[str, Any]:
    blend = found.blend
    return {
        "heads": list(found.kept.heads),
        "band": [blend.low, blend.high],
        "first": blend.first,
        "second": blend.second,
        "offset": blend.offset,
        "reads_passages": blend.reads_passages,
        "most_broken": blend.most_broken if isfinite(blend.most_broken) else None,
        "band_meaning": f"the costs of reading: {found.read_share:.0%} of the negatives of the "
        "sources' dev rows are read, those with the highest scores of the first stage",
        "read": {
            one.source.name: _read_share(blend, heard)
            for one, heard in zip(found.held, found.heard, strict=True)
        },
        "made": dict(found.kept.made),
    }


def _read_share(blend: Blend, heard: Heard) -> dict[str, Any]:
    """Which share of a source's rows the encoder is asked about."""
    asked = heard.is_read & (heard.score >= blend.low) & (heard.score <= blend.high)
    return figures.rounded(
        {
            "readable": float(heard.is_read.mean()),
            "negatives": quality.flagged(asked[~heard.is_positive], 1),
            "positives": quality.flagged(asked[heard.is_positive], 1),
        }
    )


def _metrics(found: Joined, place: int) -> dict[str, Any]:
    """One source: both stages together, and beside it either of them alone."""
    one, heard = found.held[place], found.heard[place]
    share = found.task.false_positive_share
    line: dict[str, Any] = {
        "source": one.source.name,
        "language": one.source.language,
        "rows_are": one.rows_are,
    }
    line |= figures.rates(one.labels, one.scores, found.threshold, share)
    alone = np.where(heard.is_read, heard.said, log_odds(heard.score))
    for name, given in (("first_alone", heard.score), ("second_alone", alone)):
        rates = figures.rates(one.labels, given, found.threshold, share)
        line[name] = {k: v for k, v in rates.items() if k.startswith(("auc", "recall_at_fpr"))}
    return line
