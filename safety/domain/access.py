"""Who is calling: API keys with scopes, and staff with sessions."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What an API key may do."""

    DECIDE = "decisions:write"  # ask for decisions, prove challenges, report outcomes
    READ = "decisions:read"  # read a decision in the words its user may see
    EXPLAIN = "decisions:explain"  # read everything behind a decision
    METRICS = "metrics:read"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is kept: never the secret, only its keyed hash.

    `is_test` keys honour the magic test values and nothing else does.
    """

    id: str
    tenant: str
    name: str
    secret_hash: bytes
    scopes: frozenset[Scope]
    is_test: bool
    created_at: float
    expires_at: float | None = None
    revoked_at: float | None = None

    def is_usable(self, at: float) -> bool:
        """Whether the key opens anything at this moment."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


@dataclass(frozen=True, slots=True)
class StaffSession:
    """A signed-in member of staff; `token_hash` is all that is kept of the cookie."""

    token_hash: bytes
    staff: str
    csrf: str
    created_at: float
    expires_at: float
