"""What the API of accounts and sessions reads. Anything that is not described here is refused."""

from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from safety.accounts.importing import MOST_AT_ONCE, Brought
from safety.accounts.visitor import Visitor

EXAMPLE_TOKEN = "mNq3rGk0v1x8Zc5bTt2yWw7uJj4hLl9fQq6sDd0aEe8"  # noqa: S105  an example, minted by nobody
_VISITOR: JsonDict = {"ip": "203.0.113.9", "device_id": "d_5c1", "user_agent": "Mozilla/5.0"}
# Half of what an event may say; browsers that say more are no browsers.
_LONGEST_AGENT = 512

# Whatever is too long or oddly spelt is refused by the flows, in words: here is only the fence.
Secret = Annotated[str, Field(min_length=1, max_length=4096)]
Name = Annotated[str, Field(min_length=1, max_length=4096)]
Token = Annotated[str, Field(min_length=1, max_length=200, examples=[EXAMPLE_TOKEN])]
Code = Annotated[str, Field(min_length=1, max_length=64, examples=["492039"])]
Line = Annotated[str, Field(max_length=256, pattern=r"^[^\x00-\x1f\x7f]*$")]
DecisionRef = Annotated[
    str | None,
    Field(
        default=None,
        max_length=64,
        pattern="^[A-Za-z0-9_]+$",
        description="an earlier decision of this request, whose challenge was proved",
        examples=[None],
    ),
]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ContextIn(_In):
    """Where the end user is: limits and rules judge it, so send theirs and not the platform's."""

    model_config = ConfigDict(json_schema_extra={"examples": [_VISITOR]})

    ip: str = Field(max_length=64, description="the end user's address")
    device_id: Line | None = Field(default=None, description="the platform's id of the device")
    user_agent: str | None = Field(
        default=None,
        max_length=4096,
        pattern=r"^[^\x00]*$",
        description=f"the browser's own name; the first {_LONGEST_AGENT} characters count",
    )

    def visitor(self) -> Visitor:
        """As the flows take it. Raises `InvalidInput` for an address that is none."""
        agent = self.user_agent[:_LONGEST_AGENT] if self.user_agent else None
        return Visitor(self.ip, self.device_id or None, agent)


class SignUpIn(_In):
    """A new account."""

    username: Name = Field(examples=["mia_b"])
    email: Name | None = Field(default=None, examples=["mia@example.com"])
    password: Secret = Field(examples=["seven otters in a canoe"])
    context: ContextIn
    decision_id: DecisionRef


class SignInIn(_In):
    """A name and a password."""

    login: Name = Field(description="a username, or a verified e-mail address", examples=["mia_b"])
    password: Secret = Field(examples=["seven otters in a canoe"])
    context: ContextIn
    decision_id: DecisionRef


class SecondStepIn(_In):
    """The code that completes a sign-in."""

    token: Token = Field(description="what the first step answered")
    code: Code = Field(description="of the authenticator app, or a recovery code")
    context: ContextIn


class TokenIn(_In):
    """A one-time token that was sent by mail."""

    token: Token


class ChangePasswordIn(_In):
    """The password so far, and the one from now on."""

    current_password: Secret
    new_password: Secret


class ChangeEmailIn(_In):
    """Another address, and the password to show who asks."""

    password: Secret
    email: Name


class StepUpIn(_In):
    """Exactly one of the two: a code, where a second factor is enrolled, else the password."""

    password: Secret | None = None
    code: Code | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.password is None) == (self.code is None):
            raise ValueError("send either a password or a code")
        return self


class ResetRequestIn(_In):
    """Somebody forgot their password."""

    login: Name = Field(description="as for signing in", examples=["mia@example.com"])
    context: ContextIn


class ResetConfirmIn(_In):
    """The token from the mail, and the password from now on."""

    token: Token
    new_password: Secret
    context: ContextIn


class CodeIn(_In):
    """A code of the authenticator app."""

    code: Code


class StrengthIn(_In):
    """A password somebody is thinking of. It is neither kept nor logged."""

    password: Secret
    username: str = Field(default="", max_length=256)
    email: str = Field(default="", max_length=320)
    has_second_factor: bool = Field(default=False, description="then a shorter one will do")


class ReasonIn(_In):
    """Why something is done to somebody's account. It is kept with the account, and only there."""

    reason: Line = Field(min_length=1, examples=["ticket 4711: reported stolen"])


class ImportedIn(_In):
    """An account of another system, with the hash of its password as it is."""

    username: Name
    email: Name | None = None
    email_verified: bool = False
    password_hash: str | None = Field(default=None, max_length=1024, pattern=r"^[ -~]*$")
    created_at: AwareDatetime | None = Field(default=None, strict=False)
    totp_secret: str | None = Field(default=None, max_length=128, pattern=r"^[ -~]*$")

    def brought(self) -> Brought:
        """As the import takes it."""
        return Brought(
            username=self.username,
            email=self.email,
            password_hash=self.password_hash,
            created_at=None if self.created_at is None else self.created_at.timestamp(),
            is_email_verified=self.email_verified,
            totp_secret=self.totp_secret,
        )


class ImportIn(_In):
    """Up to 1000 accounts. Each is taken over or refused by itself."""

    accounts: list[ImportedIn] = Field(min_length=1, max_length=MOST_AT_ONCE)
