"""Events: what an actor is about to do, as the platform describes it."""

from typing import NamedTuple

from safety.domain.features import Values


class Event(NamedTuple):
    """Something an actor is about to do.

    `values` holds the event's features under their catalogue names (`actor.id`, `content.text`).
    `time` is when it happens, in Unix seconds; `body` is the event as it was sent, as JSON, for the
    ledger and to tell a retry from another event under the same id.
    """

    id: str
    type: str
    time: float
    values: Values
    body: bytes
    deadline_ms: float | None = None

    @property
    def actor_id(self) -> str:
        """Who does it."""
        return str(self.values["actor.id"])
