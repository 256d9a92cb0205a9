"""Rows that people labelled at the desk or on the platform, for one model to learn from.

A moderator who keeps something says that it is nothing that any model looks for. One who takes it
away says so only of the models whose rules cite the same policy: of others it says nothing.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import msgspec
from sqlalchemy import Connection

from safety.classifiers.drift import SCORE_BINS, score_bin
from safety.decisions.controls import SCORE
from safety.decisions.explain import Outcome
from safety.domain.features import Catalogue, Kind, Value
from safety.domain.reviews import Action
from safety.ruleset.bundle import Bundle
from safety.store.answers_of_people import Reported, Resolved, reported, resolved
from safety.store.stored import StoredDecision
from safety.training.labelled import TEST, TRAIN, LabelledRow

SOURCE: Final = "desk"
UNKNOWN_LANGUAGE: Final = "und"
# One actor in five is only ever used to judge the result; which ones never changes.
_TEST_SHARE: Final = 5
# However rarely people look at certain scores, one row does not outweigh a whole day's work.
_LEAST_WEIGHT, _MOST_WEIGHT = 0.1, 10.0
# What names somebody or something is no property of it, and has no place in a file to learn from.
_NAMING: Final = frozenset({"actor.email", "content.id", "net.user_agent"})

ValuesOf = Callable[[StoredDecision], Mapping[str, Value]]


class _Answer(msgspec.Struct):
    scores: dict[str, float] = {}
    models: dict[str, str] = {}
    policy: str | None = None


class _Outcome(msgspec.Struct):
    outcome: str = ""
    model: str = ""


_ANSWER = msgspec.json.Decoder(_Answer)
_OUTCOME = msgspec.json.Decoder(_Outcome)


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when people answered, and how many of their answers are read at most."""

    since: float
    until: float
    limit: int = 20_000


@dataclass(frozen=True, slots=True)
class Told:
    """A row with what the model had said; `score` is None where the model had not."""

    row: LabelledRow
    decision_id: str
    score: float | None
    version: str
    event_type: str


def policies_of(bundle: Bundle, model: str) -> frozenset[str]:
    """The policies that rules cite which look at a model's score."""
    return frozenset(
        compiled.rule.policy
        for compiled in bundle.compiled
        if compiled.rule.policy and any(read.name == SCORE + model for read in compiled.reads)
    )


def told(
    connection: Connection, bundle: Bundle, values_of: ValuesOf, model: str, window: Window
) -> list[Told]:
    """What people said of decisions that this model is about, the latest first, unweighted.

    What the desk said of a decision counts before what the platform reported of it.
    """
    policies = policies_of(bundle, model)
    limit = window.limit
    found: dict[str, Told] = {}
    answers = _labelled(
        resolved(connection, window.since, window.until, limit=limit),
        reported(connection, window.since, window.until, limit=limit),
        model,
        policies,
    )
    for decision, label in answers:
        if decision.id not in found and len(found) < limit:
            one = _told(decision, label, bundle.catalogue, values_of(decision), model)
            if one is not None:
                found[decision.id] = one
    return list(found.values())


def weighted(found: Iterable[Told], population: Mapping[int, int]) -> list[LabelledRow]:
    """The rows, each weighing as many as it stands for; their mean weight is 1.

    People look at high scores far more often than at low ones. `population` says how many events
    scored in each of `SCORE_BINS` bins (by day counts); without it all weigh the same.
    """
    rows = list(found)
    looked_at = Counter(score_bin(one.score) for one in rows if one.score is not None)
    whole, seen = sum(population.values()), sum(looked_at.values())
    weights = [_weight(one, population, looked_at, whole / seen if seen else 0.0) for one in rows]
    mean = sum(weights) / len(weights) if weights else 1.0
    return [
        replace(one.row, weight=round(weight / mean, 6))
        for one, weight in zip(rows, weights, strict=True)
    ]


def population_of(scores: Iterable[int]) -> dict[int, int]:
    """Counts of scores by bin, as `weighted` takes them."""
    return dict(zip(range(SCORE_BINS), scores, strict=True))


def _weight(one: Told, population: Mapping[int, int], looked_at: Counter[int], per: float) -> float:
    if one.score is None or not per:
        return 1.0
    place = score_bin(one.score)
    stands_for = population.get(place, 0) / looked_at[place] / per
    return min(_MOST_WEIGHT, max(_LEAST_WEIGHT, stands_for))


def _labelled(
    by_desk: Iterable[Resolved],
    by_platform: Iterable[Reported],
    model: str,
    policies: Collection[str],
) -> Iterator[tuple[StoredDecision, int]]:
    for each in by_desk:
        label = _label_of(each.action, each.policy, policies)
        if label is not None:
            yield each.decision, label
    for told_of in by_platform:
        label = _reported_label(told_of, model, policies)
        if label is not None:
            yield told_of.decision, label


def _label_of(action: Action, policy: str | None, policies: Collection[str]) -> int | None:
    if action is Action.KEEP:
        return 0
    if action is Action.LABEL:
        return None
    return 1 if policy in policies else None


def _reported_label(told_of: Reported, model: str, policies: Collection[str]) -> int | None:
    """An outcome that names the model speaks of it alone; one that does not, of what was cited."""
    try:
        said = _OUTCOME.decode(told_of.body)
        if said.model and said.model != model:
            return None
        if said.outcome in {Outcome.CONFIRMED_FINE, Outcome.RESTORED}:
            return 0
        if said.outcome != Outcome.CONFIRMED_ABUSE:
            return None
        cited = _ANSWER.decode(told_of.decision.answer).policy
    except msgspec.DecodeError:
        return None
    return 1 if said.model == model or cited in policies else None


def _told(
    decision: StoredDecision,
    label: int,
    catalogue: Catalogue,
    values: Mapping[str, Value],
    model: str,
) -> Told | None:
    try:
        answer = _ANSWER.decode(decision.answer)
    except msgspec.DecodeError:
        return None
    language = values.get("content.language")
    code = language.partition("-")[0].lower() if isinstance(language, str) else ""
    row = LabelledRow(
        values={name: each for name, each in values.items() if _is_property(name, catalogue)},
        label=label,
        weight=1.0,
        source=SOURCE,
        language=code or UNKNOWN_LANGUAGE,
        split=_split(decision),
    )
    score, version = answer.scores.get(model), answer.models.get(model, "")
    return Told(row, decision.id, score, version, decision.event_type)


def _is_property(name: str, catalogue: Catalogue) -> bool:
    feature = catalogue.features.get(name)
    is_entity = feature is not None and feature.kind is Kind.ENTITY
    is_said_by_us = name.startswith((SCORE, "threshold."))
    return not (is_entity or is_said_by_us or name in _NAMING)


def _split(decision: StoredDecision) -> str:
    actor = f"{decision.tenant}\0{decision.actor_id}".encode()
    place = int.from_bytes(hashlib.sha256(actor).digest()[:8], "big")
    return TEST if place % _TEST_SHARE == 0 else TRAIN
