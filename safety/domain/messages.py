"""Messages to the platform, and the endpoint of a tenant that receives them."""

from dataclasses import dataclass, field
from typing import Final

# Where sealed bytes are bound to: the table and the column; the row is the message or the tenant.
BODY_PLACE: Final = ("outbox", "body")
SECRET_PLACE: Final = ("webhook_endpoints", "secret")


@dataclass(frozen=True, slots=True)
class Message:
    """One message that waits to be delivered; `body` is UTF-8 JSON without content of users.

    `due_at` (Unix seconds) is when the next attempt may start. `subject` is whom it is about:
    messages about one subject arrive in the order in which they were made. When `sealed`, the body
    carries a one-time token and lies encrypted, bound to `BODY_PLACE` and the message's id.
    """

    id: str
    tenant: str
    kind: str
    body: bytes = field(repr=False)
    created_at: float
    due_at: float
    attempts: int = 0
    sealed: bool = False
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a tenant's messages go. Secrets lie encrypted, bound to `SECRET_PLACE` and the tenant.

    After a rotation the previous secret signs as well, until `previous_until`.
    """

    tenant: str
    url: str
    sealed_secret: bytes = field(repr=False)
    created_at: float
    previous_secret: bytes | None = field(default=None, repr=False)
    previous_until: float | None = None
    disabled_at: float | None = None
    disabled_reason: str = ""

    def sealed_secrets(self, at: float) -> tuple[bytes, ...]:
        """The secrets that sign at this moment, the newest first."""
        if self.previous_secret is None or at >= (self.previous_until or 0.0):
            return (self.sealed_secret,)
        return (self.sealed_secret, self.previous_secret)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message that was claimed for one attempt, and where it goes."""

    message: Message
    endpoint: Endpoint


@dataclass(frozen=True, slots=True)
class Posted:
    """A message as operators list it: how often it was tried, and what went wrong last."""

    message: Message
    last_error: str
    dead_at: float | None
