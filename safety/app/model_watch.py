"""Beside the live answer: scores versions in shadow, and counts what models meet from day to day.

The path of a decision only hands its judgement over, once it is answered. What arrives faster than
it can be looked at is let go: a sample is enough to see drift and disagreement.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from random import random
from typing import Final

import structlog
from sqlalchemy import Engine

from safety.app.models import InForce
from safety.app.sample import Sample
from safety.app.swapping import breather
from safety.classifiers.card import Card
from safety.classifiers.day_counts import (
    ALL,
    DayCounts,
    decoded,
    drifts,
    merged,
    slices_of_event,
    summed,
)
from safety.classifiers.drift import Drift, Reference, reference_of
from safety.decisions.judge import Judgement, Prepared
from safety.domain.decisions import NewItem
from safety.domain.features import Values
from safety.domain.ports import Classifier
from safety.domain.verdicts import Severity
from safety.store import model_watch
from safety.store.engine import read, write
from safety.store.model_watch import Key, ShadowScore

log = structlog.get_logger()

QUEUE: Final = "models"
REASON: Final = "MODELS_DISAGREE"
DAY: Final = 86_400.0
# Of what came since the last round. Of a busier moment so many are drawn, each as likely as any.
_MOST_IN_ROUND: Final = 100
_FLUSH_SECONDS: Final = 30.0
_FORGET_SECONDS: Final = 60 * 60.0
_LOOK_BACK_DAYS: Final = 7
_KEPT_DAYS: Final = 180
_SHADOW_KEPT: Final = 30 * DAY
_MOST_SHADOW: Final = 200_000


@dataclass(frozen=True, slots=True)
class Stand:
    """What the watch stands on. `card` gives the card of a version."""

    engine: Engine
    clock: Callable[[], float]
    in_force: Callable[[], InForce]
    prepared: Callable[[], Prepared]
    card: Callable[[str, str], Card]
    new_id: Callable[[str], str]
    samples: int  # disagreements of each model that wait for a moderator, in a day


@dataclass(slots=True)
class Told:
    """What the metrics show, since the start of this process."""

    compared: int = 0
    disagreed: int = 0
    failed: int = 0
    drifts: dict[tuple[str, str], Drift] = field(default_factory=dict)  # by model and input
    calibration: dict[tuple[str, ...], float] = field(default_factory=dict)  # by model and slice


class ModelWatch:
    """Rounds of one thread; `noticed` may be called from any other."""

    def __init__(self, stand: Stand) -> None:
        self._stand = stand
        self._came = Sample[Judgement](_MOST_IN_ROUND, random)
        self._counts: dict[Key, DayCounts] = {}
        self._references: dict[tuple[str, str], Reference | None] = {}
        self._sampled: dict[str, int] = {}
        self._flushed_at = stand.clock()
        self._forgot_at = 0.0
        self.told = Told()

    def noticed(self, judgement: Judgement) -> None:
        """Take note of a judgement that was answered; it is looked at in the next round."""
        self._came.add(judgement)

    def round(self) -> None:
        """Look at what came since the last round, a little at a time."""
        in_force = self._stand.in_force()
        shadows: list[ShadowScore] = []
        pause = breather()
        for judgement in self._came.take():
            for name, score in judgement.scores.items():
                live = in_force.live.get(name)
                if live is not None and judgement.models.get(name) == live.version:
                    self._count(judgement, live, score, in_force.thresholds[name])
            for name, model in in_force.shadow.items():
                if name in judgement.scores or name not in judgement.models:
                    shadows.append(self._beside(judgement, name, model, in_force))
            pause()
        if shadows:
            self._keep(shadows, in_force)
        now = self._stand.clock()
        if now - self._flushed_at >= _FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Add this process's counts to those that are kept, and look how far things have moved."""
        now = self._stand.clock()
        self._flushed_at = now
        counts, self._counts = self._counts, {}
        found = {key: each.encode() for key, each in counts.items()}
        today = int(now // DAY)
        if found:
            with write(self._stand.engine) as connection:
                model_watch.merge_days(connection, found, merged)
        if now - self._forgot_at >= _FORGET_SECONDS:
            self._forget(now, today)
        self.told.drifts = self._drifts(today)

    def check(self) -> None:
        """Measure how well live scores fit what people decided."""
        evidence = import_module("safety.training.desk_evidence")  # only for those who have people
        measure = evidence.DeskEvidence(self._stand.engine, self._stand.prepared, self._stand.clock)
        live = {name: model.version for name, model in self._stand.in_force().live.items()}
        found = measure.check(live)
        self.told.calibration = {key: one.error for key, one in found.items()}

    def _forget(self, now: float, today: int) -> None:
        self._forgot_at = now
        with write(self._stand.engine) as connection:
            model_watch.forget(
                connection,
                before=now - _SHADOW_KEPT,
                before_day=today - _KEPT_DAYS,
                most=_MOST_SHADOW,
            )

    def _count(
        self, judgement: Judgement, model: Classifier, score: float, threshold: float
    ) -> None:
        day = int(judgement.decided_at // DAY)
        known = {key[3]: None for key in self._counts if key[:2] == (model.name, model.version)}
        for name in slices_of_event(judgement.event.type, judgement.values, known):
            key = (model.name, model.version, day, name)
            counts = self._counts.setdefault(key, DayCounts())
            counts.add(score, threshold)
            reference = self._reference(model.name, model.version)
            if name == ALL and reference is not None:
                counts.read(reference, _inputs(model, judgement.values))

    def _beside(
        self, judgement: Judgement, name: str, model: Classifier, in_force: InForce
    ) -> ShadowScore:
        """What the version in shadow says; it may fail, and nothing else does."""
        try:
            score = model.score(judgement.values)
        except Exception as error:  # noqa: BLE001  a candidate may be broken in any way
            log.warning("shadow_failed", model=name, error=type(error).__name__)
            self.told.failed += 1
            score = None
        if score is not None and not 0.0 <= score <= 1.0:
            self.told.failed += 1
            score = None
        if score is not None:
            self._count(judgement, model, score, in_force.shadow_thresholds[name])
        return ShadowScore(
            judgement.id,
            name,
            judgement.tenant,
            model.version,
            judgement.models.get(name, ""),
            score,
            judgement.scores.get(name),
            judgement.decided_at,
        )

    def _keep(self, scores: list[ShadowScore], in_force: InForce) -> None:
        samples: list[tuple[NewItem, ShadowScore]] = []
        for score in scores:
            if score.score is None or score.live_score is None:
                continue
            limit, other = in_force.thresholds.get(score.model), in_force.shadow_thresholds
            disagree = limit is not None and (score.live_score >= limit) != (
                score.score >= other[score.model]
            )
            key = (score.model, score.version, int(score.at // DAY), ALL)
            counts = self._counts.setdefault(key, DayCounts())
            counts.compared += 1
            counts.disagreed += disagree
            self.told.compared += 1
            self.told.disagreed += disagree
            if disagree and self._is_due(score):
                samples.append((self._item(), score))
        with write(self._stand.engine) as connection:
            model_watch.add_shadow(connection, scores)
            for item, score in samples:
                model_watch.add_disagreement(connection, item, score)

    def _item(self) -> NewItem:
        return NewItem(self._stand.new_id("itm"), QUEUE, Severity.LOW, REASON)

    def _is_due(self, score: ShadowScore) -> bool:
        """The first disagreement in each part of a day is taken, whatever arrives in one burst."""
        if not self._stand.samples:
            return False
        part = int(score.at // (DAY / self._stand.samples))
        is_due = self._sampled.get(score.model) != part
        self._sampled[score.model] = part
        return is_due

    def _reference(self, name: str, version: str) -> Reference | None:
        key = (name, version)
        if key not in self._references:
            self._references[key] = reference_of(self._stand.card(name, version).content)
        return self._references[key]

    def _drifts(self, today: int) -> dict[tuple[str, str], Drift]:
        """How far the live models' scores and inputs moved over the last days, all processes."""
        found: dict[tuple[str, str], Drift] = {}
        for name, model in self._stand.in_force().live.items():
            with read(self._stand.engine) as connection:
                since = today - _LOOK_BACK_DAYS + 1
                kept = model_watch.days(connection, name, model.version, since)
            counts = summed(decoded(row) for key, row in kept.items() if key[3] == ALL)
            for what, moved in drifts(self._reference(name, model.version), counts).items():
                found[name, what] = moved
        return found


def _inputs(model: Classifier, values: Values) -> Values:
    """The values as the card's reference names them: a model that measures them says how."""
    measured: Callable[[Values], Values] | None = getattr(model, "inputs", None)
    return values if measured is None else measured(values)
