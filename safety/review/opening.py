"""Opening: one item with everything that somebody needs to judge it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from safety.domain.queues import Filter
from safety.domain.rechecks import RecheckKind
from safety.domain.reviews import Item, Reviewer
from safety.review.actors import Actors
from safety.review.blind import blinded
from safety.review.evidence import Evidence, read_evidence
from safety.review.glance import glance, read_event, sent_values, written_text
from safety.review.room import Room
from safety.review.rows import rows_of
from safety.review.thread import thread_of
from safety.review.values import ActorPanel, Brought, Cluster, ItemPage, ItemView
from safety.store import appeals, items, likeness, rechecks, reports, settling, waiting
from safety.store.engine import read
from safety.store.ledger import StoredDecision

_HANDED = 10


@dataclass(frozen=True, slots=True)
class Items:
    """Items as pages show them. Looking at one claims nothing."""

    room: Room
    actors: Actors

    def open(self, item_id: str, who: Reviewer, *, texts: int = 3) -> ItemPage:
        """An item with everything behind it, waiting or resolved. Raises `NotFound`.

        Of its thread, so many texts are shown before it and after it.
        """
        with read(self.room.engine) as connection:
            item = self.room.item(connection, item_id, who)
            decision = self.room.decision(connection, item)
            settings = self.room.settings(connection, item.queue)
            panel = self.actors.panel_within(connection, item.tenant, item.actor_id, who)
            evidence = read_evidence(decision.signals, self.room.model_signals(decision))
            view = view_of(connection, item, decision, evidence, panel)
            copies = likeness.copies(connection, {(item.tenant, item.cluster)})
            history = tuple(settling.steps(connection, item_id))
            resolutions = tuple(settling.of_item(connection, item_id))
            brought = brought_to(connection, item)
            event = read_event(decision.event)
            thread = thread_of(connection, self.room, item, event, who, most=texts)
            asked = rechecks.asked_anew(connection, item.tenant, who.name, [item.decision_id])
        policy = self.room.policies().get(view.suggested or "")
        page = ItemPage(
            view=view,
            history=history,
            resolutions=resolutions,
            actor=panel,
            copies=copies.get((item.tenant, item.cluster), 0),
            actions=settings.actions,
            is_veiled=settings.is_veiled or (policy is not None and policy.is_veiled),
            brought=brought,
            thread=thread,
        )
        return blinded(page, asked.get(item.decision_id, frozenset()))

    def next(self, who: Reviewer, chosen: Filter, *, skip: Sequence[str] = ()) -> str | None:
        """The item that this person should look at next, None when nothing waits for them.

        What is on their desk comes first; nothing is claimed. `skip` is passed over.
        """
        at = self.room.clock()
        with read(self.room.engine) as connection:
            hidden = self.room.hidden(connection, who)
            some = waiting.free(
                connection, chosen, hidden, at=at, by=who.name, limit=_HANDED + len(skip)
            )
        left = [item for item in some if item.id not in skip]
        held = [item for item in left if item.holder(at) == who.name]
        return (held or left)[0].id if left else None

    def cluster(self, item_id: str, who: Reviewer, *, limit: int = 200) -> Cluster:
        """The items that wait with nearly the same text as this one. Raises `NotFound`."""
        at = self.room.clock()
        with read(self.room.engine) as connection:
            item = self.room.item(connection, item_id, who)
            hidden = self.room.hidden(connection, who)
            found = likeness.members(connection, item.tenant, item.cluster, hidden, limit=limit)
            total, accounts = likeness.spread(connection, item.tenant, item.cluster)
            rows = rows_of(connection, found, who.name, at)
        return Cluster(item.cluster, rows, total, accounts)


def brought_to(connection: Connection, item: Item) -> tuple[Brought, ...]:
    """What people outside say about an item, oldest first."""
    found = [
        Brought("report", each.reporter_id, f"{each.reason} {each.note}".strip(), each.created_at)
        for each in reports.of_item(connection, item.id)
    ]
    if item.kind == RecheckKind.APPROVAL:
        found += _proposed(connection, item)
    appeal = appeals.of_item(connection, item.id)
    if appeal is not None:
        found.append(Brought("appeal", appeal.actor_id, appeal.text, appeal.created_at))
    return tuple(found)


def _proposed(connection: Connection, item: Item) -> list[Brought]:
    """What somebody wants to do that a second person is asked to agree to."""
    recheck = rechecks.get_recheck(connection, item.id)
    first = settling.get(connection, recheck.resolution_id) if recheck is not None else None
    if first is None:
        return []
    acts = [f"{act.action.value} {act.policy or act.label}".strip() for act in first.every_act]
    said = f"{', '.join(acts)}. {first.note}".strip()
    return [Brought("proposal", first.moderator, said, first.resolved_at)]


def view_of(
    connection: Connection,
    item: Item,
    decision: StoredDecision,
    evidence: Evidence,
    panel: ActorPanel,
) -> ItemView:
    """An item with the decision behind it, as it was at that moment."""
    event = read_event(decision.event)
    return ItemView(
        item=item,
        decision=decision,
        text=written_text(event),
        glance=glance(event),
        sent=sent_values(event),
        facts=json.loads(decision.facts),
        evidence=evidence,
        suggested=next((rule.policy for rule in evidence.rules if rule.is_live), None),
        recent=panel.recent,
        labels=panel.labels,
        resolution=items.get_resolution(connection, item.id),
    )
