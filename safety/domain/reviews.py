"""Review: items that wait for a person, and what the person decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final

from safety.domain.access import Permission, Role
from safety.domain.verdicts import Severity, Verdict

# What an item is about. Other rooms add words of their own; this one is born with a decision.
DECISION_ITEM: Final = "decision"
# A lease that ends later than this from now was taken under a clock that has been set back since.
LONGEST_LEASE: Final = 60 * 60.0
# What needs a second person takes effect when they agree, and not by itself.
UNTIL_AGREED: Final = 10 * 365 * 86_400.0
# The request of a step of the ladder, with what led to it; no person's request is called so.
_STEP: Final = "step:"


class ItemStatus(StrEnum):
    """Whether an item still waits."""

    OPEN = "open"
    RESOLVED = "resolved"


class Band(IntEnum):
    """How soon an item should be looked at."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2
    CRITICAL = 3

    @property
    def word(self) -> str:
        """The band as it is written on pages and in addresses."""
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> "Band":
        """Read a band from its word. Raises `ValueError` for any other text."""
        try:
            return cls[word.upper()]
        except KeyError:
            raise ValueError(f"{word!r} is not a band") from None


class Action(StrEnum):
    """What a moderator decides about an item, from mildest to most drastic."""

    KEEP = "keep"  # nothing is wrong
    LABEL = "label"  # mark the actor, so that rules and people know
    WARN = "warn"  # tell the actor; nothing is taken away
    REMOVE = "remove"  # take away what this is about
    LIMIT = "limit"  # the actor may do less, or less often
    SUSPEND = "suspend"  # the actor may do nothing for a while
    BAN = "ban"  # the actor may do nothing any more

    @property
    def rank(self) -> int:
        """0 for the mildest; the highest of a resolution speaks for it."""
        return _RANKS[self]

    @property
    def needs_policy(self) -> bool:
        """Whether it must cite what was broken: whoever is told off is told why."""
        return self not in {Action.KEEP, Action.LABEL}

    @property
    def restricts(self) -> bool:
        """Whether it holds for the actor for a while, and ends."""
        return self in {Action.LIMIT, Action.SUSPEND, Action.BAN}

    @property
    def past(self) -> str:
        """What was done, as a list says it."""
        return _PAST[self]


_RANKS: Final = MappingProxyType({action: rank for rank, action in enumerate(Action)})
_PAST: Final[Mapping[Action, str]] = MappingProxyType(
    {
        Action.KEEP: "kept",
        Action.LABEL: "labelled",
        Action.WARN: "warned",
        Action.REMOVE: "removed",
        Action.LIMIT: "limited",
        Action.SUSPEND: "suspended",
        Action.BAN: "banned",
    }
)


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who looks: the name that resolutions carry, and the role that says how far they may go."""

    name: str
    role: Role

    def may(self, permission: Permission) -> bool:
        """Whether the role allows it."""
        return self.role.may(permission)


@dataclass(frozen=True, slots=True)
class Why:
    """One part of an item's priority: how much of it there is, from 0 to 1, and in words."""

    part: str
    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a person should look at.

    `version` grows with every change that somebody who looks at it should know of, `claim` with
    every lease. `cluster` is what copies of the same text share; empty until it is known.
    """

    id: str
    tenant: str
    decision_id: str
    queue: str
    severity: Severity
    reason: str
    event_type: str
    actor_id: str
    verdict: Verdict
    created_at: float
    status: ItemStatus
    version: int
    kind: str = DECISION_ITEM
    band: Band = Band.MEDIUM
    why: tuple[Why, ...] = ()
    due_at: float | None = None
    is_raised: bool = False  # it was late, and is one band higher for it
    claimed_by: str = ""
    claimed_until: float = 0.0
    claim: int = 0
    snoozed_until: float | None = None
    escalated_from: str = ""
    language: str = ""
    policy: str = ""
    cluster: str = ""

    def is_late(self, at: float) -> bool:
        """Whether it waits for longer than its queue promises."""
        is_open = self.status is ItemStatus.OPEN
        return is_open and self.due_at is not None and at >= self.due_at

    def holder(self, at: float) -> str:
        """Who has it on their desk at this moment; empty when nobody does."""
        is_held = at < self.claimed_until <= at + LONGEST_LEASE
        return self.claimed_by if is_held else ""

    def is_snoozed(self, at: float) -> bool:
        """Whether it was put off until later."""
        return self.snoozed_until is not None and at < self.snoozed_until


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a resolution does, under which policy.

    `lasts` is in seconds, for what ends; None is until somebody reverses it. `label` names the mark
    that LABEL sets.
    """

    action: Action
    policy: str | None = None
    label: str = ""
    lasts: float | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a moderator decided about an item, citing a policy when something is taken away.

    `action` and `policy` are those of its most drastic act. It takes effect at `effective_at`, when
    label, strike and message are written (`settled_at`); until then it may be undone, and then it
    is as if it had never been. One that `reverses` another keeps, and ends what that one did.
    """

    id: str
    item_id: str
    decision_id: str
    tenant: str
    action: Action
    policy: str | None
    note: str
    moderator: str
    resolved_at: float
    acts: tuple[Act, ...] = ()
    message: str = ""
    effective_at: float | None = None  # None is at once
    settled_at: float | None = None
    undone_at: float | None = None
    undone_by: str = ""
    reverses: str | None = None
    batch: str = ""
    automated: bool = False
    request_key: str = ""

    @property
    def takes_effect_at(self) -> float:
        """When label, strike and message are written."""
        return self.resolved_at if self.effective_at is None else self.effective_at

    @property
    def is_undone(self) -> bool:
        """Whether it was taken back before it took effect."""
        return self.undone_at is not None

    @property
    def is_in_effect(self) -> bool:
        """Whether the platform was told, or nothing was waited for."""
        return not self.is_undone and (self.settled_at is not None or self.effective_at is None)

    def is_undoable(self, at: float) -> bool:
        """Whether it may still be taken back as if it had never been."""
        return not self.is_undone and not self.is_in_effect and at < self.takes_effect_at

    @property
    def waits_for_another(self) -> bool:
        """Whether it takes effect when a second person agrees, and not by itself."""
        waits = not self.is_undone and not self.is_in_effect
        return waits and self.takes_effect_at - self.resolved_at >= UNTIL_AGREED

    @property
    def step_key(self) -> str:
        """The request of the step that the strikes of this one may lead to."""
        return f"{_STEP}{self.id}"

    @property
    def is_step(self) -> bool:
        """Whether strikes have led to it: it gives none of its own."""
        return self.request_key.startswith(_STEP)

    @property
    def every_act(self) -> tuple[Act, ...]:
        """All that it does; one that was made with a single action does that."""
        return self.acts or (Act(self.action, self.policy),)


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to an item besides being resolved: when, by whom, what and how."""

    at: float
    author: str
    what: str
    detail: str = ""


def strongest(acts: tuple[Act, ...]) -> Act:
    """The act that speaks for all of them. Raises `ValueError` when there is none."""
    return max(acts, key=lambda act: act.action.rank)
