"""Rules as facts: what a compiled rule is and what it says when it fires."""

from collections.abc import Mapping
from dataclasses import dataclass

from safety.domain.challenges import ChallengeKind
from safety.domain.features import Value
from safety.domain.verdicts import Mode, Severity, Verdict


@dataclass(frozen=True, slots=True)
class LabelEffect:
    """A label that a rule writes on an entity of the event; `lasts` is in seconds."""

    entity: str
    name: str
    lasts: float


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule in force, without its condition: what people and records need to know of it."""

    id: str
    title: str
    owner: str
    policy: str
    reason: str  # the reason code in answers, such as SPAM_LINK_BURST
    events: tuple[str, ...]
    mode: Mode
    verdict: Verdict
    severity: Severity
    queue: str | None  # send the event to this review queue, whatever the verdict
    labels: tuple[LabelEffect, ...]
    final: bool  # judged before the models; a block here skips them and no override lifts it
    override: bool  # an `override: allow` rule lifts every verdict that is not final
    retry_after: float | None  # seconds after which the platform may try again
    revision: str  # hash of the rule's meaning; changes when the rule does
    place: str  # file:line
    challenge: ChallengeKind | None = None  # what a challenge asks for; None is what is configured


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule whose condition was definitely true for an event.

    `verdict` is the rule's own, or HOLD when an exclusion was unknown and `capped` is true.
    """

    rule: Rule
    verdict: Verdict
    capped: bool = False

    @property
    def is_live(self) -> bool:
        """Whether this signal may change the decision."""
        return self.rule.mode is Mode.ENFORCE


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a rule's condition with the values that made it true, false or unknown."""

    text: str
    outcome: bool | None
    values: Mapping[str, Value | None]
