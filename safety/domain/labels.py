"""Labels: lasting marks on entities."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """A mark on an entity, with who set it, why and until when (Unix seconds; None is for ever).

    `entity` is the feature that names the entity's kind and its value, such as
    `("actor.id", "u_17")` or `("net.ip", "203.0.113.9")`.
    """

    entity: tuple[str, str]
    name: str
    author: str
    reason: str
    created_at: float
    expires_at: float | None = None

    def is_live(self, at: float) -> bool:
        """Whether the label still marks its entity at this moment."""
        return self.expires_at is None or at < self.expires_at
