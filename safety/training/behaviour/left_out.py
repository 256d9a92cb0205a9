"""What a bot model does not know: kinds and platforms left out, and what licences cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from safety.classifiers.curve_sum import CurveSum
from safety.training import quality
from safety.training.behaviour import figures
from safety.training.behaviour.figures import FALSE_POSITIVE_SHARE
from safety.training.behaviour.fit import evenly, fit, raw_scores
from safety.training.behaviour.machines import INVISIBLE, KINDS
from safety.training.behaviour.people import REGIMES
from safety.training.behaviour.rows import Account, Rows, rows_as_they_come, rows_of_last
from safety.training.behaviour.simulate import PERSON
from safety.training.behaviour.sources import REDDIT, SOURCES
from safety.training.trainers import Steps

LAST: Final = (30, 100, 1000)  # actions, for figures made of an account's latest
FOLDS: Final = 6
DESK: Final = "desk:"  # before the source of rows that moderators labelled
KIND_AT: Final = 200
_LABELLED: Final = frozenset(source.name for source in SOURCES if not source.ships)


@dataclass(frozen=True, slots=True)
class Ground:
    """Everything that is learned from or measured on."""

    accounts: Mapping[str, Sequence[Account]]
    learned: Rows
    held_out: Rows
    bots: Sequence[Account]  # the simulated ones among those that are held out

    def people_held_out(self) -> Rows:
        """People that nothing is learned from."""
        return self.held_out.where(self.held_out.label == 0)


def taught(rows: Rows) -> CurveSum:
    """Weights from all rows but those of bots that nothing can tell."""
    visible = rows.where(~np.isin(rows.kind, list(INVISIBLE)))
    kinds = visible.kind.tolist()
    loud = {kind for kind in set(kinds) if kind.startswith(DESK) or kind in _LABELLED}
    return fit(visible.values, visible.label, evenly(visible.label, kinds, loud))


def without_kinds(ground: Ground, steps: Steps) -> list[dict[str, Any]]:
    """What is caught of each kind of bot by a model that never met it, after some actions."""
    held = ground.held_out.where(ground.held_out.actions == KIND_AT)
    whole = taught(ground.learned)
    found = []
    for kind in KINDS:
        less = taught(ground.learned.where(ground.learned.kind != kind))
        bots, people = held.where(held.kind == kind), held.where(held.label == 0)
        line = {"left_out": kind, "accounts": len(bots.label), "actions": KIND_AT}
        for name, model in (("recall_at_fpr_0.01", less), ("recall_when_trained_on", whole)):
            raw = (raw_scores(model, bots.values), raw_scores(model, people.values))
            line |= figures.rounded({name: figures.recall_of(*raw)})
        found.append(line)
        steps.next(f"without {kind}")
    return found


def without_regimes(ground: Ground, steps: Steps) -> list[dict[str, Any]]:
    """How many people of a platform that was never met are flagged at the others' threshold."""
    found = []
    people = ground.people_held_out()
    for regime in REGIMES:
        name = f"{PERSON}{regime.name}"
        model = taught(ground.learned.where(ground.learned.kind != name))
        mine, others = people.where(people.kind == name), people.where(people.kind != name)
        cut = quality.threshold_at_fpr(raw_scores(model, others.values), FALSE_POSITIVE_SHARE)
        flagged = quality.flagged(raw_scores(model, mine.values), cut)
        found.append(figures.rounded({"left_out": regime.name, "false_positives": flagged}))
        steps.next(f"without people of a {regime.name}")
    return found


def with_research(ground: Ground, steps: Steps) -> list[dict[str, Any]]:
    """What the labelled Reddit accounts would add, each sixth measured by a model of the others.

    This is what the licence costs: compare with the lines of the metrics.
    """
    accounts = ground.accounts[REDDIT.name]
    raw: dict[int, list[tuple[int, float]]] = {actions: [] for actions in LAST}
    for fold in range(FOLDS):
        others = [account for place, account in enumerate(accounts) if place % FOLDS != fold]
        model = taught(Rows.joined([ground.learned, rows_as_they_come(others)]))
        for actions in LAST:
            rows = rows_of_last(accounts[fold::FOLDS], actions)
            found = raw_scores(model, rows.values).tolist()
            raw[actions] += zip(rows.label.tolist(), found, strict=True)
        steps.next(f"part {fold + 1} of {FOLDS} left out")
    lines = []
    for actions, pairs in raw.items():
        labels, scores = np.array(pairs).T
        recall = quality.recall_at_fpr(labels, scores, FALSE_POSITIVE_SHARE)
        lines.append(
            figures.rounded(
                {
                    "left_out": f"{REDDIT.name}, a sixth at a time",
                    "trained_on": "simulation, rows that may ship, and the other five sixths",
                    "rows_are": f"each account's last {actions}",
                    "rows": len(pairs),
                    "bots": int(labels.sum()),
                    "auc": quality.auc(labels, scores),
                    "recall_at_fpr_0.01": recall,
                }
            )
        )
    return lines
