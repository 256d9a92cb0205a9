"""Moves: an item that is not decided now goes elsewhere, or comes back later."""

import json
from dataclasses import dataclass

from sqlalchemy import Connection

from safety.domain.access import Permission
from safety.domain.errors import FieldError, Forbidden, InvalidInput
from safety.domain.reviews import Band, Item, Reviewer, Step
from safety.review.room import LONGEST_REASON, Room, clean, reason_for, refusal
from safety.store import claims, items, settling
from safety.store.audit import AuditEvent
from safety.store.engine import write
from safety.store.items import turn_of

_LONGEST_SNOOZE = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Moves:
    """What somebody does with an item besides deciding about it."""

    room: Room

    def escalate(self, item_id: str, reason: str, who: Reviewer, version: int) -> Item:
        """Pass an item on to those who decide what is hard, one band higher, and say why.

        Raises `InvalidInput` without a reason, `NotFound`, `ItemAlreadyResolved`, `ItemClaimed`.
        """
        why = reason_for(reason)
        at = self.room.clock()
        with write(self.room.engine) as connection:
            item = self.room.item(connection, item_id, who)
            to = self.room.settings(connection, item.queue).escalates_to
            band = Band(min(item.band + 1, Band.CRITICAL))
            moved = {"queue": to, "escalated_from": item.queue, "turn": turn_of(band)}
            if not items.change(connection, item_id, version, at, who.name, **moved):
                raise refusal(connection, item, who.name, at)
            detail = f"{item.queue} to {to}: {why}"
            settling.add_step(connection, item, Step(at, who.name, "escalated", detail))
            self._record(connection, item, who, "item.escalated", to)
            return items.get_item(connection, item_id) or item

    def send(self, item_id: str, queue: str, who: Reviewer, version: int, reason: str = "") -> Item:
        """Put an item into another queue. For leads only.

        Raises `Forbidden`, `NotFound`, `ItemAlreadyResolved` and `ItemClaimed`.
        """
        if not who.may(Permission.LEAD):
            raise Forbidden("Only leads put an item into another queue.")
        at = self.room.clock()
        with write(self.room.engine) as connection:
            item = self.room.item(connection, item_id, who)
            moved = {"queue": queue, "escalated_from": ""}
            if not items.change(connection, item_id, version, at, who.name, **moved):
                raise refusal(connection, item, who.name, at)
            detail = f"{item.queue} to {queue}: {clean(reason, LONGEST_REASON)}".rstrip(": ")
            settling.add_step(connection, item, Step(at, who.name, "sent", detail))
            self._record(connection, item, who, "item.sent", queue)
            return items.get_item(connection, item_id) or item

    def skip(self, item_id: str, who: Reviewer) -> None:
        """Give an item back, to be handed others for a while. Raises `NotFound`."""
        with write(self.room.engine) as connection:
            self.room.item(connection, item_id, who)
            claims.release(connection, by=who.name, item_ids=[item_id])
            settling.skip(connection, item_id, who.name, self.room.clock())

    def snooze(
        self, item_id: str, until: float, who: Reviewer, version: int, reason: str = ""
    ) -> Item:
        """Put an item off until a moment within the next thirty days.

        Raises `InvalidInput`, `NotFound`, `ItemAlreadyResolved` and `ItemClaimed`.
        """
        at = self.room.clock()
        if not at < until <= at + _LONGEST_SNOOZE:
            raise InvalidInput(errors=[FieldError("until", "Within the next thirty days.")])
        with write(self.room.engine) as connection:
            item = self.room.item(connection, item_id, who)
            put_off = {"snoozed_until": until}
            if not items.change(connection, item_id, version, at, who.name, **put_off):
                raise refusal(connection, item, who.name, at)
            settling.add_step(
                connection, item, Step(at, who.name, "snoozed", clean(reason, LONGEST_REASON))
            )
            return items.get_item(connection, item_id) or item

    def wake(self, item_id: str, who: Reviewer) -> Item:
        """Have an item that was put off wait again now. Raises what `snooze` does."""
        at = self.room.clock()
        with write(self.room.engine) as connection:
            item = self.room.item(connection, item_id, who)
            if not items.change(
                connection, item_id, item.version, at, who.name, snoozed_until=None
            ):
                raise refusal(connection, item, who.name, at)
            settling.add_step(connection, item, Step(at, who.name, "woken", ""))
            return items.get_item(connection, item_id) or item

    def _record(self, connection: Connection, item: Item, who: Reviewer, act: str, to: str) -> None:
        """What somebody wrote stays out of the log: it may be personal."""
        details = {"from": item.queue, "to": to, "tenant": item.tenant}
        body = json.dumps(details, separators=(",", ":")).encode()
        event = AuditEvent(self.room.clock(), who.name, act, item.id, body)
        self.room.record(connection, event)
