"""A candidate beside the live version of a model: figure by figure, and whether it may go live."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """How a candidate does at one thing."""

    BETTER = "better"
    SAME = "same"
    WORSE = "worse"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """One figure of both versions. `margin` is what chance alone would bring about."""

    group: str  # hold-out, desk, evasion or cost
    part: str  # the slice or the attack
    measure: str
    live: float | None
    candidate: float | None
    margin: float
    rows: int
    is_binding: bool = True
    why: str = ""  # why it is not known

    @property
    def outcome(self) -> Outcome:
        """How the candidate does."""
        if self.live is None or self.candidate is None:
            return Outcome.UNKNOWN
        gain = self.candidate - self.live
        if abs(gain) <= self.margin:
            return Outcome.SAME
        return Outcome.BETTER if gain > 0 else Outcome.WORSE


@dataclass(frozen=True, slots=True)
class Comparison:
    """A candidate beside the live version, figure by figure."""

    model: str
    live: str
    candidate: str
    checks: tuple[Check, ...]
    is_first: bool = False  # nothing is live that it could be worse than

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it may not go live; empty when it may."""
        if self.is_first:
            return ()
        found = [_reason(check) for check in self.checks if check.is_binding and _speaks(check)]
        if not found and not any(check.outcome is Outcome.BETTER for check in self.checks):
            found.append("it is not better at anything that was measured")
        return tuple(found)

    @property
    def may_go_live(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reasons

    def as_json(self) -> dict[str, Any]:
        """As the change of the pointer keeps it."""
        checks = [asdict(check) | {"outcome": check.outcome.value} for check in self.checks]
        return {"live": self.live, "reasons": list(self.reasons), "checks": checks}


def _speaks(check: Check) -> bool:
    return check.outcome is Outcome.WORSE or (check.outcome is Outcome.UNKNOWN and bool(check.why))


def _reason(check: Check) -> str:
    place = f"{check.group}, {check.part}"
    if check.outcome is Outcome.UNKNOWN:
        return f"{place}: {check.why}"
    return f"{place}: {check.measure} falls from {check.live:.3f} to {check.candidate:.3f}"
