"""What the API of sessions answers. A token is shown once, when its session is opened."""

from typing import Literal, Self

from pydantic import BaseModel, Field

from safety.accounts.sessions import SignedIn
from safety.decisions.record import iso
from safety.domain.accounts import Session
from safety.web.accounts_in import EXAMPLE_TOKEN
from safety.web.schemas import DecisionOut


class SessionOut(BaseModel):
    """An open session. Its id may be shown; it ends the session and does not open it."""

    id: str = Field(examples=["ses_19f0c2a41b7c3d0a1b2c3d4e5"])
    account_id: str
    factors: list[Literal["password", "totp", "recovery_code", "link"]]
    created_at: str
    seen_at: str
    proved_at: str = Field(description="when a factor was proved last")
    idle_at: str = Field(description="when it ends unused")
    expires_at: str = Field(description="when it ends in any case")
    address: str = Field(description="where it was opened: an IPv4 address or an IPv6 /64")
    agent: str
    is_current: bool

    @classmethod
    def of(cls, session: Session, current: str | None = None) -> Self:
        """A session; `current` is the id of the one that asks."""
        return cls(
            id=session.id,
            account_id=session.account_id,
            factors=sorted(factor.value for factor in session.factors),
            created_at=iso(session.created_at),
            seen_at=iso(session.seen_at),
            proved_at=iso(session.proved_at),
            idle_at=iso(session.idle_at),
            expires_at=iso(session.expires_at),
            address=session.address,
            agent=session.agent,
            is_current=session.id == current,
        )


class SessionsOut(BaseModel):
    """Every open session, the one that was used last first."""

    sessions: list[SessionOut]


class OpenedOut(BaseModel):
    """A session with its token. The token is shown this once; send it as `Safety-Session`."""

    token: str = Field(examples=[EXAMPLE_TOKEN])
    session: SessionOut

    @classmethod
    def of(cls, entered: SignedIn) -> Self:
        """A session that was just opened."""
        return cls(token=entered.token, session=SessionOut.of(entered.session, entered.session.id))


class SecondStepOut(BaseModel):
    """The password was right. This token is no session: it only completes this sign-in."""

    token: str = Field(examples=[EXAMPLE_TOKEN])
    expires_at: str


class SignInOut(BaseModel):
    """What came of a name and a password that were not wrong."""

    outcome: Literal["signed_in", "second_factor_needed", "refused"]
    opened: OpenedOut | None = Field(default=None, description="set if signed in")
    second_step: SecondStepOut | None = Field(
        default=None, description="set if a code is needed; send it with this token"
    )
    decision: DecisionOut | None = Field(
        default=None, description="set if refused: do what its verdict says"
    )


class EndedOut(BaseModel):
    """How many sessions were ended."""

    ended: int
