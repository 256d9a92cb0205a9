"""Conduct: what counts against an actor, what holds for them, and what was noted about them."""

from dataclasses import dataclass

from safety.domain.reviews import Action


@dataclass(frozen=True, slots=True)
class Strike:
    """What counts against an actor until it expires or is revoked."""

    id: str
    tenant: str
    actor_id: str
    resolution_id: str
    policy: str
    points: int
    given_at: float
    expires_at: float
    revoked_at: float | None = None

    def is_live(self, at: float) -> bool:
        """Whether it counts at this moment."""
        return self.revoked_at is None and at < self.expires_at


@dataclass(frozen=True, slots=True)
class Restriction:
    """What holds for an actor: being limited, suspended or banned, from when until when."""

    id: str
    tenant: str
    actor_id: str
    resolution_id: str
    action: Action
    policy: str | None
    begins_at: float
    ends_at: float | None = None
    ended_at: float | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote down about an actor, for colleagues."""

    id: str
    tenant: str
    actor_id: str
    author: str
    text: str
    written_at: float
