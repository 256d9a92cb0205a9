"""What the gate by itself reads and answers: CAPTCHAs and second factors without our accounts."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from safety.domain.accounts import Factor
from safety.domain.challenges import CaptchaOutcome, CaptchaResult, ChallengeKind, Proof

# Without a slash, since it stands in paths; without control characters, since it is a name.
Subject = Annotated[
    str,
    Field(
        min_length=1,
        max_length=256,
        pattern=r"^[^\x00-\x1f\x7f/]+$",
        description="the platform's id of the person, as in `actor.id`",
        examples=["u_1842"],
    ),
]
_Action = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9_.-]+$",
        description="what it guards; an answer is good for this action only",
        examples=["newsletter"],
    ),
]
_Bound = Annotated[
    str,
    Field(
        max_length=256,
        pattern=r"^[^\x00-\x1f\x7f]*$",
        description="binds it to more: a session, a form, a person; must come back with the answer",
        examples=["form-7f3a"],
    ),
]
_Code = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        description="of the authenticator app, or a recovery code",
        examples=["492039"],
    ),
]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class CaptchaIn(_In):
    """What a CAPTCHA is wanted for."""

    action: _Action
    subject: _Bound = ""


class CaptchaAnswerIn(_In):
    """An answer to a CAPTCHA: a payload or a token."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "action": "newsletter",
                    "subject": "form-7f3a",
                    "payload": "eyJjaGFsbGVuZ2UiOnsicGFyYW1ldGVycyI6ey...",
                    "ip": "203.0.113.9",
                }
            ]
        }
    )

    action: _Action
    subject: _Bound = ""
    payload: str | None = Field(
        default=None, max_length=4096, description="what the ALTCHA solver returned (base64)"
    )
    token: str | None = Field(
        default=None, max_length=4096, description="what the hosted CAPTCHA's widget returned"
    )
    ip: str | None = Field(default=None, max_length=64, description="the end user's address")

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.payload is None) is (self.token is None):
            raise ValueError("give either a payload or a token")
        return self

    def to_proof(self) -> Proof:
        """The same in the words of the house."""
        return Proof(self.payload, self.token, remote_ip=self.ip)


class CaptchaTaskOut(BaseModel):
    """What a page needs to show the CAPTCHA."""

    kind: ChallengeKind
    altcha: dict[str, Any] | None = Field(
        default=None,
        description="the task in ALTCHA's format; beside a hosted CAPTCHA it stands in for it, and "
        "is accepted only while the provider is away",
    )
    provider: str | None = Field(default=None, description="who hosts the CAPTCHA")
    site_key: str | None = Field(default=None, description="what the provider's widget needs")
    action: str | None = Field(default=None, description="what the widget must be told")
    cdata: str | None = Field(default=None, description="what Turnstile's widget must be told")


class CaptchaOut(BaseModel):
    """A CAPTCHA to pose."""

    task: CaptchaTaskOut | None = Field(
        description="null while nearly nobody passes any more: then go on without"
    )
    expires_at: str


class CaptchaResultOut(BaseModel):
    """How an answer went. `unavailable` is neither: pose another one."""

    result: CaptchaOutcome
    reason: str = Field(description="a code, such as `solved`, `already-used`, `wrong-hostname`")
    detail: str = Field(description="the same as a sentence; empty when it passed")

    @classmethod
    def of(cls, result: CaptchaResult) -> Self:
        """A result, without what was spent."""
        return cls(result=result.outcome, reason=result.reason, detail=result.detail)


class TotpEnrolIn(_In):
    """Somebody who gets a second factor."""

    subject: Subject
    name: str = Field(
        min_length=1,
        max_length=64,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="what the authenticator app shows beside the code",
        examples=["mia@example.com"],
    )


class TotpCodeIn(_In):
    """A code that somebody typed."""

    subject: Subject
    code: _Code


class FactorOut(BaseModel):
    """What a code has proved."""

    factor: Factor
