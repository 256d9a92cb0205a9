"""Review: items that wait for a person, and what the person decides."""

from dataclasses import dataclass
from enum import StrEnum

from safety.domain.verdicts import Severity, Verdict


class ItemStatus(StrEnum):
    """Whether an item still waits."""

    OPEN = "open"
    RESOLVED = "resolved"


class Action(StrEnum):
    """What a moderator decides about an item."""

    KEEP = "keep"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a person should look at. `version` grows with every change to it."""

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


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a moderator decided about an item, citing a policy when something is taken away."""

    id: str
    item_id: str
    decision_id: str
    tenant: str
    action: Action
    policy: str | None
    note: str
    moderator: str
    resolved_at: float
