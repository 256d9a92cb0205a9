"""Undoing by cause: taking back what one rule did in a stretch of time."""

from dataclasses import dataclass
from enum import StrEnum


class UndoState(StrEnum):
    """How far an undo is."""

    PROPOSED = "proposed"  # waits for a second person
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    STOPPED = "stopped"  # somebody stopped it; what was reversed until then stays reversed


@dataclass(frozen=True, slots=True)
class Cause:
    """What is undone: the live matches of a rule, from `since` up to `until` (Unix seconds).

    An empty revision stands for all of them, an empty tenant for all tenants.
    """

    rule: str
    since: float
    until: float
    revision: str = ""
    tenant: str = ""

    def covers(self, tenant: str, at: float) -> bool:
        """Whether a decision of this tenant, made at this moment, is part of it."""
        return self.since <= at < self.until and self.tenant in {"", tenant}


@dataclass(frozen=True, slots=True)
class Undo:
    """One undo by cause and how far it is.

    `decisions` and `accounts` are what the preview counted. Of the decisions that were `looked_at`,
    `reversed` were given another verdict, and `left_alone` had been decided by somebody else: a
    person, a proof, another rule. `cursor` is the last decision that was looked at.
    """

    id: str
    cause: Cause
    reason: str
    author: str
    created_at: float
    decisions: int
    accounts: int
    state: UndoState
    approved_by: str = ""
    approved_at: float | None = None
    cursor: tuple[float, int] = (0.0, 0)
    looked_at: int = 0
    reversed: int = 0
    left_alone: int = 0
    labels: int = 0
    finished_at: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether something may still come of it."""
        return self.state in {UndoState.PROPOSED, UndoState.RUNNING}
