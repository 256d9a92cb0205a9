"""What the API of accounts and sessions answers. Secrets are shown once, hashes never."""

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import BaseModel, Field

from safety.accounts.importing import ImportResult
from safety.accounts.second_factor import Enrolled, Status
from safety.accounts.signup import Outcome
from safety.decisions.record import iso
from safety.domain.accounts import Account, AccountStatus
from safety.gates.password_policy import Strength
from safety.web.schemas import DecisionOut
from safety.web.sessions_out import SessionOut


class AccountOut(BaseModel):
    """An account as its owner and the platform may see it."""

    id: str = Field(examples=["acc_19f0c2a41b7c3d0a1b2c3d4e5"])
    username: str
    email: str | None
    email_verified: bool
    status: Literal["active", "held", "locked", "closed"]
    created_at: str

    @classmethod
    def of(cls, account: Account) -> Self:
        """Everything but what its owner could not want anybody to see."""
        return cls(
            id=account.id,
            username=account.username,
            email=account.email,
            email_verified=account.email_verified_at is not None,
            status=account.status.value,
            created_at=iso(account.created_at),
        )


class ManagedAccountOut(AccountOut):
    """An account as the platform's support sees it."""

    status_reason: str
    held_by: str | None = Field(description="the decision whose item decides about it")
    failures: int = Field(description="wrong passwords since the last right one")
    must_reset: bool = Field(description="too many of them: only a reset lets its owner in")
    password_changed_at: str | None

    @classmethod
    def of(cls, account: Account) -> Self:
        """Everything but the hash."""
        changed = account.password_changed_at
        return cls(
            **AccountOut.of(account).model_dump(),
            status_reason=account.status_reason,
            held_by=account.held_by,
            failures=account.failures,
            must_reset=account.must_reset,
            password_changed_at=None if changed is None else iso(changed),
        )


class SignUpOut(BaseModel):
    """What came of a signup. Do what the decision's verdict says."""

    outcome: Literal["created", "held", "refused"] = Field(
        description="held: nobody signs in to it before a person has looked"
    )
    account: AccountOut | None = Field(description="null if refused")
    decision: DecisionOut

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        """A decided signup."""
        account = outcome.account
        decision = DecisionOut.model_validate(outcome.decision)
        if account is None:
            return cls(outcome="refused", account=None, decision=decision)
        is_held = account.status is AccountStatus.HELD
        return cls(
            outcome="held" if is_held else "created",
            account=AccountOut.of(account),
            decision=decision,
        )


class AboutMeOut(BaseModel):
    """Who a session belongs to."""

    account: AccountOut
    session: SessionOut
    has_second_factor: bool


class TotpOut(BaseModel):
    """What somebody has as a second factor. The secret is never shown again."""

    is_enrolled: bool
    is_pending: bool = Field(description="enrolled, and not confirmed by a code yet")
    confirmed_at: str | None
    codes_left: int = Field(description="recovery codes that were not used")
    drift_steps: int = Field(description="by how many times 30 s the phone's clock was ahead")

    @classmethod
    def of(cls, status: Status) -> Self:
        """The status of a second factor."""
        confirmed = status.confirmed_at
        return cls(
            is_enrolled=status.is_enrolled,
            is_pending=status.is_pending,
            confirmed_at=None if confirmed is None else iso(confirmed),
            codes_left=status.codes_left,
            drift_steps=status.drift,
        )


class EnrolledOut(BaseModel):
    """What an authenticator app needs. Shown once; it counts when a code has confirmed it."""

    secret: str = Field(
        description="base32, for typing", examples=["JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"]
    )
    uri: str = Field(description="otpauth://, for a link")
    qr_svg: str = Field(description="the same as an image, for scanning")

    @classmethod
    def of(cls, enrolled: Enrolled) -> Self:
        """An enrolment that was just made."""
        return cls(secret=enrolled.secret, uri=enrolled.uri, qr_svg=enrolled.qr_svg)


class FieldProblem(BaseModel):
    """What is wrong with one field. The value is never repeated."""

    field: str
    message: str


class RecoveryCodesOut(BaseModel):
    """Ten codes that each work once. They are shown this once, and replace all before."""

    codes: list[str]


class StrengthOut(BaseModel):
    """What our policy says of a password."""

    is_accepted: bool
    score: int = Field(ge=0, le=4, description="0 falls at once, 4 is out of reach")
    problem: str | None = Field(description="why it is refused, in words for its owner")
    suggestions: list[str]

    @classmethod
    def of(cls, strength: Strength, problem: str | None) -> Self:
        """An opinion, and what the policy objects to."""
        return cls(
            is_accepted=problem is None,
            score=strength.score,
            problem=problem,
            suggestions=list(strength.suggestions),
        )


class ImportedOut(BaseModel):
    """What became of one account of an import: its id here, or what is wrong with it."""

    account_id: str | None
    error: FieldProblem | None


class ImportOut(BaseModel):
    """One result for each account, in the order they were sent."""

    imported: int
    results: list[ImportedOut]

    @classmethod
    def of(cls, results: Sequence[ImportResult]) -> Self:
        """What an import came to."""
        made = [
            ImportedOut(
                account_id=result.account_id,
                error=None
                if result.error is None
                else FieldProblem(field=result.error.field, message=result.error.message),
            )
            for result in results
        ]
        return cls(imported=sum(each.account_id is not None for each in made), results=made)


class ErasedOut(BaseModel):
    """How many records of what were deleted."""

    erased: dict[str, int]
