"""Who is calling: API keys with scopes, and staff with roles."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from safety.domain.accounts import Session


class Scope(StrEnum):
    """What an API key may do."""

    DECIDE = "decisions:write"  # ask for decisions, prove challenges, report outcomes
    READ = "decisions:read"  # read a decision in the words its user may see
    EXPLAIN = "decisions:explain"  # read everything behind a decision
    METRICS = "metrics:read"
    RULES = "rules:write"  # see versions of the rules, publish the folders, roll back
    ACCOUNTS = "accounts:write"  # sign people up and in, and what they do with their own account
    ACCOUNTS_MANAGE = "accounts:manage"  # read, lock, import and erase anybody's account
    TEXTS = "texts:score"  # what plug-ins of other services ask: scores of texts and comments
    GATE = "gate:write"  # CAPTCHA and TOTP by themselves, for a platform with its own passwords


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is kept: never the secret, only its keyed hash.

    `is_test` keys honour the magic test values and nothing else does.
    """

    id: str
    tenant: str
    name: str
    secret_hash: bytes = field(repr=False)
    scopes: frozenset[Scope]
    is_test: bool
    created_at: float
    expires_at: float | None = None
    revoked_at: float | None = None
    last_used_at: float | None = None  # to the minute
    replaced_by: str | None = None  # the key that a rotation made; both work until `expires_at`

    def is_usable(self, at: float) -> bool:
        """Whether the key opens anything at this moment."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


class Permission(StrEnum):
    """One thing that members of staff may or may not do."""

    REVIEW = "review"  # see queues and items, resolve them
    LEAD = "lead"  # what a team lead adds: reassign, reverse, look at quality
    RULES = "rules"  # change rules, lists and thresholds
    MODELS = "models"  # see models, try, promote and roll them back, set their thresholds
    SEE_AUDIT = "audit"
    MANAGE_KEYS = "keys"
    MANAGE_MEMBERS = "members"


class Role(StrEnum):
    """What a member of staff is here for."""

    MODERATOR = "moderator"
    LEAD = "lead"
    ANALYST = "analyst"
    ADMIN = "admin"

    def may(self, permission: Permission) -> bool:
        """Whether the table gives this role this permission."""
        return permission in PERMISSIONS[self]


PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.MODERATOR: frozenset({Permission.REVIEW}),
        Role.LEAD: frozenset({Permission.REVIEW, Permission.LEAD, Permission.SEE_AUDIT}),
        Role.ANALYST: frozenset({Permission.REVIEW, Permission.RULES, Permission.MODELS}),
        Role.ADMIN: frozenset(Permission),
    }
)

# Staff are accounts of this tenant. No API key is ever made for it: `~` is refused in a tenant.
STAFF_TENANT = "~staff"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the staff: an account of `STAFF_TENANT` with a role."""

    account_id: str
    name: str
    role: Role
    invited_by: str
    created_at: float
    disabled_at: float | None = None


@dataclass(frozen=True, slots=True)
class StaffSession:
    """A signed-in member of staff. Until `is_enrolled`, they reach their enrolment and no more."""

    session: Session
    member: Member
    is_enrolled: bool

    @property
    def staff(self) -> str:
        """The name that resolutions and the audit log carry."""
        return self.member.name

    @property
    def csrf(self) -> str:
        """What a form of this session carries."""
        return self.session.csrf

    def may(self, permission: Permission) -> bool:
        """Whether this person may do that, here and now."""
        return self.is_enrolled and self.member.role.may(permission)
