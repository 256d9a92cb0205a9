"""The figures of a text model's card: by source and language, under attack, on harmless texts."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safety.domain.ports import Classifier
from safety.text.fold import fold
from safety.text.links import find_links
from safety.text.measures import uppercase_share
from safety.training import quality
from safety.training.texts.dataset import Row
from safety.training.texts.disguise import DISGUISES, Disguise, with_emoji, with_link
from safety.training.texts.paraphrase import paraphrase
from safety.training.texts.probes import naming_people, sampled

# Everything that is tried to get past the model. Only the paraphrase was never trained against.
ATTACKS: Mapping[str, Disguise] = {**DISGUISES, "paraphrase": paraphrase}
_MOST_ATTACKED = 1_000
_DIGITS = 4


def scores(model: Classifier, texts: Sequence[str]) -> NDArray[np.float64]:
    """The served score of each text; a text without words scores 0."""
    return np.array([model.score({"content.text": text}) or 0.0 for text in texts], dtype=float)


def rates(
    labels: Sequence[bool], given: NDArray[np.float64], threshold: float, share: float
) -> dict[str, Any]:
    """How one set of rows is ranked, and what the threshold does to it."""
    truth = np.array(labels, dtype=bool)
    return rounded(
        {
            "rows": len(truth),
            "positive": int(truth.sum()),
            "auc": quality.auc(truth, given),
            f"recall_at_fpr_{share:g}": quality.recall_at_fpr(truth, given, share),
            "recall_at_threshold": quality.flagged(given[truth], threshold),
            "false_positives_at_threshold": quality.flagged(given[~truth], threshold),
            "macro_f1_at_threshold": (
                quality.macro_f1(truth, given, threshold)
                if truth.any() and not truth.all()
                else None
            ),
        }
    )


def evasion(model: Classifier, rows: Sequence[Row], threshold: float, seed: int) -> dict[str, Any]:
    """Recall at the threshold for attacked positives, as a share of that of the same texts plain.

    `negatives_with_link_and_emoji` is the share of negatives flagged once they carry both.
    """
    random = Random(f"{seed} evasion")  # noqa: S311 - repeatable, not secret
    negative = [row.text for row in rows if not row.is_positive]
    positive = sampled([row.text for row in rows if row.is_positive], _MOST_ATTACKED, seed)
    plain = quality.flagged(scores(model, positive), threshold) or 0.0
    kept = {}
    for name, attack in ATTACKS.items():
        attacked = [attack(text, random, negative) for text in positive]
        caught = quality.flagged(scores(model, attacked), threshold) or 0.0
        kept[name] = caught / plain if plain else 0.0
    harmless = sampled(negative, _MOST_ATTACKED, seed)
    decorated = [with_emoji(with_link(text, random), random) for text in harmless]
    return rounded(
        {
            "recall_plain": plain,
            "recall_kept": rounded(kept),
            "negatives_with_link_and_emoji": quality.flagged(scores(model, decorated), threshold),
            "texts": len(positive),
        }
    )


def naming(model: Classifier, threshold: float) -> dict[str, Any]:
    """How often sentences that merely name a group are flagged, and the worst of the groups."""
    by_group = {
        group: quality.flagged(scores(model, texts), threshold) or 0.0
        for group, texts in naming_people().items()
    }
    worst = max(by_group, key=lambda group: (by_group[group], group))
    return rounded(
        {
            "flagged": float(np.mean(list(by_group.values()))),
            "worst_group": worst,
            "flagged_of_worst": by_group[worst],
            "groups": len(by_group),
        }
    )


def inputs(texts: Sequence[str]) -> dict[str, list[float]]:
    """A few of the values a model reads, by the names that events carry them under."""
    return {
        "content.length": [float(len(text)) for text in texts],
        "content.words": [float(len(text.split())) for text in texts],
        "content.links": [float(len(find_links(text))) for text in texts],
        "content.uppercase": [uppercase_share(text) for text in texts],
        "content.obfuscation": [fold(text).obfuscation for text in texts],
    }


def rounded(figures: dict[str, Any]) -> dict[str, Any]:
    """The same figures with four digits."""
    return {k: round(v, _DIGITS) if isinstance(v, float) else v for k, v in figures.items()}
