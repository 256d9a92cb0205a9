"""Places that an account was signed in to from: its owner is not kept out there by strangers."""

from dataclasses import dataclass

from sqlalchemy import Connection

from safety.accounts.marks import Marks
from safety.accounts.visitor import Visitor
from safety.store.sessions import is_known_device, remember_device


@dataclass(frozen=True, slots=True)
class Places:
    """Remembers devices and addresses as keyed hashes, for `known_for` seconds after the last use.

    Whoever steals a device's id gets its budget of tries and nothing else.
    """

    marks: Marks
    known_for: float

    def find(
        self, connection: Connection, tenant: str, subject: str, visitor: Visitor, at: float
    ) -> str:
        """The name of the place if this subject signed in from there before, else nothing."""
        since = at - self.known_for
        for mark in self._marks_of(tenant, subject, visitor):
            if is_known_device(connection, tenant, subject, mark, since=since):
                return mark.hex()
        return ""

    def remember(
        self, connection: Connection, tenant: str, account_id: str, visitor: Visitor, at: float
    ) -> None:
        """Note that the owner signed in from there."""
        for mark in self._marks_of(tenant, account_id, visitor):
            remember_device(connection, tenant, account_id, mark, at)

    def _marks_of(self, tenant: str, subject: str, visitor: Visitor) -> list[bytes]:
        values = (("device", visitor.device_id), ("address", visitor.subject))
        return [self.marks.place(tenant, subject, kind, value) for kind, value in values if value]
