"""Queues: what waits in each, page by page, who is here, and how each of them is set."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from safety.domain.access import Permission
from safety.domain.errors import FieldError, Forbidden, InvalidInput, NotFound
from safety.domain.queues import Filter, QueueCount, QueueSettings, Saved
from safety.domain.reviews import Band, Reviewer
from safety.review.room import Room, clean
from safety.review.rows import rows_of
from safety.review.values import Pulse, QueuePage, QueueRow
from safety.store import claims, desk_settings, items, rechecks, waiting
from safety.store.audit import AuditEvent
from safety.store.engine import read, write

# Items of a filter or a queue are counted so far; nobody plans by more than this.
COUNTED = 1000
# Whoever was heard of within this time is here.
_HERE_SECONDS = 45.0
_LONGEST_NAME = 60
_MOST_CLAIMS = 50
_MOST_FILTERS = 100
_MINUTE = 60.0
_LONGEST_SLA = 90 * 86_400.0


@dataclass(frozen=True, slots=True)
class Queues:
    """What waits, for one person at a time: nobody sees a queue that they may not work in."""

    room: Room

    def overview(self, who: Reviewer) -> tuple[QueueCount, ...]:
        """The queues in which something waits, and those that somebody has set, by name."""
        with read(self.room.engine) as connection:
            return self._overview(connection, who)

    def page(self, who: Reviewer, chosen: Filter, *, after: str = "", limit: int = 50) -> QueuePage:
        """Items that a filter lets through, most urgent first, then oldest first.

        `after` is the id of the last item of the page before.
        """
        at = self.room.clock()
        with read(self.room.engine) as connection:
            hidden = self.room.hidden(connection, who)
            found = waiting.page(
                connection, chosen, hidden, at=at, by=who.name, after=after, limit=limit
            )
            total = waiting.count(connection, chosen, hidden, at=at, most=COUNTED + 1)
            rows = rows_of(connection, found, who.name, at)
        is_full = len(rows) == limit
        return QueuePage(
            filter=chosen,
            rows=rows,
            total=min(total, COUNTED),
            is_more_than_total=total > COUNTED,
            next_after=rows[-1].item.id if rows and is_full else None,
        )

    def rows(self, item_ids: Sequence[str], who: Reviewer) -> tuple[QueueRow, ...]:
        """These items as rows of a list, in this order; those that are not there are left out."""
        at = self.room.clock()
        with read(self.room.engine) as connection:
            hidden = self.room.hidden(connection, who)
            found = items.get_items(connection, item_ids)
            kept = rechecks.kept_from(connection, who.name, item_ids)
            some = [found[each] for each in item_ids if each in found and each not in kept]
            return rows_of(connection, [i for i in some if i.queue not in hidden], who.name, at)

    def here(self, who: Reviewer, *, queue: str = "", item_id: str = "") -> None:
        """Note that somebody is here and what they look at."""
        with write(self.room.engine) as connection:
            at = self.room.clock()
            desk_settings.seen(connection, who.name, queue[:64], item_id[:64], at)

    def pulse(self, who: Reviewer, item_ids: Sequence[str] = ()) -> Pulse:
        """How the desk looks now, and who has which of these items."""
        at = self.room.clock()
        with read(self.room.engine) as connection:
            return Pulse(
                queues=self._overview(connection, who),
                online=tuple(desk_settings.online(connection, at - _HERE_SECONDS)),
                holders=claims.holders(connection, at, item_ids),
            )

    def looking(self, item_id: str, who: Reviewer) -> tuple[str, ...]:
        """Who else looks at an item right now."""
        with read(self.room.engine) as connection:
            self.room.item(connection, item_id, who)
            since = self.room.clock() - _HERE_SECONDS
            found = desk_settings.looking(connection, item_id, since)
        return tuple(name for name in found if name != who.name)

    def settings(self, who: Reviewer) -> tuple[QueueSettings, ...]:
        """How every queue works that this person may see, by name."""
        with read(self.room.engine) as connection:
            known = desk_settings.all_settings(connection)
            names = known.keys() | set(waiting.names(connection))
        names |= {each.queue for each in self.room.catalogue().event_types.values()}
        every = [known.get(name) or QueueSettings(name) for name in sorted(names)]
        return tuple(each for each in every if each.admits(who))

    def put(self, settings: QueueSettings, by: Reviewer) -> QueueSettings:
        """Set a queue. Raises `Forbidden` and `InvalidInput`."""
        if not by.may(Permission.LEAD):
            raise Forbidden("Only leads set queues.")
        _check(settings)
        kept = replace(settings, title=clean(settings.title, _LONGEST_NAME))
        at = self.room.clock()
        with write(self.room.engine) as connection:
            desk_settings.put_settings(connection, kept, at, by.name)
            details = {"title": kept.title, "roles": sorted(kept.roles), "claims": kept.claims}
            body = json.dumps(details, separators=(",", ":")).encode()
            self.room.record(connection, AuditEvent(at, by.name, "queue.set", kept.name, body))
        return kept

    def _overview(self, connection: Connection, who: Reviewer) -> tuple[QueueCount, ...]:
        found = waiting.counts(connection, self.room.clock(), most=COUNTED + 1)
        known = desk_settings.all_settings(connection)
        return tuple(
            QueueCount(name, each.shown, *found.get(name, (0, 0)))
            for name in sorted(found.keys() | known.keys())
            if (each := known.get(name) or QueueSettings(name)).admits(who)
        )


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters that people keep under a name."""

    room: Room

    def of(self, who: Reviewer) -> tuple[Saved, ...]:
        """Those that this person keeps and those that are shared, by name."""
        with read(self.room.engine) as connection:
            return tuple(desk_settings.filters_for(connection, who.name))

    def get(self, filter_id: str, who: Reviewer) -> Saved:
        """One of them. Raises `NotFound`."""
        for each in self.of(who):
            if each.id == filter_id:
                return each
        raise NotFound("There is no such view.")

    def save(self, name: str, chosen: Filter, who: Reviewer, *, is_shared: bool = False) -> Saved:
        """Keep a filter. Only leads share one. Raises `Forbidden` and `InvalidInput`."""
        called = clean(name, _LONGEST_NAME)
        if not called:
            raise InvalidInput(errors=[FieldError("name", "Give the view a name.")])
        if is_shared and not who.may(Permission.LEAD):
            raise Forbidden("Only leads share a view with everybody.")
        at = self.room.clock()
        saved = Saved(self.room.ids("view"), called, chosen, who.name, is_shared, at)
        with write(self.room.engine) as connection:
            if desk_settings.count_filters(connection, who.name) >= _MOST_FILTERS:
                raise InvalidInput(f"You keep {_MOST_FILTERS} views already: remove one first.")
            desk_settings.add_filter(connection, saved)
        return saved

    def remove(self, filter_id: str, who: Reviewer) -> None:
        """Forget a filter. Raises `NotFound`, and `Forbidden` for somebody else's."""
        saved = self.get(filter_id, who)
        if saved.owner != who.name and not who.may(Permission.LEAD):
            raise Forbidden("This view is somebody else's.")
        with write(self.room.engine) as connection:
            desk_settings.remove_filter(connection, filter_id)


def _check(settings: QueueSettings) -> None:
    """Raises `InvalidInput` with everything that is wrong."""
    wrong = []
    if not _is_name(settings.name) or not _is_name(settings.escalates_to):
        wrong.append(FieldError("name", "Letters, digits and . _ : - only, at most 64."))
    if not settings.actions:
        wrong.append(FieldError("actions", "Leave at least one action."))
    if not 1 <= settings.claims <= _MOST_CLAIMS:
        wrong.append(FieldError("claims", f"From 1 to {_MOST_CLAIMS} items at once."))
    if not _are_times(settings.sla.values()) or settings.sla.keys() != set(Band):
        wrong.append(FieldError("sla", "Between one minute and ninety days for each band."))
    if wrong:
        raise InvalidInput(errors=wrong)


def _are_times(seconds: Collection[float]) -> bool:
    return all(_MINUTE <= each <= _LONGEST_SLA for each in seconds)


def _is_name(text: str) -> bool:
    plain = text.replace(".", "").replace(":", "").replace("-", "").replace("_", "")
    return len(text) <= 64 and plain.isascii() and plain.isalnum()  # noqa: PLR2004 -- said above
