"""Posting: where each tenant's messages go, what did not arrive, and sending it again."""

import json
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from safety.domain.errors import NotFound
from safety.domain.messages import Posted
from safety.domain.reviews import Reviewer
from safety.review.room import Room
from safety.store import outbox, webhooks
from safety.store.audit import AuditEvent
from safety.store.engine import read, write

_LISTED: Final = 100


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where a tenant's messages go. Of the address only the host: some put a secret behind it."""

    tenant: str
    host: str
    created_at: float
    disabled_at: float | None
    disabled_reason: str


@dataclass(frozen=True, slots=True)
class Post:
    """What is sent to platforms: to whom, what waits, and dead letters, the latest first."""

    receivers: tuple[Receiver, ...]
    waiting: int
    late: tuple[Posted, ...]
    dead: tuple[Posted, ...]
    dead_total: int


@dataclass(frozen=True, slots=True)
class Posting:
    """What operators see of messages to platforms. What a message says is shown to nobody."""

    room: Room

    def overview(self) -> Post:
        """How the post stands. `late` are messages whose delivery has failed at least once."""
        with read(self.room.engine) as connection:
            return Post(
                receivers=tuple(
                    Receiver(
                        each.tenant,
                        urlsplit(each.url).netloc,
                        each.created_at,
                        each.disabled_at,
                        each.disabled_reason,
                    )
                    for each in webhooks.list_endpoints(connection)
                ),
                waiting=outbox.count_waiting(connection),
                late=tuple(
                    each
                    for each in outbox.waiting(connection, limit=_LISTED)
                    if each.message.attempts
                ),
                dead=tuple(outbox.dead(connection, limit=_LISTED)),
                dead_total=outbox.count_dead(connection),
            )

    def resend(self, message_id: str, who: Reviewer) -> None:
        """Let a dead letter wait again, with all its attempts. Raises `NotFound`."""
        with write(self.room.engine) as connection:
            at = self.room.clock()
            if not outbox.resend(connection, message_id, at):
                raise NotFound("There is no such dead letter.")
            self.room.record(connection, _resent(at, who, message_id, 1))

    def resend_all(self, tenant: str, who: Reviewer) -> int:
        """Let every dead letter of a tenant wait again; how many."""
        with write(self.room.engine) as connection:
            at = self.room.clock()
            count = outbox.resend_all(connection, tenant, at)
            if count:
                self.room.record(connection, _resent(at, who, tenant, count))
        return count


def _resent(at: float, who: Reviewer, subject: str, count: int) -> AuditEvent:
    details = json.dumps({"messages": count}).encode()
    return AuditEvent(at, who.name, "webhook.resent", subject, details)
