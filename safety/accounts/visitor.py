"""Where a request of an end user comes from, as the platform tells it."""

from dataclasses import dataclass
from typing import Any

from safety.domain.errors import FieldError, InvalidInput
from safety.gates.addresses import address_of, subject_of

_LONGEST_AGENT = 200  # of what a session's owner is shown; the event carries all of it


@dataclass(frozen=True, slots=True)
class Visitor:
    """The end user's address, device and browser. What the platform does not know is None.

    Raises `InvalidInput` for an address that is none.
    """

    ip: str | None = None
    device_id: str | None = None
    user_agent: str | None = None

    def __post_init__(self) -> None:
        if self.ip is not None and address_of(self.ip) is None:
            problem = FieldError("context.ip", "must be an IPv4 or IPv6 address")
            raise InvalidInput("context.ip must be an IPv4 or IPv6 address", errors=[problem])

    @property
    def subject(self) -> str:
        """What the address counts as: itself, or the /64 of an IPv6 address; empty if unknown."""
        return "" if self.ip is None else subject_of(self.ip)

    @property
    def agent(self) -> str:
        """The browser's name as its owner may be shown it."""
        return "".join(c for c in self.user_agent or "" if c.isprintable())[:_LONGEST_AGENT]

    def sections(self) -> dict[str, Any]:
        """The sections of an event that say where it comes from."""
        return {
            "net": {"ip": self.ip, "user_agent": self.user_agent},
            "device": {"id": self.device_id},
        }
