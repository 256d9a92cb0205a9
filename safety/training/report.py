"""The figures of a spam model's card: by source, for sources left out, evasion, calibration."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import numpy as np

from safety.classifiers.linear_text import LinearText
from safety.training import measure
from safety.training.dataset import Row
from safety.training.disguise import DISGUISES, with_emoji, with_link
from safety.training.sources import Source

# The working point that figures are given at.
FALSE_POSITIVE_SHARE = 0.005
_DIGITS = 4


def scores(model: LinearText, texts: Sequence[str]) -> list[float]:
    """The served score of each text; a text without words scores 0."""
    return [model.score({"content.text": text}) or 0.0 for text in texts]


def source_figures(
    model: LinearText, source: Source, rows: Sequence[Row], threshold: float, *, rows_are: str
) -> dict[str, Any]:
    """One line of the card's table of figures."""
    truth = [row.is_spam for row in rows]
    given = np.array(scores(model, [row.text for row in rows]))
    spam = np.array(truth, dtype=bool)
    return _rounded(
        {
            "source": source.name,
            "language": source.language,
            "rows_are": rows_are,
            "rows": len(rows),
            "spam": int(spam.sum()),
            "auc": measure.auc(truth, given),
            "recall_at_fpr_0.005": measure.recall_at(truth, given, FALSE_POSITIVE_SHARE),
            "recall_at_threshold": measure.flagged(given[spam], threshold),
            "false_positives_at_threshold": measure.flagged(given[~spam], threshold),
        }
    )


def evasion_figures(
    model: LinearText, rows: Sequence[Row], threshold: float, seed: int
) -> dict[str, Any]:
    """Recall at the threshold for disguised spam, as a share of the recall of the same texts plain.

    `ham_with_link_and_emoji` is the share of genuine texts that are flagged once they carry both.
    """
    random = Random(f"{seed} evasion")  # noqa: S311 - repeatable, not secret
    spam = [row.text for row in rows if row.is_spam]
    ham = [row.text for row in rows if not row.is_spam]
    plain = measure.flagged(scores(model, spam), threshold) or 0.0
    kept = {}
    for name, disguise in DISGUISES.items():
        disguised = [disguise(text, random, ham) for text in spam]
        caught = measure.flagged(scores(model, disguised), threshold) or 0.0
        kept[name] = caught / plain if plain else 0.0
    decorated = [with_emoji(with_link(text, random), random) for text in ham]
    return _rounded(
        {
            "recall_plain": plain,
            "recall_kept": _rounded(kept),
            "ham_with_link_and_emoji": measure.flagged(scores(model, decorated), threshold),
        }
    )


def calibration_figures(
    model: LinearText, rows: Mapping[str, Sequence[Row]], sources: Sequence[Source]
) -> dict[str, Any]:
    """Said against true on dev rows, where every source counts by its weight in training."""
    truth: list[bool] = []
    given: list[float] = []
    weight: list[float] = []
    for source in sources:
        texts = [row.text for row in rows[source.name]]
        truth += [row.is_spam for row in rows[source.name]]
        given += scores(model, texts)
        weight += [source.weight / max(1, len(texts))] * len(texts)
    bins = measure.reliability(truth, given, weight)
    return {
        "expected_error": round(measure.calibration_error(truth, given, weight), _DIGITS),
        "bins": [_rounded(dict(b)) for b in bins],
    }


def left_out_figures(
    names: Sequence[str], truth: Sequence[bool], raw: Sequence[float], cut: float
) -> dict[str, Any]:
    """How a model does on sources that it was not trained on; `cut` is the threshold as raw sum."""
    spam, given = np.array(truth, dtype=bool), np.asarray(raw)
    return _rounded(
        {
            "left_out": list(names),
            "rows": len(spam),
            "auc": measure.auc(spam, given),
            "recall_at_fpr_0.005": measure.recall_at(spam, given, FALSE_POSITIVE_SHARE),
            "recall_at_threshold": measure.flagged(given[spam], cut),
            "false_positives_at_threshold": measure.flagged(given[~spam], cut),
        }
    )


def _rounded(figures: dict[str, Any]) -> dict[str, Any]:
    return {k: round(v, _DIGITS) if isinstance(v, float) else v for k, v in figures.items()}
