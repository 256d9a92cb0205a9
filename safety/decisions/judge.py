"""What do the rules, counters and models say of one event? Values in, judgement out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import structlog

from safety.decisions.controls import ControlsInForce, Lookups
from safety.decisions.features import Deriver
from safety.decisions.read import EventReader
from safety.domain.decisions import NewItem, Signal, SignalSource, combine
from safety.domain.events import Event
from safety.domain.features import EventType, Value, Values
from safety.domain.labels import Label
from safety.domain.ports import Classifier, Counters
from safety.domain.rules import Fired, verdict_of_points
from safety.domain.verdicts import FailPolicy, Verdict
from safety.review.route import Sampling, route
from safety.ruleset.bundle import Bundle, Plan

log = structlog.get_logger()

# Actor ids that always get the verdict they name, for integrators' tests, with test keys only.
TEST_VALUES = {f"safety-test-{verdict.word}": verdict for verdict in Verdict}


@dataclass(frozen=True, slots=True)
class Skip:
    """A part that did not judge, and why: `deadline`, `final_rule`, `unavailable`."""

    part: str
    why: str


class Judgement(NamedTuple):
    """Everything known of an event once it is judged, before it is written."""

    id: str
    tenant: str
    event: Event
    event_type: EventType
    decided_at: float
    verdict: Verdict
    signals: tuple[Signal, ...]
    fired: tuple[Fired, ...]
    values: Values
    scores: Mapping[str, float]
    item: NewItem | None
    labels: tuple[Label, ...]
    skipped: tuple[Skip, ...]
    degraded: tuple[str, ...]
    fail_policy: FailPolicy | None
    bundle: Bundle
    models: Mapping[str, str]
    is_counted: bool  # whether the counters recorded the event
    unstored: tuple[str, ...]  # computed values that are cheaper to compute again than to keep

    @property
    def live(self) -> list[Fired]:
        """The enforced rules that fired, the primary one first."""
        return sorted((f for f in self.fired if f.is_live), key=_importance)


def _importance(fired: Fired) -> tuple[int, int, str]:
    return (-fired.verdict, -fired.rule.severity.rank, fired.rule.id)


@dataclass(frozen=True, slots=True)
class _Ready:
    """One event type, prepared: its plan, its derivations, and the classifiers its rules read."""

    event_type: EventType
    plan: Plan
    deriver: Deriver
    windows: tuple[str, ...]  # the names of what the counters answer
    classifiers: tuple[tuple[str, Classifier], ...]  # each with the name of its score
    absent: tuple[str, ...]  # scores that rules read and no loaded model gives


class Prepared:
    """A bundle made ready for judging: one reader, and one plan per event type."""

    def __init__(self, bundle: Bundle, classifiers: Sequence[Classifier]) -> None:
        self.bundle = bundle
        self.reader = EventReader(bundle.catalogue)
        self.models = {model.name: model.version for model in classifiers}
        self.lookups = Lookups(bundle)
        self.unstored = tuple(f.name for f in bundle.catalogue.features.values() if not f.stored)
        by_score = {f"score.{model.name}": model for model in classifiers}
        self._by_type = {
            name: self._ready(event_type, by_score)
            for name, event_type in bundle.catalogue.event_types.items()
        }

    def __getitem__(self, event_type: str) -> _Ready:
        return self._by_type[event_type]

    def horizon(self) -> float:
        """Seconds of history that any counter of this bundle looks back on."""
        plans = [ready.plan.counting for ready in self._by_type.values()]
        return max((s.keep for plan in plans for s in plan.hits), default=0.0)

    def _ready(self, event_type: EventType, by_score: Mapping[str, Classifier]) -> _Ready:
        plan = self.bundle.plan(event_type.name)
        wanted = set(plan.features)
        for series in plan.counting.hits:
            wanted.update(name for name in (series.by, series.of) if name)
        wanted.update(entity for _, entity in plan.counting.labelled)
        if plan.scores:
            wanted.add("content.text_folded")
        return _Ready(
            event_type,
            plan,
            Deriver(self.bundle.catalogue, wanted),
            tuple(window.name for window in plan.counting.windows),
            tuple((score, by_score[score]) for score in plan.scores if score in by_score),
            tuple(score for score in plan.scores if score not in by_score),
        )


class Judge:
    """Judges events with the bundle in force. Adding a signal never softens a judgement.

    `controls` are what takes effect away from rules; None while there are none.
    """

    def __init__(
        self,
        counters: Counters,
        new_id: Callable[[str], str],
        sampling: Sampling | None = None,
    ) -> None:
        self._counters = counters
        self._new_id = new_id
        self._sampling = sampling
        self.controls: ControlsInForce | None = None

    def judge(
        self,
        tenant: str,
        event: Event,
        prepared: Prepared,
        *,
        now: float,
        has_time: Callable[[], bool],
        is_test: bool = False,
    ) -> Judgement:
        """Judge an event that arrived now. `has_time` is asked before work that may be skipped."""
        ready = prepared[event.type]
        if is_test and event.actor_id in TEST_VALUES:
            draft = _Draft(dict(event.values))
            draft.forced = TEST_VALUES[event.actor_id]
            return self._settle(tenant, event, prepared, draft, now)
        draft = _Draft(dict(event.values))
        try:
            ready.deriver.run(draft.values, event.time)
        except Exception as error:  # noqa: BLE001  whatever fails is unknown, and stops nothing
            draft.survive("features", error)
        self._count(tenant, event, ready, draft)
        try:
            draft.fired = ready.plan.judge_final(draft.values)
        except Exception as error:  # noqa: BLE001  as above
            draft.survive("rules", error)
        controls = self.controls
        if controls is not None and draft.fired:
            draft.fired = controls.applied(tenant, draft.fired, draft.values, prepared.lookups, now)
        if draft.fired and any(f.is_live and f.verdict is Verdict.BLOCK for f in draft.fired):
            draft.skip(ready.plan.scores, "final_rule")
        else:
            self._score(ready, draft, has_time)
        try:
            fired = ready.plan.judge(draft.values)
            if controls is not None and fired:
                fired = controls.applied(tenant, fired, draft.values, prepared.lookups, now)
            draft.fired += fired
        except Exception as error:  # noqa: BLE001  as above
            draft.survive("rules", error)
        return self._settle(tenant, event, prepared, draft, now)

    def _count(self, tenant: str, event: Event, ready: _Ready, draft: "_Draft") -> None:
        counting = ready.plan.counting
        values = draft.values
        try:
            numbers, labels = self._counters.observe(tenant, counting, values, event.time)
        except Exception as error:  # noqa: BLE001  whatever fails is unknown, and stops nothing
            draft.survive("counters", error)
            return
        draft.is_counted = True
        for name, number in zip(ready.windows, numbers, strict=True):
            if number == number:  # noqa: PLR0124  NaN is a missing entity
                values[name] = number
        values.update(labels)

    def _score(self, ready: _Ready, draft: "_Draft", has_time: Callable[[], bool]) -> None:
        has_text = "content.text" in draft.values
        if ready.absent and has_text:
            draft.degraded.extend(ready.absent)
            draft.skip(ready.absent, "unavailable")
        for name, classifier in ready.classifiers:
            if not has_time():
                if has_text:
                    draft.skip((name,), "deadline")
                continue
            try:
                score = classifier.score(draft.values)
            except Exception as error:  # noqa: BLE001  whatever fails is unknown, and stops nothing
                draft.survive(name, error)
                continue
            if score is not None:
                draft.values[name] = score
                draft.scores[classifier.name] = score

    def _settle(
        self, tenant: str, event: Event, prepared: Prepared, draft: "_Draft", now: float
    ) -> Judgement:
        event_type = prepared[event.type].event_type
        fail_policy = event_type.fail if draft.is_incomplete else None
        signals = _signals(draft, event, event_type, fail_policy)
        verdict = combine(signals) if signals else Verdict.ALLOW
        decision_id = self._new_id("dec")
        item = None
        if draft.fired or verdict is Verdict.HOLD:
            item_id = f"itm{decision_id[3:]}"
            item = route(event_type, draft.fired, verdict, item_id=item_id)
            if item is None and self._sampling is not None:
                item = self._sampling.item(draft.fired, now, item_id=item_id)
        return Judgement(
            id=decision_id,
            tenant=tenant,
            event=event,
            event_type=event_type,
            decided_at=now,
            verdict=verdict,
            signals=signals,
            fired=tuple(draft.fired),
            values=draft.values,
            scores=draft.scores,
            item=item,
            labels=_labels(draft, now) if draft.fired else (),
            skipped=tuple(draft.skipped),
            degraded=tuple(draft.degraded),
            fail_policy=fail_policy,
            bundle=prepared.bundle,
            models=prepared.models,
            is_counted=draft.is_counted,
            unstored=prepared.unstored,
        )


class _Draft:
    """What is known so far of an event that is being judged."""

    __slots__ = ("degraded", "fired", "forced", "is_counted", "scores", "skipped", "values")

    def __init__(self, values: dict[str, Value]) -> None:
        self.values = values
        self.fired: list[Fired] = []
        self.forced: Verdict | None = None  # a test value's verdict
        self.is_counted = False
        self.scores: dict[str, float] = {}
        self.skipped: list[Skip] = []
        self.degraded: list[str] = []

    def survive(self, part: str, error: Exception) -> None:
        """What failed is unknown: it degrades the decision and never stops it."""
        log.warning("part_failed", part=part, error=type(error).__name__)
        self.degraded.append(part)
        self.skip((part,), "unavailable")

    @property
    def is_incomplete(self) -> bool:
        """Whether something that should have judged could not."""
        return bool(self.degraded) or any(skip.why != "final_rule" for skip in self.skipped)

    def skip(self, parts: Sequence[str], why: str) -> None:
        self.skipped.extend(Skip(part, why) for part in parts)


def _signals(
    draft: _Draft, event: Event, event_type: EventType, fail_policy: FailPolicy | None
) -> tuple[Signal, ...]:
    signals = [_signal_of(fired) for fired in draft.fired]
    if event_type.points and signals:
        points, verdict = verdict_of_points(draft.fired, event_type.points)
        if verdict is not Verdict.ALLOW:
            signals.append(Signal(SignalSource.POINTS, str(points), verdict, "POINTS"))
    if fail_policy is not None:
        signals.append(fail_signal(fail_policy))
    if draft.forced is not None:
        forced = draft.forced
        signals.append(Signal(SignalSource.TEST_VALUE, event.actor_id, forced, "TEST_VALUE"))
    return tuple(signals)


def _signal_of(fired: Fired) -> Signal:
    rule = fired.rule
    return Signal(
        SignalSource.RULE,
        rule.id,
        fired.verdict,
        rule.reason,
        live=fired.is_live,
        final=rule.final,
        # Lifting needs certainty as much as blocking does.
        override=rule.override and not fired.capped,
    )


def fail_signal(policy: FailPolicy) -> Signal:
    """The opinion of an event type's fail policy, given when something could not judge."""
    return Signal(SignalSource.FAIL_POLICY, policy.value, policy.verdict, "NOT_FULLY_JUDGED")


def _labels(draft: _Draft, now: float) -> tuple[Label, ...]:
    labels: list[Label] = []
    for fired in draft.fired:
        if not fired.is_live or fired.control is not None:
            continue
        for effect in fired.rule.labels:
            entity = draft.values.get(effect.entity)
            if type(entity) is str:
                labels.append(
                    Label(
                        (effect.entity, entity),
                        effect.name,
                        f"rule:{fired.rule.id}",
                        fired.rule.reason,
                        now,
                        now + effect.lasts,
                    )
                )
    return tuple(labels)
