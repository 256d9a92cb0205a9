"""Resolving: somebody decides about an item, takes it back at once, or reverses it later."""

from dataclasses import dataclass, replace

import structlog
from sqlalchemy import Connection

from safety.domain.access import Permission
from safety.domain.conduct import Restriction
from safety.domain.errors import Forbidden, InvalidInput, NotFound, UndoTooLate
from safety.domain.rechecks import RECHECKS
from safety.domain.reviews import Act, Action, Item, Resolution, Reviewer, Step, strongest
from safety.review.choices import checked
from safety.review.effects import audit_of, reversal_of
from safety.review.macros import fill, values_for
from safety.review.rechecks import until_agreed
from safety.review.room import Room, clean, reason_for, refusal
from safety.review.settle import Marks, Settling
from safety.review.values import Choice, Decided, Undone
from safety.store import claims, conduct, items, outbox, settling
from safety.store.engine import read, write

log = structlog.get_logger(__name__)

_LONGEST_KEY = 64


@dataclass(frozen=True, slots=True)
class Resolving:
    """Decisions of people. Each is a record of its own; none is ever changed into another."""

    room: Room
    settling: Settling

    def decide(self, item_id: str, choice: Choice, who: Reviewer, *, key: str = "") -> Decided:
        """Decide about an item: of people who decide at the same moment exactly one wins.

        What follows is written when it can no longer be undone. The same `key` again answers what
        was decided the first time. Raises `InvalidInput` when the choice cannot be carried out,
        `NotFound`, `ItemAlreadyResolved`, which says who was first, and `ItemClaimed`.
        """
        with write(self.room.engine) as connection:
            decided, marks = self.decide_within(connection, item_id, choice, who, key=key)
        self.settling.tell(marks)
        return decided

    def decide_within(
        self,
        connection: Connection,
        item_id: str,
        choice: Choice,
        who: Reviewer,
        *,
        key: str = "",
        batch: str = "",
    ) -> tuple[Decided, Marks]:
        """Do as `decide` does in a transaction that is open; the labels to tell of afterwards."""
        room, at = self.room, self.room.clock()
        item = room.item(connection, item_id, who)
        known = settling.of_request(connection, who.name, key[:_LONGEST_KEY], [item_id])
        if item_id in known:
            return self._decided(item, known[item_id]), []
        acts = checked(choice, room.policies(), room.settings(connection, item.queue), at)
        resolution = self._resolution(item, replace(choice, acts=acts), who, at)
        resolution = replace(resolution, batch=batch, request_key=key[:_LONGEST_KEY])
        needs_second = item.kind not in RECHECKS and any(act.action in room.drastic for act in acts)
        if needs_second:
            resolution = replace(resolution, effective_at=until_agreed(resolution))
        if not items.resolve(connection, resolution, choice.version or item.version):
            raise refusal(connection, item, who.name, at)
        room.record(connection, audit_of(item, resolution))
        if needs_second:
            self.settling.rechecks.ask_second_person(connection, item, resolution)
        marks: Marks = []
        if resolution.takes_effect_at <= at:
            marks = self.settling.settle(connection, item, resolution)
            resolution = replace(resolution, settled_at=at)
        log.info("item_resolved", item=item.id, action=resolution.action.value, queue=item.queue)
        return self._decided(items.get_item(connection, item.id) or item, resolution), marks

    def undo(self, given_id: str, who: Reviewer) -> Undone:
        """Take back a resolution, or a whole batch, as if it had never been.

        The items wait again, on this person's desk. Of a batch, what has taken effect stays. Raises
        `NotFound`, `Forbidden` for somebody else's, and `UndoTooLate` when nothing is left to undo.
        """
        room, at = self.room, self.room.clock()
        until = at + room.lease_seconds
        with write(room.engine) as connection:
            found = self._found(connection, given_id, who)
            undone = [each for each in found if settling.undo(connection, each.id, at, who.name)]
            if not undone:
                raise UndoTooLate
            ids = [each.item_id for each in undone if not each.is_step]
            for each in undone:
                if each.is_step:  # what led to it still stands
                    continue
                items.reopen(connection, each.item_id)
                item = items.get_item(connection, each.item_id)
                if item is not None:
                    taken_back = replace(each, resolved_at=at, moderator=who.name)
                    room.record(connection, audit_of(item, taken_back, "item.undone"))
            claims.take(connection, ids, by=who.name, at=at, until=until)
        log.info("resolutions_undone", number=len(ids))
        return Undone(
            tuple(replace(each, undone_at=at, undone_by=who.name) for each in undone), tuple(ids)
        )

    def reverse(self, resolution_id: str, who: Reviewer, reason: str) -> Decided:
        """End what a resolution did, as a new one that the platform is told of as well.

        What was kept waits again instead. Raises `InvalidInput` without a reason, or when there is
        nothing to reverse, `NotFound`, and `Forbidden` for somebody else's.
        """
        why = reason_for(reason)
        room = self.room
        with write(room.engine) as connection:
            (resolution,) = self._found(connection, resolution_id, who, batches=False)
            _demand_reversible(connection, resolution)
            item = room.item(connection, resolution.item_id, who)
            new = self.reverse_within(connection, item, resolution, who, why)
            marks = self.settling.marks_of(connection, item, new)
            item = items.get_item(connection, item.id) or item
        self.settling.tell(marks)
        log.info("resolution_reversed", item=item.id, action=resolution.action.value)
        return self._decided(item, new)

    def reverse_within(
        self,
        connection: Connection,
        item: Item,
        resolution: Resolution,
        who: Reviewer,
        why: str,
    ) -> Resolution:
        """Do as `reverse` does in a transaction that is open, whoever decided it."""
        room, at = self.room, self.room.clock()
        new = self._reversal(resolution, who, why, at)
        items.add_resolution(connection, new)
        self.settling.unmark(connection, item, resolution)
        ended = conduct.revoke(connection, resolution.id, at)
        ended += self._end_steps(connection, item, resolution, who, at)
        if resolution.action is Action.KEEP:
            items.reopen(connection, item.id)
        else:
            items.touch(connection, item.id)
        event_id = room.decision(connection, item).event_id
        message_id = room.ids("msg")
        message = reversal_of(item, new, event_id, message_id=message_id, at=at, ended=ended)
        outbox.add(connection, message)
        room.record(connection, audit_of(item, new, "item.reversed"))
        settling.add_step(connection, item, Step(at, who.name, "reversed", why))
        return new

    def _end_steps(
        self, connection: Connection, item: Item, first: Resolution, who: Reviewer, at: float
    ) -> list[Restriction]:
        """End what the strikes of a resolution have led to, or what waits for an agreement."""
        key, by = first.step_key, first.moderator
        ended: list[Restriction] = []
        for step in settling.of_request(connection, by, key, [item.id]).values():
            if not settling.undo(connection, step.id, at, who.name):
                self.settling.unmark(connection, item, step)
                ended += conduct.revoke(connection, step.id, at)
        return ended

    def of_batch(self, batch: str, who: Reviewer) -> tuple[Resolution, ...]:
        """What was decided at once under this name. Raises `NotFound` and `Forbidden`."""
        with read(self.room.engine) as connection:
            return tuple(self._found(connection, batch, who))

    def _found(
        self, connection: Connection, given_id: str, who: Reviewer, *, batches: bool = True
    ) -> list[Resolution]:
        """A resolution, or those of a batch, that this person may change."""
        one = settling.get(connection, given_id)
        found = [one] if one is not None else []
        if not found and batches:
            found = settling.of_batch(connection, given_id)
        if not found:
            raise NotFound("There is no such resolution.")
        for each in found:
            self.room.item(connection, each.item_id, who)
            if each.moderator != who.name and not who.may(Permission.LEAD):
                raise Forbidden("Somebody else decided this. Ask them, or a lead.")
        return found

    def _resolution(self, item: Item, choice: Choice, who: Reviewer, at: float) -> Resolution:
        main = strongest(choice.acts)
        return Resolution(
            id=self.room.ids("res"),
            item_id=item.id,
            decision_id=item.decision_id,
            tenant=item.tenant,
            action=main.action,
            policy=main.policy,
            note=clean(choice.note),
            moderator=who.name,
            resolved_at=at,
            acts=choice.acts,
            message=self._message(choice, main, item, at),
            effective_at=self._effective_at(choice, at),
        )

    def _message(self, choice: Choice, main: Act, item: Item, at: float) -> str:
        """What the affected user reads: what was written, or the policy's text, its gaps filled."""
        policy = self.room.policies().get(main.policy or "")
        text = policy.spoken if policy is not None else ""
        if choice.message is not None:
            text = clean(choice.message)
        lasts = max((act.lasts for act in choice.acts if act.lasts is not None), default=None)
        until = None if lasts is None else at + lasts
        return clean(fill(text, values_for(item, policy=policy, until=until)))

    def _effective_at(self, choice: Choice, at: float) -> float:
        """Never before it can no longer be undone; and by chance, so that nobody learns by when."""
        earliest = at + self.room.undo_seconds
        begins_at = earliest if choice.begins_at is None else max(choice.begins_at, earliest)
        return begins_at + choice.spread * self.room.chance()

    def _reversal(self, old: Resolution, who: Reviewer, why: str, at: float) -> Resolution:
        return Resolution(
            id=self.room.ids("res"),
            item_id=old.item_id,
            decision_id=old.decision_id,
            tenant=old.tenant,
            action=Action.KEEP,
            policy=None,
            note=why,
            moderator=who.name,
            resolved_at=at,
            acts=(Act(Action.KEEP),),
            effective_at=at,
            settled_at=at,
            reverses=old.id,
        )

    def _decided(self, item: Item, resolution: Resolution) -> Decided:
        return Decided(item, resolution, resolution.takes_effect_at)


def _demand_reversible(connection: Connection, resolution: Resolution) -> None:
    """Raises `InvalidInput` with what to do instead."""
    if resolution.is_undone:
        raise InvalidInput("This was undone: there is nothing to reverse.")
    if not resolution.is_in_effect:
        raise InvalidInput("This has not taken effect yet: undo it instead.")
    if resolution.reverses is not None:
        raise InvalidInput("This is a reversal: decide about the item again instead.")
    if settling.is_reversed(connection, resolution.id):
        raise InvalidInput("This was reversed already.")
