"""What the page of a trained account model shows."""

from collections.abc import Mapping, Sequence
from typing import Any

from safety.classifiers.card import Card
from safety.training.model_page import ModelReport, Slice, Table
from safety.training.profiles import told
from safety.training.profiles.figures import FALSE_POSITIVE_SHARE, Scored


def report_of(
    card: Card, scored: Sequence[Scored], regimes: Sequence[Mapping[str, Any]]
) -> ModelReport:
    """What the page shows: every table by itself, and the kinds of fake that were left out."""
    rows = [
        (each["left_out"], each["rows"], f"{each['recall_at_fpr_0.01']:.1%}",
         f"{each['recall_when_trained_on']:.1%}")
        for each in regimes
    ]  # fmt: skip
    return ModelReport(
        name=card.name,
        version=card.version,
        summary=card.content["label"],
        threshold=card.threshold,
        false_positive_share=FALSE_POSITIVE_SHARE,
        slices=[
            Slice(
                "source", each.name, each.is_fake, each.scores, [told.shown(v) for v in each.values]
            )
            for each in scored
        ],
        tables=[
            Table(
                "Kinds of fake that training never met",
                "Recall at 1 % false positives on simulated platforms held out.",
                ("kind", "accounts", "never met", "met"),
                rows,
            )
        ],
        notes=list(card.content["known_failures"]),
        facts={"Licence": card.content["licence"], "Created": card.content["created"]},
    )
