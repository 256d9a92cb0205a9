"""Deliveries: the outbox as the sender sees it, each step in a transaction of its own."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine

from safety.domain.messages import Parcel
from safety.store import outbox, webhooks
from safety.store.engine import read, write

_DAY: Final = 24 * 60 * 60.0
# Long enough to answer "did you get it?", and no longer.
KEEP_ARRIVED: Final = 7 * _DAY
KEEP_DEAD: Final = 30 * _DAY
# All attempts together take three days; what is older had no receiver.
WAIT_FOR_RECEIVER: Final = 7 * _DAY


@dataclass(frozen=True, slots=True)
class Deliveries:
    """What waits for delivery in one database. Every method raises `Unavailable` like the store."""

    engine: Engine

    def tenants_due(self, at: float) -> list[str]:
        """Tenants that have a message to send and an endpoint that takes it."""
        with read(self.engine) as connection:
            return webhooks.tenants_due(connection, at)

    def claim(self, tenant: str, *, at: float, until: float) -> Parcel | None:
        """Take a tenant's next message; it is due again at `until` unless its end is noted."""
        with write(self.engine) as connection:
            endpoint = webhooks.get_endpoint(connection, tenant)
            if endpoint is None or endpoint.disabled_at is not None:
                return None
            message = outbox.claim(connection, tenant, at=at, until=until)
            return None if message is None else Parcel(message, endpoint)

    def arrived(self, parcel: Parcel, at: float) -> None:
        """Note that the receiver has it."""
        with write(self.engine) as connection:
            outbox.delivered(connection, parcel.message.id, at)

    def failed(self, parcel: Parcel, error: str, *, due_at: float) -> None:
        """Note a failed attempt and when the next may start."""
        with write(self.engine) as connection:
            outbox.postpone(connection, parcel.message.id, due_at, error)

    def died(self, parcel: Parcel, error: str, at: float) -> None:
        """Note that the last attempt failed."""
        with write(self.engine) as connection:
            outbox.bury(connection, parcel.message.id, at, error)

    def refused(self, parcel: Parcel, reason: str, at: float) -> None:
        """Disable the endpoint, because it wants no more; the message waits for another one."""
        endpoint = parcel.endpoint
        with write(self.engine) as connection:
            webhooks.disable_endpoint(connection, endpoint.tenant, endpoint.url, reason, at)
            outbox.postpone(connection, parcel.message.id, at, reason)

    def tidy(self, at: float) -> int:
        """Delete what has ended long ago and end the wait for receivers that never came."""
        with write(self.engine) as connection:
            given_up = outbox.give_up_waiting(connection, at - WAIT_FOR_RECEIVER, at)
            return given_up + outbox.purge(
                connection, arrived_before=at - KEEP_ARRIVED, dead_before=at - KEEP_DEAD
            )

    def waiting(self) -> int:
        """How many messages wait for their receiver."""
        with read(self.engine) as connection:
            return outbox.count_waiting(connection)

    def dead(self) -> int:
        """How many dead letters there are."""
        with read(self.engine) as connection:
            return outbox.count_dead(connection)
