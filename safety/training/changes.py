"""What becomes of history when one ruleset gives way to another, as values."""

from collections.abc import Mapping
from dataclasses import dataclass

from safety.domain.features import Value


@dataclass(frozen=True, slots=True)
class Transition:
    """How many events get one verdict from the first ruleset and another from the second."""

    before: str
    after: str
    events: int


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One rule under both rulesets. `change` is `added`, `removed`, `changed` or `same`.

    `before` and `after` count its matches, live or shadow. `stricter` and `milder` count events
    whose verdict changed and on which this rule speaks differently.
    """

    rule: str
    change: str
    before: int
    after: int
    stricter: int
    milder: int

    @property
    def is_worth_a_line(self) -> bool:
        """Whether anything about the rule differs between the two."""
        is_same = self.change == "same" and self.before == self.after
        return not is_same or bool(self.stricter or self.milder)


@dataclass(frozen=True, slots=True)
class ChangedEvent:
    """One event whose verdict changes, with the rules that speak differently about it."""

    decision_id: str
    tenant: str
    event_type: str
    actor_id: str
    decided_at: float
    before: str
    after: str
    rules: tuple[str, ...]
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class RulesetDiff:
    """What becomes of history when the first ruleset gives way to the second.

    `newly_stopped` events were allowed before and are not now, `released` ones the reverse;
    `newly_blocked` are blocked now and were not before.
    """

    before: str
    after: str
    since: float
    until: float
    events: int
    newly_stopped: int
    newly_blocked: int
    released: int
    accounts_newly_stopped: int
    accounts_released: int
    transitions: tuple[Transition, ...]
    rules: tuple[RuleChange, ...]
    samples: tuple[ChangedEvent, ...]
