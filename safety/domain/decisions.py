"""Decisions: the record of what was answered to an event, and why."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from safety.domain.labels import Label
from safety.domain.verdicts import Severity, Verdict


class SignalSource(StrEnum):
    """Who gave an opinion."""

    RULE = "rule"
    POINTS = "points"
    FAIL_POLICY = "fail_policy"
    TEST_VALUE = "test_value"
    ATTACK = "attack"  # the challenge level that was raised


@dataclass(frozen=True, slots=True)
class Signal:
    """One opinion behind a decision. A shadow signal (`live` false) is recorded, never obeyed."""

    source: SignalSource
    name: str
    verdict: Verdict
    reason: str
    live: bool = True
    final: bool = False
    override: bool = False

    @property
    def is_liftable(self) -> bool:
        """Whether an override takes this opinion out of the decision."""
        return self.source in {SignalSource.RULE, SignalSource.POINTS} and not self.final


def combine(signals: tuple[Signal, ...]) -> Verdict:
    """The strictest live verdict; an override lifts what rules say that are not final.

    It lifts rules only: that something could not be judged stays true whoever is trusted.
    """
    live = [signal for signal in signals if signal.live]
    lifted = any(signal.override for signal in live)
    return max((s.verdict for s in live if not (lifted and s.is_liftable)), default=Verdict.ALLOW)


@dataclass(frozen=True, slots=True)
class NewItem:
    """Something a person should look at, born in the same transaction as its decision."""

    id: str
    queue: str
    severity: Severity
    reason: str


class LedgerEntry(NamedTuple):
    """Everything the ledger keeps of one decision. Byte fields are UTF-8 JSON.

    `event` is the event as sent; `facts` every value that was computed (derived features, windows,
    labels, scores); `signals` every fired rule with its lines; `answer` the bytes that went out.
    """

    id: str
    tenant: str
    event_id: str
    event_type: str
    actor_id: str
    verdict: Verdict
    decided_at: float
    event_time: float
    ruleset: str
    event: bytes
    facts: bytes
    signals: bytes
    answer: bytes
    item: NewItem | None = None
    labels: tuple[Label, ...] = ()


class AmendmentKind(StrEnum):
    """What may be added to a decision after it was answered. The decision itself never changes."""

    PROOF = "proof"  # the actor solved the challenge
    OUTCOME = "outcome"  # the platform reports what came of it
    UNDONE = "undone"  # what a rule did was taken back


@dataclass(frozen=True, slots=True)
class Amendment:
    """A later fact about a decision; `body` is UTF-8 JSON."""

    decision_id: str
    kind: AmendmentKind
    at: float
    verdict: Verdict | None
    body: bytes
