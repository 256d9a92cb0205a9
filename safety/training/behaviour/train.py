"""Trains the bot model: the same order gives the same bytes."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from safety.classifiers import curve_sum
from safety.classifiers.behaviour import BEHAVIOUR_FORMAT
from safety.classifiers.card import Card
from safety.classifiers.curve_sum import CurveSum
from safety.classifiers.model_files import CARD_FILE
from safety.domain.habits import OF_TIMES, PACKED, unpacked
from safety.training import quality
from safety.training.behaviour import figures, told
from safety.training.behaviour.attacks import evasion_figures
from safety.training.behaviour.figures import FALSE_POSITIVE_SHARE, Scores
from safety.training.behaviour.fit import evenly, raw_scores
from safety.training.behaviour.left_out import (
    DESK,
    FOLDS,
    KIND_AT,
    LAST,
    Ground,
    taught,
    with_research,
    without_kinds,
    without_regimes,
)  # fmt: skip
from safety.training.behaviour.machines import KINDS
from safety.training.behaviour.people import REGIMES
from safety.training.behaviour.rows import Rows, rows_as_they_come, rows_of_last
from safety.training.behaviour.simulate import population
from safety.training.behaviour.sources import (
    COLLEGE,
    REDDIT,
    SOURCES,
    Source,
    halves,
    read_accounts,
)
from safety.training.labelled import TRAIN, LabelledRow
from safety.training.model_page import ModelReport, Slice, Table
from safety.training.trainers import Order, Steps, Trained

NAME: Final = "bot"
WEIGHTS_FILE: Final = "weights.json"
_PEOPLE, _BOTS = 3200, 220  # simulated, bots of each kind
_HELD_PEOPLE, _HELD_BOTS = 2000, 100
_LEAST_DESK_ROWS: Final = 50


def train_bot(order: Order) -> Trained:
    """Train on simulation and on what may ship; write weights.json and card.json.

    Every source is measured. Raises `DataMissing` when one is not there.
    """
    regimes = [regime.name for regime in REGIMES]
    steps = Steps(order.progress, 6 + len(KINDS) + len(regimes) + FOLDS)
    ground = _ground(order)
    steps.next("accounts read and simulated")
    weights = _calibrated(taught(ground.learned), ground.held_out)
    blob = curve_sum.dump(weights)
    weights = curve_sum.parse(blob, OF_TIMES)
    steps.next("model fitted")
    threshold = _threshold(weights, ground)
    lines, slices = _measured(weights, ground, threshold, order)
    steps.next("sources measured")
    content = _identity(order, blob, threshold) | {
        "metrics": lines,
        "left_out_kinds": without_kinds(ground, steps),
        "left_out_regimes": without_regimes(ground, steps),
        "left_out": with_research(ground, steps),
        "calibration": quality.reliability(
            ground.held_out.label, _scores(weights, ground.held_out), _prevalent(ground.held_out)
        ),
        "evasion": evasion_figures(weights, ground.bots, threshold, order.seed),
        "holdout": quality.holdout({n: (r.label, s) for n, (r, s) in slices.items()}),
        "reference": _reference(weights, ground),
        **told.card_texts(ground.accounts, include_research=order.include_research),
    }
    steps.next("figures gathered")
    card = Card.parse(Card("", "", "", "", "", 0.0, content).dump())
    order.out.mkdir(parents=True, exist_ok=True)
    (order.out / WEIGHTS_FILE).write_bytes(blob)
    (order.out / CARD_FILE).write_bytes(card.dump())
    steps.next("files written")
    trained = Trained(card, _report(card, slices))
    steps.next("report made")
    return trained


def _ground(order: Order) -> Ground:
    folder = order.folder("graph")
    accounts = {source.name: read_accounts(folder, source) for source in SOURCES}
    seen, unseen = halves(accounts[COLLEGE.name])
    parts = [rows_as_they_come([*population([order.seed, 1], _PEOPLE, _BOTS), *seen])]
    if order.include_research:
        parts += [rows_as_they_come(accounts[s.name]) for s in SOURCES if _is_research(s)]
    parts += _desk(order.more)
    held = population([order.seed, 2], _HELD_PEOPLE, _HELD_BOTS)
    bots = [account for account in held if account.label]
    return Ground(accounts, Rows.joined(parts), rows_as_they_come([*held, *unseen]), bots)


def _is_research(source: Source) -> bool:
    return not source.ships and not source.is_mixed


def _desk(more: Sequence[LabelledRow]) -> list[Rows]:
    """What moderators said of accounts whose habits were known, once it is enough to learn from."""
    found = [(unpacked(str(row.values.get(PACKED))), row) for row in more if row.split == TRAIN]
    kept = [(numbers, row) for numbers, row in found if numbers is not None]
    label = np.array([row.label for _, row in kept], dtype=np.int64)
    if len(kept) < _LEAST_DESK_ROWS or len(set(label.tolist())) < 2:  # noqa: PLR2004  both answers
        return []
    values = np.array([numbers for numbers, _ in kept])
    seen = values[:, OF_TIMES.index("actions_seen")].astype(np.int64)
    kinds = np.array([f"{DESK}{row.source}" for _, row in kept], dtype=np.str_)
    return [Rows(values, label, kinds, np.arange(len(kept)), seen)]


def _calibrated(weights: CurveSum, held_out: Rows) -> CurveSum:
    """The same weights with probabilities that are true where one account in ten is a bot's."""
    raw = raw_scores(weights, held_out.values)
    slope, offset = quality.platt(held_out.label, raw, _prevalent(held_out))
    curves = tuple(
        replace(
            curve,
            values=tuple(round(slope * value, 5) for value in curve.values),
            unknown=round(slope * curve.unknown, 5),
        )
        for curve in weights.curves
    )
    return CurveSum(curves, round(slope * weights.bias + offset, 5), weights.habits)


def _prevalent(rows: Rows) -> Scores:
    """What each row counts where one account in ten is a bot's."""
    share = np.where(rows.label == 1, told.PREVALENCE, 1 - told.PREVALENCE)
    return evenly(rows.label, rows.kind.tolist()) * share * len(rows.label)


def _scores(weights: CurveSum, rows: Rows) -> Scores:
    raw = raw_scores(weights, rows.values)
    return np.asarray(1 / (1 + np.exp(-np.clip(raw, -30, 30))), np.float64)


def _threshold(weights: CurveSum, ground: Ground) -> float:
    """The strictest of what each platform's people ask for: none has more false positives."""
    people = ground.people_held_out()
    found = [
        quality.threshold_at_fpr(
            _scores(weights, people.where(people.kind == kind)), FALSE_POSITIVE_SHARE
        )
        for kind in np.unique(people.kind)
    ]
    return round(min(0.999, max(0.2, *found)), 4)


def _measured(
    weights: CurveSum, ground: Ground, threshold: float, order: Order
) -> tuple[list[dict[str, Any]], dict[str, tuple[Rows, Scores]]]:
    """The card's table of figures, and the rows behind each slice with their scores."""
    held, lines = ground.held_out, []
    made = held.where(held.kind != COLLEGE.name)
    slices = {
        "source:simulated": (made, _scores(weights, made)),
        f"source:{COLLEGE.name}": _scored(weights, held.where(held.kind == COLLEGE.name)),
    }
    for source in SOURCES:
        if not source.ships:
            rows = rows_as_they_come(ground.accounts[source.name])
            slices[f"source:{source.name}"] = _scored(weights, rows)
    mixed = {f"source:{source.name}" for source in SOURCES if source.is_mixed}
    for name, (rows, scores) in slices.items():
        is_taught = order.include_research and name not in mixed and "simulated" not in name
        said = "taught as well" if is_taught else "never trained on"
        if name in mixed:
            said += "; nobody knows who is a bot, flagged is no error"
        lines.append(
            figures.source_figures(
                name.removeprefix("source:"), rows, scores, threshold, rows_are=said
            )
        )
    for actions in LAST:
        rows = rows_of_last(ground.accounts[REDDIT.name], actions)
        scores = _scores(weights, rows)
        lines.append(
            figures.source_figures(
                REDDIT.name, rows, scores, threshold, rows_are=f"each account's last {actions}"
            )
        )
    known = [pair for name, pair in slices.items() if name not in mixed]
    every = (Rows.joined([rows for rows, _ in known]), np.concatenate([s for _, s in known]))
    return lines, {"all": every} | {n: p for n, p in slices.items() if n not in mixed}


def _scored(weights: CurveSum, rows: Rows) -> tuple[Rows, Scores]:
    return rows, _scores(weights, rows)


def _reference(weights: CurveSum, ground: Ground) -> dict[str, object]:
    people = ground.people_held_out()
    shown = ("gap_entropy", "gap_transition_entropy", "hour_entropy", "burstiness", "minute_rhythm")
    columns = {f"actor.{name}": people.values[:, OF_TIMES.index(name)] for name in shown}
    return quality.reference(_scores(weights, people), columns)


def _identity(order: Order, blob: bytes, threshold: float) -> dict[str, Any]:
    return {
        "name": NAME,
        "version": order.out.name,
        "created": order.created,
        "format": BEHAVIOUR_FORMAT,
        "file": WEIGHTS_FILE,
        "sha256": hashlib.sha256(blob).hexdigest(),
        "size": len(blob),
        "threshold": threshold,
        "thresholds": {"threshold": threshold},
        "seed": order.seed,
    }


def _report(card: Card, slices: Mapping[str, tuple[Rows, Scores]]) -> ModelReport:
    rows = [
        (each["left_out"], each["accounts"], f"{each['recall_at_fpr_0.01']:.1%}",
         f"{each['recall_when_trained_on']:.1%}")
        for each in card.content["left_out_kinds"]
    ]  # fmt: skip
    return ModelReport(
        name=card.name,
        version=card.version,
        summary=card.content["label"],
        threshold=card.threshold,
        false_positive_share=FALSE_POSITIVE_SHARE,
        slices=[
            Slice("source", name.removeprefix("source:"), rows.label, scores, told.shown(rows))
            for name, (rows, scores) in slices.items()
            if name != "all"
        ],
        tables=[
            Table(
                "Kinds of bot that training never met",
                f"Recall at 1 % false positives on simulated people, after {KIND_AT} actions.",
                ("kind", "accounts", "never met", "met"),
                rows,
            )
        ],
        notes=list(card.content["known_failures"]),
        facts={"Licence": card.content["licence"], "Created": card.content["created"]},
    )
