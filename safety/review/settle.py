"""Settling: what was decided takes effect once it can no longer be undone, exactly once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import structlog
from sqlalchemy import Connection

from safety.domain.labels import Label
from safety.domain.policies import Rung
from safety.domain.rechecks import RECHECKS, Answer
from safety.domain.reviews import UNTIL_AGREED, Act, Action, Item, Resolution
from safety.review.effects import conduct_of, ending_of, labels_of, message_of
from safety.review.following import Following
from safety.review.rechecks import Rechecks
from safety.review.reporting import Reporting
from safety.review.room import Room
from safety.store import conduct, items, outbox, settling
from safety.store.engine import read, write
from safety.store.labels import add_label, live_labels, remove_label

log = structlog.get_logger(__name__)

Marks = list[tuple[str, Label]]

# So many in one transaction: whoever writes decisions gets a turn in between.
_AT_ONCE = 25
_NAMES = 20


@dataclass(frozen=True, slots=True)
class Settling:
    """Writes what follows from resolutions: labels, strikes, restrictions, and the message.

    Any process may settle what another has written. Whoever is killed in between loses nothing: a
    resolution is settled in one transaction with all that follows from it, or waits on.
    """

    room: Room
    ladder: Callable[[], Sequence[Rung]]
    rechecks: Rechecks
    following: Following
    reporting: Reporting

    def run(self) -> int:
        """Settle what is due and end what is over; how much that was."""
        done = 0
        while batch := self._round():
            done += batch
        return done + self._end_restrictions()

    def settle(self, connection: Connection, item: Item, resolution: Resolution) -> Marks:
        """Let a resolution take effect now; the labels to tell of once this is stored."""
        room, at = self.room, self.room.clock()
        if not settling.settled(connection, resolution.id, at):
            return []
        if item.kind in RECHECKS:
            self.following.settle(connection, item, resolution)
            return []
        labels = labels_of(item, resolution, at)
        for label in labels:
            add_label(connection, item.tenant, label)
        record = conduct_of(
            item,
            resolution,
            at=at,
            points=conduct.points_of(connection, item.tenant, item.actor_id, at),
            policies=room.policies(),
            ladder=self.ladder(),
            drastic=room.drastic,
            ids=[room.ids("con") for _ in range(_NAMES)],
        )
        for strike in record.strikes:
            conduct.add_strike(connection, strike)
        for restriction in record.restrictions:
            conduct.add_restriction(connection, restriction)
        event_id = room.decision(connection, item).event_id
        message_id = room.ids("msg")
        message = message_of(
            item, resolution, event_id, message_id=message_id, at=at, conduct=record
        )
        outbox.add(connection, message)
        if record.held is not None:
            self._propose(connection, item, resolution, record.held)
        self.reporting.settle(connection, item, resolution)
        # Whoever appealed while it waited has their answer with it.
        answer = Answer.of(resolution.action)
        self.following.decide_appeal(connection, item, answer, resolution.moderator)
        self.rechecks.sample(connection, item, resolution)
        return [(item.tenant, label) for label in labels]

    def _propose(
        self, connection: Connection, item: Item, resolution: Resolution, rung: Rung
    ) -> None:
        """Ask a second person about what strikes lead to, as about whatever is as drastic."""
        at, act = self.room.clock(), Act(Action(rung.action), resolution.policy, lasts=rung.lasts)
        step = Resolution(
            id=self.room.ids("res"),
            item_id=item.id,
            decision_id=item.decision_id,
            tenant=item.tenant,
            action=act.action,
            policy=act.policy,
            note=f"The strikes come to {rung.points} points or more.",
            moderator=resolution.moderator,
            resolved_at=at,
            acts=(act,),
            effective_at=at + UNTIL_AGREED,
            request_key=resolution.step_key,
        )
        items.add_resolution(connection, step)
        self.rechecks.ask_second_person(connection, item, step)

    def tell(self, marks: Marks) -> None:
        """Let the counters of this process know of labels."""
        for tenant, label in marks:
            self.room.on_label(tenant, label)

    def tell_settled(self, since: float, *, limit: int = 500) -> float:
        """Let the counters know of what any process has settled since then; until when that is."""
        latest, marks = since, []
        with read(self.room.engine) as connection:
            for resolution in settling.settled_since(connection, since, limit=limit):
                latest = max(latest, resolution.settled_at or latest)
                item = items.get_item(connection, resolution.item_id)
                if item is not None:
                    marks += self.marks_of(connection, item, resolution)
        self.tell(marks)
        return latest

    def marks_of(self, connection: Connection, item: Item, resolution: Resolution) -> Marks:
        """The labels of a resolution, or of the one that it reverses, as they are now.

        One that is gone comes with an end that has passed, which is how counters forget it.
        """
        at = self.room.clock()
        entity = ("actor.id", item.actor_id)
        live = {each.name: each for each in live_labels(connection, item.tenant, entity, at)}
        source = resolution
        if resolution.reverses is not None:
            source = settling.get(connection, resolution.reverses) or resolution
        named = {label.name: label for label in labels_of(item, source, at)}
        return [
            (item.tenant, live.get(name) or replace(label, expires_at=at))
            for name, label in named.items()
        ]

    def unmark(self, connection: Connection, item: Item, resolution: Resolution) -> None:
        """Take away the labels that a resolution has left and that nothing else has renewed."""
        at = self.room.clock()
        entity = ("actor.id", item.actor_id)
        live = {each.name: each for each in live_labels(connection, item.tenant, entity, at)}
        for label in labels_of(item, resolution, at):
            left = live.get(label.name)
            if left is not None and (left.author, left.reason) == (label.author, label.reason):
                remove_label(connection, item.tenant, entity, label.name)

    def _round(self) -> int:
        at = self.room.clock()
        with read(self.room.engine) as connection:
            if not settling.is_anything_due(connection, at):
                return 0
        marks: Marks = []
        with write(self.room.engine) as connection:
            due = settling.due(connection, at, limit=_AT_ONCE)
            for resolution in due:
                item = items.get_item(connection, resolution.item_id)
                if item is not None:
                    marks += self.settle(connection, item, resolution)
        self.tell(marks)
        if due:
            log.info("resolutions_settled", number=len(due))
        return len(due)

    def _end_restrictions(self) -> int:
        """Tell platforms of what is over."""
        at = self.room.clock()
        with read(self.room.engine) as connection:
            if not conduct.expired(connection, at, limit=1):
                return 0
        with write(self.room.engine) as connection:
            over = conduct.expired(connection, at, limit=_AT_ONCE)
            for restriction in over:
                if conduct.end_restriction(connection, restriction.id, at):
                    outbox.add(connection, ending_of(restriction, self.room.ids("msg"), at))
        return len(over)
