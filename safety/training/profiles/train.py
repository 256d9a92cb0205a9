"""Trains the model of fake accounts: the same order gives the same bytes."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from safety.classifiers import account_file
from safety.classifiers.account import AccountModel, AccountWeights
from safety.classifiers.account_file import ACCOUNT_FORMAT
from safety.classifiers.account_measures import NAMES, measures
from safety.classifiers.card import Card
from safety.classifiers.model_files import CARD_FILE
from safety.domain.features import Values
from safety.training import quality
from safety.training.labelled import TRAIN, LabelledRow
from safety.training.profiles import figures, told
from safety.training.profiles.figures import FALSE_POSITIVE_SHARE, Scored
from safety.training.profiles.fit import Part, balance, calibrated, fit
from safety.training.profiles.page import report_of
from safety.training.profiles.regimes import FAKES
from safety.training.profiles.simulator import Profile, dressed_up, simulate, with_gaps
from safety.training.profiles.sources import SOURCES, Source
from safety.training.profiles.tables import Account, read_tables
from safety.training.texts.fit import one_thread
from safety.training.trainers import Order, Steps, Trained

NAME: Final = "fake_follower"
WEIGHTS_FILE: Final = "weights.json"
# Platforms to learn from and platforms to choose the threshold by: no platform is in both.
_LEARNED: Final = range(60)
_HELD_OUT: Final = range(60, 80)
_ACCOUNTS: Final = 400
_LEAST_DESK_ROWS: Final = 50
_MET: Final = "also trained on: see left_out"


@dataclass(frozen=True, slots=True)
class _Ground:
    """Everything that is learned from or measured on."""

    tables: Mapping[str, Sequence[Account]]
    learned: Sequence[Profile]
    held_out: Sequence[Profile]
    gaps: np.random.Generator

    def simulated(self, without: str = "") -> Part:
        """What is learned from made-up accounts; one regime may be left out."""
        kept = [each for each in self.learned if each.regime != without]
        values = [with_gaps(dressed_up(each, self.gaps), self.gaps) for each in kept]
        return Part.of(values, [each.is_fake for each in kept])

    def part(self, name: str) -> Part:
        """What a table would teach."""
        rows = self.tables[name]
        return Part.of([row.values for row in rows], [row.is_fake for row in rows])


@one_thread()
def train_fake_follower(order: Order) -> Trained:
    """Train on simulated accounts, and on tables where asked to; write weights.json and card.json.

    Every published table is measured. Raises `DataMissing` when one is not there.
    """
    research = [source for source in SOURCES if source.is_learned]
    steps = Steps(order.progress, 6 + len(FAKES) + len(research))
    ground = _ground(order)
    steps.next("accounts read and simulated")
    learned = research if order.include_research else []
    desk = desk_parts(order.more)
    parts = [ground.simulated(), *(ground.part(each.name) for each in learned), *desk]
    model, weights = _fitted(order.out.name, parts, ground)
    steps.next("model fitted")
    made = _scored_simulation(model, ground)
    threshold = _threshold(made)
    scored = _measured(model, ground)
    steps.next("tables measured")
    regimes = _left_out_regimes(ground, steps)
    left_out = _left_out_sources(ground, research, steps)
    blob = account_file.dump(weights)
    met = {source.name for source in learned}
    lines = [
        figures.source_figures(each, threshold, _MET if each.name in met else "never trained on")
        for each in scored
    ]
    content = _identity(order, blob, threshold) | {
        "metrics": lines,
        "left_out": left_out,
        "left_out_regimes": regimes,
        "evasion": figures.evasion_figures(
            model, [p.values for p in ground.held_out if p.is_fake], threshold
        ),
        "calibration": quality.reliability(made.is_fake, made.scores, balance(made.is_fake)),
        "holdout": _holdout(scored),
        "reference": _reference(made),
        **told.card_texts(ground.tables, learned, desk_rows=sum(len(p.is_fake) for p in desk)),
    }
    steps.next("figures gathered")
    card = Card.parse(Card("", "", "", "", "", 0.0, content).dump())
    order.out.mkdir(parents=True, exist_ok=True)
    (order.out / WEIGHTS_FILE).write_bytes(blob)
    (order.out / CARD_FILE).write_bytes(card.dump())
    steps.next("files written")
    trained = Trained(card, report_of(card, scored, regimes))
    steps.next("report made")
    return trained


def _ground(order: Order) -> _Ground:
    return _Ground(
        read_tables(order.folder("accounts"), SOURCES),
        simulate(_LEARNED, _ACCOUNTS, order.seed),
        simulate(_HELD_OUT, _ACCOUNTS, order.seed),
        np.random.default_rng([order.seed, len(_LEARNED)]),
    )


def desk_parts(more: Sequence[LabelledRow]) -> list[Part]:
    """What moderators said, once it is enough to learn from and holds both answers."""
    rows = [row for row in more if row.split == TRAIN]
    labels = {row.label for row in rows}
    if len(rows) < _LEAST_DESK_ROWS or len(labels) < 2:  # noqa: PLR2004  fakes and people
        return []
    return [Part.of([row.values for row in rows], [row.label == 1 for row in rows])]


def _fitted(
    version: str, parts: Sequence[Part], ground: _Ground
) -> tuple[AccountModel, AccountWeights]:
    weights = fit(parts)
    raw = _raw(weights, [each.values for each in ground.held_out])
    weights = calibrated(weights, raw, np.array([each.is_fake for each in ground.held_out]))
    # What is measured is what is served: the weights as the file will hold them.
    weights = account_file.parse(account_file.dump(weights))
    return AccountModel(NAME, version, weights), weights


def _raw(weights: AccountWeights, values: Sequence[Values]) -> NDArray[np.float64]:
    model = AccountModel(NAME, "0", weights)
    return np.array([model.raw(measures(each)) for each in values])


def _scored_simulation(model: AccountModel, ground: _Ground) -> Scored:
    """The held-out platforms, with as many fakes as probabilities are stated for."""
    return Scored.of(
        model,
        "simulated",
        [each.values for each in ground.held_out],
        [each.is_fake for each in ground.held_out],
    )


def _threshold(made: Scored) -> float:
    """Where one in a hundred made-up people is flagged."""
    cut = quality.threshold_at_fpr(made.scores[~made.is_fake], FALSE_POSITIVE_SHARE)
    return round(float(min(0.999, max(0.001, cut))), 4)


def _measured(model: AccountModel, ground: _Ground) -> list[Scored]:
    """Every table, scored whole."""
    return [
        Scored.of(model, name, [row.values for row in rows], [row.is_fake for row in rows])
        for name, rows in ground.tables.items()
    ]


def _left_out_regimes(ground: _Ground, steps: Steps) -> list[dict[str, Any]]:
    """Each kind of fake, judged by weights that never met it, and by those that did."""
    people = [each.values for each in ground.held_out if not each.is_fake]
    found = []
    whole = fit([ground.simulated()])
    for regime in FAKES:
        fakes = [each.values for each in ground.held_out if each.regime == regime.name]
        kinds = [regime.name] * len(fakes)
        without = fit([ground.simulated(without=regime.name)])
        line = {"left_out": regime.name, "rows": len(fakes)}
        for label, weights in (("recall_at_fpr_0.01", without), ("recall_when_trained_on", whole)):
            recall = figures.regime_figures(kinds, _raw(weights, fakes), _raw(weights, people))
            line |= {label: recall.get(regime.name)}
        found.append(line)
        steps.next(f"without {regime.name}")
    return found


def _left_out_sources(
    ground: _Ground, research: Sequence[Source], steps: Steps
) -> list[dict[str, Any]]:
    """What each table gets from weights that also learned the others: the licence's price."""
    found = []
    simulated = ground.simulated()
    for source in research:
        others = [ground.part(each.name) for each in research if each is not source]
        part = ground.part(source.name)
        weights = fit([simulated, *others])
        raw = _raw(weights, [row.values for row in ground.tables[source.name]])
        found.append(
            figures.rounded(
                {
                    "left_out": source.name,
                    "trained_on": "simulation and every other table, research ones included",
                    "auc": quality.auc(part.is_fake, raw),
                    "recall_at_fpr_0.01": quality.recall_at_fpr(
                        part.is_fake, raw, FALSE_POSITIVE_SHARE
                    ),
                }
            )
        )
        steps.next(f"without {source.name}")
    return found


def _holdout(scored: Sequence[Scored]) -> dict[str, object]:
    every = (
        np.concatenate([each.is_fake for each in scored]),
        np.concatenate([each.scores for each in scored]),
    )
    slices = {f"source:{each.name}": (each.is_fake, each.scores) for each in scored}
    return quality.holdout({"all": every, **slices})


def _reference(made: Scored) -> dict[str, object]:
    measured = np.array([measures(each) for each in made.values])
    shown = ("posts", "followers", "following", "following per follower", "age")
    return quality.reference(made.scores, {name: measured[:, NAMES.index(name)] for name in shown})


def _identity(order: Order, blob: bytes, threshold: float) -> dict[str, Any]:
    return {
        "name": NAME,
        "version": order.out.name,
        "created": order.created,
        "format": ACCOUNT_FORMAT,
        "file": WEIGHTS_FILE,
        "sha256": hashlib.sha256(blob).hexdigest(),
        "size": len(blob),
        "threshold": threshold,
        "thresholds": {"threshold": threshold},
        "seed": order.seed,
    }
