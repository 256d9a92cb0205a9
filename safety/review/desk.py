"""The desk: what waits, one item with everything a person needs to judge it, and the resolution."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Connection, Engine

from safety.domain.errors import FieldError, InvalidInput, ItemAlreadyResolved, NotFound
from safety.domain.features import Catalogue
from safety.domain.labels import Label
from safety.domain.policies import Policy
from safety.domain.reviews import Action, Item, Resolution
from safety.review.effects import audit_of, label_of, message_of
from safety.review.evidence import Evidence, read_evidence
from safety.review.glance import glance, read_event, sent_values, written_text
from safety.store import audit, items, ledger, outbox
from safety.store.engine import read, write
from safety.store.labels import add_label, live_labels
from safety.store.ledger import StoredDecision

log = structlog.get_logger(__name__)

LONGEST_NOTE = 1000
_RECENT = 8


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue and how many items wait in it."""

    name: str
    waiting: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """An item in the list, with its event in one line."""

    item: Item
    glance: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """A decision about the same actor, with its event in one line."""

    decision: StoredDecision
    glance: str


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item with everything behind it.

    `text` is what somebody wrote, unchanged and not to be trusted; the spans in `evidence` count
    its characters. `sent` is the rest of the event by feature name; `facts` what was computed.
    `suggested` is the policy that the strongest live rule cites.
    """

    item: Item
    decision: StoredDecision
    text: str | None
    glance: str
    sent: tuple[tuple[str, object], ...]
    facts: Mapping[str, Any]
    evidence: Evidence
    suggested: str | None
    recent: tuple[Earlier, ...]
    labels: tuple[Label, ...]
    resolution: Resolution | None


@dataclass(frozen=True, slots=True)
class Desk:
    """Where people look at items.

    `ids` makes a new id from a prefix (`res` gives `res_...`), `clock` answers Unix seconds,
    `policies` the policies in force by id and `catalogue` the features that events carry;
    `on_label` is told of every label once it is stored; `model_signals` gives the scores behind a
    decision with their words, in the form of the ledger's signals.
    """

    engine: Engine
    clock: Callable[[], float]
    ids: Callable[[str], str]
    policies: Callable[[], Mapping[str, Policy]]
    catalogue: Callable[[], Catalogue]
    audit_key: bytes
    on_label: Callable[[str, Label], None]
    model_signals: Callable[[StoredDecision], Sequence[Mapping[str, Any]]]

    def queues(self) -> tuple[Queue, ...]:
        """The queues in which something waits, by name."""
        with read(self.engine) as connection:
            return tuple(Queue(*each) for each in items.count_open(connection).items())

    def waiting(
        self, queue: str | None = None, *, after: str | None = None, limit: int = 50
    ) -> tuple[Waiting, ...]:
        """Open items, worst first and then oldest first; `after` is the id of the last one seen."""
        with read(self.engine) as connection:
            found = items.open_items(connection, queue, limit=limit, after=after)
            return tuple(Waiting(item, _glance_at(connection, item)) for item in found)

    def item(self, item_id: str) -> ItemView:
        """An item with everything behind it, open or resolved. Raises `NotFound`."""
        with read(self.engine) as connection:
            item = _item(connection, item_id)
            decision = _decision(connection, item)
            evidence = read_evidence(decision.signals, self.model_signals(decision))
            return _view(connection, item, decision, evidence, self.clock())

    def resolution(self, item_id: str) -> Resolution | None:
        """How an item was resolved; None while it waits or when there is no such item."""
        with read(self.engine) as connection:
            return items.get_resolution(connection, item_id)

    def resolve(
        self,
        item_id: str,
        action: Action,
        *,
        policy: str | None,
        note: str,
        moderator: str,
        expected_version: int,
    ) -> Resolution:
        """Decide about an item: of people who decide at the same moment exactly one wins.

        The resolution, the label on the actor, the message to the platform and the audit entry are
        written in one transaction. Raises `InvalidInput` when a removal cites no policy in force,
        `NotFound`, and `ItemAlreadyResolved`, which says who was first.
        """
        cited = self._cited(action, policy)
        with write(self.engine) as connection:
            item = _item(connection, item_id)
            resolution = Resolution(
                id=self.ids("res"),
                item_id=item.id,
                decision_id=item.decision_id,
                tenant=item.tenant,
                action=action,
                policy=cited,
                note=_clean(note),
                moderator=moderator,
                resolved_at=self.clock(),
            )
            if not items.resolve(connection, resolution, expected_version):
                raise ItemAlreadyResolved(_who_was_first(connection, item))
            label = self._write_effects(connection, item, resolution)
        self.on_label(item.tenant, label)
        log.info("item_resolved", item=item.id, action=action.value, policy=cited, queue=item.queue)
        return resolution

    def _write_effects(self, connection: Connection, item: Item, resolution: Resolution) -> Label:
        label = label_of(item, resolution)
        add_label(connection, item.tenant, label)
        event_id = _decision(connection, item).event_id
        outbox.add(connection, message_of(item, resolution, event_id, self.ids("msg")))
        audit.append(connection, audit_of(item, resolution), key=self.audit_key)
        return label

    def _cited(self, action: Action, policy: str | None) -> str | None:
        """The policy to record: nothing is taken away without one, and keeping needs none."""
        if action is Action.KEEP:
            return None
        if policy not in self.policies():
            problem = FieldError("policy", "Choose the policy that this breaks.")
            raise InvalidInput("Removing something needs a policy.", errors=[problem])
        return policy


def _item(connection: Connection, item_id: str) -> Item:
    item = items.get_item(connection, item_id)
    if item is None:
        raise NotFound("There is no such item.")
    return item


def _decision(connection: Connection, item: Item) -> StoredDecision:
    decision = ledger.get(connection, item.tenant, item.decision_id)
    if decision is None:  # an item is written with its decision and erased with it
        raise NotFound("The decision behind this item was erased.")
    return decision


def _glance_at(connection: Connection, item: Item) -> str:
    return glance(read_event(_decision(connection, item).event))


def _view(
    connection: Connection, item: Item, decision: StoredDecision, evidence: Evidence, at: float
) -> ItemView:
    event = read_event(decision.event)
    recent = ledger.recent(connection, item.tenant, actor_id=item.actor_id, limit=_RECENT)
    return ItemView(
        item=item,
        decision=decision,
        text=written_text(event),
        glance=glance(event),
        sent=sent_values(event),
        facts=json.loads(decision.facts),
        evidence=evidence,
        suggested=next((rule.policy for rule in evidence.rules if rule.is_live), None),
        recent=tuple(Earlier(each, glance(read_event(each.event))) for each in recent),
        labels=tuple(live_labels(connection, item.tenant, ("actor.id", item.actor_id), at)),
        resolution=items.get_resolution(connection, item.id),
    )


def _who_was_first(connection: Connection, item: Item) -> str:
    first = items.get_resolution(connection, item.id)
    if first is None:
        return "This item has changed since you opened it."
    under = f" under {first.policy}" if first.policy else ""
    return f"{first.moderator} decided first: {first.action.value}{under}. Nothing was changed."


def _clean(note: str) -> str:
    """Control characters have no place in a note, and some databases refuse them."""
    kept = "".join(c for c in note if c.isprintable() or c in "\n\t")
    return kept.strip()[:LONGEST_NOTE]
