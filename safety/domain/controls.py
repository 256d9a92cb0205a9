"""Controls: what people and the circuit breaker take away from rules without changing a file."""

from dataclasses import dataclass
from enum import StrEnum

from safety.domain.verdicts import Verdict


class ControlKind(StrEnum):
    """What a control does."""

    SNOOZE = "snooze"  # one rule rests for one entity
    SWITCH = "switched_off"  # recorded and no longer obeyed
    BREAKER = "breaker"  # demoted because it ran away
    RESUMED = "resumed"  # the circuit breaker leaves it alone for a while


class Over(StrEnum):
    """What a control is over."""

    RULE = "rule"
    OWNER = "owner"
    VERDICT = "verdict"
    LIST_ENTRY = "list_entry"  # named `list:value`
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Control:
    """One control, with who set it, why and until when (Unix seconds; None is until it is ended).

    `most` is the strictest verdict that it leaves: CHALLENGE, or ALLOW for a signal that is only
    recorded, like one in shadow. `entity` is a feature's name and value, for a snooze; an empty
    `tenant` stands for all.
    """

    kind: ControlKind
    over: Over
    subject: str
    reason: str
    author: str
    created_at: float
    expires_at: float | None = None
    most: Verdict = Verdict.ALLOW
    tenant: str = ""
    entity: tuple[str, str] = ("", "")

    def is_live(self, at: float) -> bool:
        """Whether the control counts at this moment."""
        return self.expires_at is None or at < self.expires_at
