"""Rules as facts: what a compiled rule is and what it says when it fires."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from safety.domain.challenges import ChallengeKind
from safety.domain.controls import Control
from safety.domain.features import Value
from safety.domain.verdicts import Mode, Severity, Verdict, strictest


@dataclass(frozen=True, slots=True)
class LabelEffect:
    """A label that a rule writes on an entity of the event; `lasts` is in seconds."""

    entity: str
    name: str
    lasts: float


@dataclass(frozen=True, slots=True)
class Canary:
    """For whom a canary rule is live: `share` in ten thousand of the entities in feature `by`."""

    by: str
    share: int


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
    canary: Canary | None = None  # set when, and only when, the mode is canary
    until: float | None = None  # Unix seconds after which the rule no longer fires
    points: int = 0  # added up over the live rules that fire; see `verdict_of_points`
    max_match_rate: float | None = None  # share of its events beyond which the rule runs away
    challenge: ChallengeKind | None = None  # what a challenge asks for; None is what is configured


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule whose condition was definitely true for an event.

    `verdict` is the rule's own, or HOLD when an exclusion was unknown and `capped` is true.
    `is_held_back` says that the rule is in canary and this event's entity outside of its share.
    `control` is what took effect away from it, and `would_be` the verdict without that.
    """

    rule: Rule
    verdict: Verdict
    capped: bool = False
    is_held_back: bool = False
    control: Control | None = None
    would_be: Verdict | None = None

    @property
    def is_live(self) -> bool:
        """Whether this signal may change the decision."""
        return self.mode is Mode.ENFORCE

    @property
    def mode(self) -> Mode:
        """How the rule counts for this event: canary is enforced for some and shadow for others."""
        if self.control is not None and self.control.most is Verdict.ALLOW:
            return Mode.SHADOW
        if self.rule.mode is not Mode.CANARY:
            return self.rule.mode
        return Mode.SHADOW if self.is_held_back else Mode.ENFORCE

    @property
    def ceiling(self) -> Verdict:
        """The strictest verdict that its points may help to reach."""
        most = self.control.most if self.control is not None else Verdict.BLOCK
        return min(most, Verdict.HOLD) if self.capped else most


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a rule's condition with the values that made it true, false or unknown."""

    text: str
    outcome: bool | None
    values: Mapping[str, Value | None]


def verdict_of_points(
    fired: Iterable[Fired], thresholds: Iterable[tuple[int, Verdict]]
) -> tuple[int, Verdict]:
    """The points of the live rules that fired, and the strictest verdict that they reach.

    Points of capped rules bring at most HOLD and those of demoted ones at most CHALLENGE, like the
    rules themselves.
    """
    live = [one for one in fired if one.is_live]
    steps = list(thresholds)
    reached = [
        min(verdict, ceiling)
        for ceiling in (Verdict.BLOCK, Verdict.HOLD, Verdict.CHALLENGE)
        for least, verdict in steps
        if sum(one.rule.points for one in live if one.ceiling >= ceiling) >= least
    ]
    return sum(one.rule.points for one in live), strictest(reached)
