"""Rules and models made ready for judging: what each event type needs, worked out once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from safety.decisions.controls import Lookups
from safety.decisions.features import Deriver
from safety.decisions.read import EventReader
from safety.domain.features import EventType
from safety.domain.habits import HORIZON
from safety.domain.ports import Classifier, Staged
from safety.ruleset.bundle import Bundle, Plan

# Rules read a model's threshold as `threshold.<model>`.
THRESHOLD = "threshold."


@dataclass(frozen=True, slots=True)
class Ready:
    """One event type, prepared: its plan, its derivations, and the classifiers its rules read."""

    event_type: EventType
    plan: Plan
    deriver: Deriver
    windows: tuple[str, ...]  # the names of what the counters answer
    classifiers: tuple[tuple[str, Classifier], ...]  # each with the name of its score
    absent: tuple[str, ...]  # scores that rules read and no loaded model gives
    thresholds: tuple[tuple[str, float], ...] = ()  # those of models, as rules read them
    staged: tuple[tuple[str, Staged], ...] = ()  # the classifiers that have a second stage

    @property
    def scores(self) -> tuple[str, ...]:
        """The scores that rules read here, whether a model gives them or not."""
        return tuple(name for name in self.plan.scores if not name.startswith(THRESHOLD))


class Prepared:
    """A bundle made ready for judging: one reader, and one plan per event type."""

    def __init__(
        self,
        bundle: Bundle,
        classifiers: Sequence[Classifier],
        thresholds: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        self.bundle = bundle
        self.classifiers = tuple(classifiers)
        self.thresholds = {f"{THRESHOLD}{name}": each for name, each in thresholds.items()}
        self.reader = EventReader(bundle.catalogue)
        self.models = {model.name: model.version for model in classifiers}
        self.lookups = Lookups(bundle, self.thresholds)
        self.unstored = tuple(f.name for f in bundle.catalogue.features.values() if not f.stored)
        by_score = {f"score.{model.name}": model for model in classifiers}
        self._by_type = {
            name: self._ready(event_type, by_score)
            for name, event_type in bundle.catalogue.event_types.items()
        }

    def __getitem__(self, event_type: str) -> Ready:
        """What judging an event of this type needs."""
        return self._by_type[event_type]

    def uses(self, classifiers: Sequence[Classifier], thresholds: Mapping[str, float]) -> bool:
        """Whether it was made ready with these models and thresholds."""
        named = {f"{THRESHOLD}{name}": each for name, each in thresholds.items()}
        return self.classifiers == tuple(classifiers) and self.thresholds == named

    def horizon(self) -> float:
        """Seconds of history that any counter of this bundle looks back on."""
        plans = [ready.plan.counting for ready in self._by_type.values()]
        watched = HORIZON if any(plan.watch is not None for plan in plans) else 0.0
        return max((watched, *(s.keep for plan in plans for s in plan.hits)))

    def _ready(self, event_type: EventType, by_score: Mapping[str, Classifier]) -> Ready:
        plan = self.bundle.plan(event_type.name)
        wanted = set(plan.features)
        for series in plan.counting.hits:
            wanted.update(name for name in (series.by, series.of) if name)
        wanted.update(entity for _, entity in plan.counting.labelled)
        if plan.scores:
            wanted.add("content.text_folded")
        for name in plan.scores:
            # What a model reads beside the text, such as an account's age.
            wanted.update(getattr(by_score.get(name), "reads", ()))
        return Ready(
            event_type,
            plan,
            Deriver(self.bundle.catalogue, wanted),
            tuple(window.name for window in plan.counting.windows),
            tuple((name, _first(by_score[name])) for name in plan.scores if name in by_score),
            tuple(n for n in plan.scores if n not in by_score and not n.startswith(THRESHOLD)),
            tuple((n, self.thresholds[n]) for n in plan.scores if n in self.thresholds),
            tuple(_staged(plan.scores, by_score)),
        )


def _staged(
    scores: Sequence[str], by_score: Mapping[str, Classifier]
) -> Iterator[tuple[str, Staged]]:
    for name in scores:
        found: object = by_score.get(name)
        if isinstance(found, Staged):
            yield name, found


def _first(classifier: Classifier) -> Classifier:
    return classifier.first if isinstance(classifier, Staged) else classifier
