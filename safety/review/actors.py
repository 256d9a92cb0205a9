"""Actors: what is known about whoever an item is about, and what colleagues wrote down."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from safety.domain.access import Permission
from safety.domain.conduct import Note
from safety.domain.errors import FieldError, Forbidden, InvalidInput, NotFound
from safety.domain.policies import Rung
from safety.domain.reviews import Reviewer
from safety.review.asked import untold
from safety.review.glance import glance, read_event
from safety.review.room import Room, clean
from safety.review.values import ActorPanel, Earlier, Linked
from safety.store import actors, conduct, ledger, sightings
from safety.store.engine import read, write
from safety.store.labels import live_labels

_RECENT = 8
_TIMELINE = 50
_NOTES = 50
_RESOLUTIONS = 20
_COUNTED_FOR = 30 * 86_400.0
_MOST_LINKED = 40


@dataclass(frozen=True, slots=True)
class Actors:
    """What the desk knows about actors of every tenant."""

    room: Room
    ladder: Callable[[], Sequence[Rung]]

    def panel(self, tenant: str, actor_id: str, who: Reviewer) -> ActorPanel:
        """Everything about an actor, with more of their past than an item's page has room for.

        Raises `NotFound` when nobody has heard of them.
        """
        with read(self.room.engine) as connection:
            found = self.panel_within(connection, tenant, actor_id, who, recent=_TIMELINE)
        if found.last_seen is None and not (found.labels or found.notes):
            raise NotFound("There is no such account.")
        return found

    def panel_within(
        self,
        connection: Connection,
        tenant: str,
        actor_id: str,
        who: Reviewer,
        *,
        recent: int = _RECENT,
    ) -> ActorPanel:
        """Do as `panel` does in a transaction that is open."""
        at = self.room.clock()
        stored = ledger.recent(connection, tenant, actor_id=actor_id, limit=recent)
        earlier = tuple(Earlier(each, glance(read_event(each.event))) for each in stored)
        first, last = actors.seen_between(connection, tenant, actor_id)
        strikes = tuple(conduct.strikes_of(connection, tenant, actor_id))
        points = sum(each.points for each in strikes if each.is_live(at))
        panel = ActorPanel(
            tenant=tenant,
            actor_id=actor_id,
            name=_name(earlier),
            first_seen=first,
            last_seen=last,
            counts=actors.counts(connection, tenant, actor_id, at - _COUNTED_FOR),
            recent=earlier,
            labels=tuple(live_labels(connection, tenant, ("actor.id", actor_id), at)),
            strikes=strikes,
            points=points,
            next_step="",
            restrictions=tuple(conduct.restrictions_of(connection, tenant, actor_id, at=at)),
            notes=tuple(conduct.notes_of(connection, tenant, actor_id, limit=_NOTES)),
            linked=self._linked(connection, tenant, actor_id),
            resolutions=tuple(
                actors.resolutions_of(connection, tenant, actor_id, limit=_RESOLUTIONS)
            ),
        )
        panel = untold(connection, panel, who, at)
        return replace(panel, next_step=self._next_step(panel.points))

    def note(self, tenant: str, actor_id: str, text: str, who: Reviewer) -> Note:
        """Write something down about an actor, for colleagues. Raises `InvalidInput`."""
        kept = clean(text)
        if not kept:
            raise InvalidInput(errors=[FieldError("text", "Write something.")])
        at = self.room.clock()
        note = Note(self.room.ids("note"), tenant, actor_id, who.name, kept, at)
        with write(self.room.engine) as connection:
            if ledger.recent(connection, tenant, actor_id=actor_id, limit=1) == []:
                raise NotFound("There is no such account.")
            conduct.add_note(connection, note)
        return note

    def remove_note(self, note_id: str, who: Reviewer) -> None:
        """Forget a note. Raises `NotFound`, and `Forbidden` for somebody else's."""
        with write(self.room.engine) as connection:
            note = conduct.get_note(connection, note_id)
            if note is None:
                raise NotFound("There is no such note.")
            if note.author != who.name and not who.may(Permission.LEAD):
                raise Forbidden("Somebody else wrote this. Ask them, or a lead.")
            conduct.remove_note(connection, note_id)

    def _next_step(self, points: int) -> str:
        """What the next strikes lead to, in a sentence; empty when to nothing more."""
        rung = next((each for each in self.ladder() if each.points > points), None)
        return f"{rung.action} at {rung.points} points" if rung is not None else ""

    def _linked(self, connection: Connection, tenant: str, actor_id: str) -> tuple[Linked, ...]:
        found = sightings.linked(connection, tenant, actor_id)[:_MOST_LINKED]
        return tuple(
            Linked(each.actor_id, each.kind, each.value, number, each.last_at)
            for each, number in found
        )


def _name(earlier: Sequence[Earlier]) -> str:
    """The latest name that the actor went by."""
    for each in earlier:
        actor = read_event(each.decision.event).get("actor")
        name = actor.get("name") if isinstance(actor, dict) else None
        if isinstance(name, str) and name:
            return name
    return ""
