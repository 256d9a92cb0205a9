"""A house that sends: a database, a vault, a receiver on loopback and a clock of its own."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Engine

from safety.domain.messages import BODY_PLACE, SECRET_PLACE, Endpoint, Message
from safety.gates.vault import KeyRing, Vault
from safety.jobs.courier import Courier
from safety.jobs.outbound import Outbound
from safety.jobs.sender import Pace, Sender
from safety.jobs.signature import new_secret
from safety.store import outbox, webhooks
from safety.store.deliveries import Deliveries
from safety.store.engine import read, write
from tests.receiver import Receiver, running_receiver

SECRET = new_secret(b"s" * 32)


@dataclass
class Post:
    """Everything that brings a message from the outbox to its receiver."""

    engine: Engine
    receiver: Receiver
    # Receivers' libraries compare with the real time.
    now: float = field(default_factory=lambda: float(int(time.time())))
    seconds: float = 2.0  # that an attempt may take
    noticed: list[str] = field(default_factory=list)
    vault: Vault = field(default_factory=lambda: Vault(KeyRing("k1", {"k1": b"k" * 32})))

    def sender(self, pace: Pace | None = None) -> Sender:
        """A sender as a process of its own would have one."""
        courier = Courier(
            Outbound(("127.0.0.1",), seconds=self.seconds), self.vault.open, lambda: self.now
        )
        return Sender(
            deliveries=Deliveries(self.engine),
            courier=courier,
            clock=lambda: self.now,
            chance=lambda: 0.0,
            noticed=self.noticed.append,
            pace=pace or Pace(poll=0.01),
        )

    def seal_secret(self, tenant: str, secret: str) -> bytes:
        """A secret as it lies in the row of its tenant."""
        return self.vault.seal(SECRET_PLACE[0], tenant, SECRET_PLACE[1], secret.encode())

    def add_endpoint(self, tenant: str = "acme", url: str = "") -> None:
        """Let a tenant's messages go to the receiver."""
        sealed = self.seal_secret(tenant, SECRET)
        endpoint = Endpoint(tenant, url or self.receiver.url, sealed, self.now)
        with write(self.engine) as connection:
            webhooks.add_endpoint(connection, endpoint)

    def add(
        self,
        name: str,
        *,
        tenant: str = "acme",
        body: bytes = b'{"type":"test"}',
        subject: str = "",
        sealed: bool = False,
        age: float = 0.0,
    ) -> None:
        """Leave a message in the outbox."""
        if sealed:
            body = self.vault.seal(BODY_PLACE[0], name, BODY_PLACE[1], body)
        at = self.now - age
        message = Message(name, tenant, "test", body, at, at, subject=subject, sealed=sealed)
        with write(self.engine) as connection:
            outbox.add(connection, message)

    def deliver_all(self, sender: Sender | None = None) -> None:
        """Make attempts until none is ready."""
        sender = sender or self.sender()
        while sender.deliver_next():
            pass

    def waiting(self) -> dict[str, outbox.Posted]:
        """What waits, by id."""
        with read(self.engine) as connection:
            return {each.message.id: each for each in outbox.waiting(connection)}

    def dead(self) -> dict[str, outbox.Posted]:
        """Dead letters, by id."""
        with read(self.engine) as connection:
            return {each.message.id: each for each in outbox.dead(connection)}

    def endpoint(self, tenant: str = "acme") -> Endpoint:
        """A tenant's endpoint, as it is kept now."""
        with read(self.engine) as connection:
            found = webhooks.get_endpoint(connection, tenant)
        assert found is not None
        return found


@pytest.fixture
def post(engine: Engine) -> Iterator[Post]:
    with running_receiver() as receiver:
        yield Post(engine, receiver)
