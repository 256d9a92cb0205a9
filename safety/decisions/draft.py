"""What is known so far of an event that is being judged, and what becomes signals and labels."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from safety.domain.decisions import Signal, SignalSource
from safety.domain.events import Event
from safety.domain.features import EventType, Value
from safety.domain.labels import Label
from safety.domain.ports import Question, Staged
from safety.domain.rules import Fired, verdict_of_points
from safety.domain.verdicts import FailPolicy, Verdict

log = structlog.get_logger()

# A score's second stage, as decisions name it when it was skipped. The first stage's score stands,
# so the event has been judged: no fail policy steps in.
SECOND_STAGE = ".encoder"


@dataclass(frozen=True, slots=True)
class Skip:
    """A part that did not judge, and why: `busy`, `deadline`, `final_rule`, `unavailable`."""

    part: str
    why: str


class Draft:
    """What is known so far of an event that is being judged."""

    __slots__ = (
        "degraded", "fired", "forced", "is_counted", "questions", "scores", "skipped", "values",
    )  # fmt: skip

    def __init__(self, values: dict[str, Value]) -> None:
        self.values = values
        self.fired: list[Fired] = []
        self.forced: Verdict | None = None  # a test value's verdict
        self.is_counted = False
        self.questions: list[tuple[str, Staged, Question]] = []
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
        if not self.skipped and not self.degraded:
            return False
        parts = [skip.part for skip in self.skipped if skip.why != "final_rule"]
        return any(not part.endswith(SECOND_STAGE) for part in (*self.degraded, *parts))

    def skip_second(self, score: str, why: str) -> None:
        """A second stage did not answer: the score of the first one stands."""
        part = f"{score}{SECOND_STAGE}"
        if why == "unavailable":
            self.degraded.append(part)
        self.skip((part,), why)

    def skip(self, parts: Sequence[str], why: str) -> None:
        """These parts do not judge."""
        self.skipped.extend(Skip(part, why) for part in parts)


def signals_of(
    draft: Draft, event: Event, event_type: EventType, fail_policy: FailPolicy | None
) -> tuple[Signal, ...]:
    """Every opinion behind the decision, live or shadow."""
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


def labels_of(draft: Draft, now: float) -> tuple[Label, ...]:
    """The labels that the live rules leave."""
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
