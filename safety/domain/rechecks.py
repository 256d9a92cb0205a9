"""Rechecks: items whose answer checks an earlier one, and who may not give it."""

from dataclasses import dataclass
from enum import StrEnum

from safety.domain.reviews import Action


class RecheckKind(StrEnum):
    """Why somebody looks again. It is the `kind` of the item, which no page shows."""

    GOLDEN = "golden"  # the right answer is known
    SECOND = "second"  # chosen at random, blind to the first answer
    AUDIT = "audit"  # chosen at random of what was decided by rules alone
    APPEAL = "appeal"  # the actor asks again
    TIEBREAK = "tiebreak"  # two people answered differently
    APPROVAL = "approval"  # a drastic decision that takes effect when a second person agrees


class Answer(StrEnum):
    """What was answered: whether anything was taken away. The empty word is no answer yet."""

    NONE = ""
    KEEP = "keep"
    REMOVE = "remove"

    @classmethod
    def of(cls, action: Action) -> "Answer":
        """The answer that an action is."""
        return cls.KEEP if action in {Action.KEEP, Action.LABEL} else cls.REMOVE


RECHECKS = frozenset(recheck.value for recheck in RecheckKind)
# While somebody is to answer one of these, they must not see how it was decided before.
BLIND_KINDS = frozenset(kind for kind in RecheckKind if kind is not RecheckKind.APPROVAL)
# Nobody must be able to tell these from ordinary items.
HIDDEN_KINDS = frozenset({RecheckKind.GOLDEN.value, RecheckKind.SECOND.value})


@dataclass(frozen=True, slots=True)
class Recheck:
    """One recheck, which some people may not answer: those who gave the first answer.

    `resolution_id` is the first answer, empty where rules gave it; `expected` what it was, or for a
    golden item what is right; `policy` is what that cites.
    """

    item_id: str
    tenant: str
    kind: RecheckKind
    decision_id: str
    created_at: float
    resolution_id: str = ""
    expected: Answer = Answer.NONE
    policy: str = ""
    answer: Answer = Answer.NONE
    answer_policy: str = ""
    answered_by: str = ""
    answered_at: float | None = None

    @property
    def agrees(self) -> bool:
        """Whether the answer is the one that was expected."""
        return self.answer is self.expected


@dataclass(frozen=True, slots=True)
class Golden:
    """A decided item with its right answer, shown again where nobody expects it."""

    id: str
    tenant: str
    decision_id: str
    queue: str
    expected: Answer
    policy: str
    why: str
    author: str
    created_at: float
    retired_at: float | None = None


class AppealOutcome(StrEnum):
    """What came of an appeal. The empty word is: not decided yet."""

    PENDING = ""
    UPHELD = "upheld"  # the first decision stands
    OVERTURNED = "overturned"  # it was wrong, and is taken back


@dataclass(frozen=True, slots=True)
class Appeal:
    """Somebody asks again about what was decided: by rules, or by a person (`resolution_id`)."""

    id: str
    tenant: str
    actor_id: str
    decision_id: str
    resolution_id: str
    text: str
    created_at: float
    item_id: str
    outcome: AppealOutcome = AppealOutcome.PENDING
    decided_at: float | None = None
    decided_by: str = ""


class ReporterClass(StrEnum):
    """Who reports, as the platform knows them."""

    USER = "user"
    TRUSTED_FLAGGER = "trusted_flagger"  # Digital Services Act, article 22: comes first
    AUTHORITY = "authority"


class ReportOutcome(StrEnum):
    """What came of a report. The empty word is: not decided yet."""

    PENDING = ""
    ACTED = "acted"
    KEPT = "kept"
    REFUSED = "refused"  # the act of reporting was stopped, such as one of thousands


@dataclass(frozen=True, slots=True)
class Report:
    """One notice about a subject. `decision_id` is what was decided about the act of reporting."""

    id: str
    tenant: str
    platform_id: str
    reporter_id: str
    reporter_class: ReporterClass
    subject_kind: str
    subject_id: str
    owner_id: str
    reason: str
    note: str
    created_at: float
    decision_id: str
    item_id: str | None = None
    outcome: ReportOutcome = ReportOutcome.PENDING
    decided_at: float | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How often a reporter was right among their last decided reports."""

    right: int
    decided: int

    @property
    def accuracy(self) -> float:
        """From 0 to 1; one half before anything is known, and near it while little is."""
        return (self.right + 1) / (self.decided + 2)
