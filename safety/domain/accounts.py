"""Accounts: people who sign up and in, on a platform or at the desk, and their open sessions."""

from dataclasses import dataclass, field
from enum import StrEnum


class AccountStatus(StrEnum):
    """Whether an account may be signed in to."""

    ACTIVE = "active"
    HELD = "held"  # signed up, and a person looks at it first
    LOCKED = "locked"  # the platform or a person at the desk locked it
    CLOSED = "closed"  # a person at the desk refused it


class Factor(StrEnum):
    """What somebody has proved."""

    PASSWORD = "password"  # noqa: S105  the name of a factor
    TOTP = "totp"
    RECOVERY_CODE = "recovery_code"
    LINK = "link"  # a one-time link from somebody who may invite


@dataclass(frozen=True, slots=True)
class Account:
    """One account of one tenant. The password is never in it, only argon2's hash.

    `username_key` and `email_key` are what must be unique: the folded forms of what was typed.
    `held_by` is the decision whose item decides about a held account. `password_pepper` is the id
    of the pepper that was mixed in, if any. Times are Unix seconds.
    """

    id: str
    tenant: str
    username: str
    username_key: str
    email: str | None
    email_key: str | None
    email_verified_at: float | None
    password_hash: str | None = field(repr=False)
    password_pepper: str | None
    password_changed_at: float | None
    status: AccountStatus
    status_reason: str
    held_by: str | None
    failures: int  # wrong passwords since the last right one
    must_reset: bool  # too many wrong passwords: only a reset lets its owner in
    created_at: float


@dataclass(frozen=True, slots=True)
class Session:
    """An open session; `token_hash` is all that is kept of its token.

    `id` may be shown and names the session to whoever wants to end it. `idle_at` and `expires_at`
    are when it ends unused and in any case; `proved_at` when its owner last proved a factor.
    `address` (an IPv6 /64 or an IPv4 address) and `agent` are for its owner's list of sessions.
    """

    id: str
    token_hash: bytes = field(repr=False)
    tenant: str
    account_id: str
    csrf: str = field(repr=False)
    factors: frozenset[Factor]
    created_at: float
    seen_at: float
    idle_at: float
    expires_at: float
    proved_at: float
    address: str = ""
    agent: str = ""

    def is_open(self, at: float) -> bool:
        """Whether the session still lasts at this moment."""
        return at < self.idle_at and at < self.expires_at


class TokenPurpose(StrEnum):
    """What a one-time token was made for. A token is never good for anything else."""

    VERIFY_EMAIL = "verify_email"
    CHANGE_EMAIL = "change_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105  the name of a purpose
    SECOND_FACTOR = "second_factor"  # the password was right, the code is still to come
    INVITATION = "invitation"  # into the staff
    SIGN_IN = "sign_in"  # an operator's link for a member of staff
