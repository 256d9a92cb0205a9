"""Claims: items on somebody's desk for a while, never on two, and back by themselves."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from safety.domain.access import Permission
from safety.domain.errors import Forbidden, ItemAlreadyResolved
from safety.domain.queues import Filter
from safety.domain.reviews import Item, ItemStatus, Reviewer
from safety.review.room import Room, refusal
from safety.store import claims, waiting
from safety.store.audit import AuditEvent
from safety.store.engine import read, write

_MOST_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Claims:
    """Leases on items. Whatever is not renewed returns to its queue by itself."""

    room: Room

    def take(self, who: Reviewer, chosen: Filter, count: int | None = None) -> tuple[Item, ...]:
        """Lease the next items that a filter lets through, most urgent first.

        What this person holds already counts; `count` is the queue's setting unless it is given.
        """
        at = self.room.clock()
        until = at + self.room.lease_seconds
        with write(self.room.engine) as connection:
            wanted = count or self.room.settings(connection, chosen.queue).claims
            hidden = self.room.hidden(connection, who)
            some = max(1, min(wanted, _MOST_AT_ONCE))
            free = waiting.free(connection, chosen, hidden, at=at, by=who.name, limit=some)
            ids = [item.id for item in free]
            taken = {
                item.id: item
                for item in claims.take(connection, ids, by=who.name, at=at, until=until)
            }
        return tuple(taken[each] for each in ids if each in taken)

    def hold(self, item_id: str, who: Reviewer) -> Item:
        """Lease one certain item. Raises `NotFound`, `ItemAlreadyResolved` and `ItemClaimed`."""
        at = self.room.clock()
        until = at + self.room.lease_seconds
        with write(self.room.engine) as connection:
            item = self.room.item(connection, item_id, who)
            taken = claims.take(connection, [item_id], by=who.name, at=at, until=until)
            if not taken:
                raise refusal(connection, item, who.name, at)
            return taken[0]

    def renew(self, item_ids: Sequence[str], who: Reviewer) -> Mapping[str, float]:
        """Lengthen leases; until when each lasts, by item. What is missing was lost meanwhile."""
        at = self.room.clock()
        until = at + self.room.lease_seconds
        some = list(item_ids)[:_MOST_AT_ONCE]
        with write(self.room.engine) as connection:
            held = claims.renew(connection, some, by=who.name, at=at, until=until)
        return dict.fromkeys(held, until)

    def release(self, item_ids: Sequence[str], who: Reviewer) -> int:
        """Give some back; how many of them this person had."""
        with write(self.room.engine) as connection:
            return claims.release(connection, by=who.name, item_ids=list(item_ids)[:_MOST_AT_ONCE])

    def release_all(self, who: Reviewer) -> int:
        """Give everything back, as when somebody leaves; how many they were."""
        with write(self.room.engine) as connection:
            return claims.release(connection, by=who.name)

    def held(self, who: Reviewer) -> tuple[Item, ...]:
        """What is on this person's desk, most urgent first."""
        at = self.room.clock()
        mine = Filter(holder=who.name)
        with read(self.room.engine) as connection:
            found = waiting.page(connection, mine, (), at=at, by=who.name, limit=_MOST_AT_ONCE)
        return tuple(item for item in found if item.holder(at) == who.name)

    def free(self, item_id: str, who: Reviewer) -> str:
        """Take an item off somebody's desk; return whose it was. For leads only.

        Raises `Forbidden`, `NotFound` and `ItemAlreadyResolved`.
        """
        if not who.may(Permission.LEAD):
            raise Forbidden("Only leads take an item off somebody else's desk.")
        at = self.room.clock()
        with write(self.room.engine) as connection:
            item = self.room.item(connection, item_id, who)
            if item.status is not ItemStatus.OPEN:
                raise ItemAlreadyResolved
            holder = claims.free(connection, item_id) or ""
            details = json.dumps({"held_by": holder}).encode()
            self.room.record(connection, AuditEvent(at, who.name, "item.freed", item_id, details))
        return holder
