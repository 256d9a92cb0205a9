"""What every part of the desk stands on, and the one way in which somebody gets at an item."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine

from safety.domain.errors import (
    FieldError,
    InvalidInput,
    ItemAlreadyResolved,
    ItemClaimed,
    NotFound,
)
from safety.domain.features import Catalogue
from safety.domain.labels import Label
from safety.domain.policies import Policy
from safety.domain.queues import QueueSettings
from safety.domain.reviews import Action, Item, ItemStatus, Reviewer
from safety.store import audit, desk_settings, items, ledger, rechecks
from safety.store.ledger import StoredDecision

LONGEST_NOTE = 1000
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Room:
    """What the parts of the desk share.

    `ids` makes a new id from a prefix (`res` gives `res_...`), `clock` answers Unix seconds and
    `chance` a number from 0 to 1; `policies` and `catalogue` are those in force; `on_label` is told
    of every label once it is stored; `model_signals` gives the scores behind a decision with their
    words, in the form of the ledger's signals. What is decided may be undone for `undo_seconds`.
    """

    engine: Engine
    clock: Callable[[], float]
    chance: Callable[[], float]
    ids: Callable[[str], str]
    policies: Callable[[], Mapping[str, Policy]]
    catalogue: Callable[[], Catalogue]
    audit_key: bytes
    on_label: Callable[[str, Label], None]
    model_signals: Callable[[StoredDecision], Sequence[Mapping[str, Any]]]
    undo_seconds: float = 10.0
    lease_seconds: float = 600.0
    drastic: frozenset[Action] = frozenset()  # what needs a second person

    def settings(self, connection: Connection, queue: str) -> QueueSettings:
        """How a queue works; one that nobody has set works as all do."""
        return desk_settings.all_settings(connection).get(queue) or QueueSettings(queue)

    def hidden(self, connection: Connection, who: Reviewer) -> frozenset[str]:
        """The queues that this person may not see."""
        known = desk_settings.all_settings(connection)
        return frozenset(name for name, each in known.items() if not each.admits(who))

    def item(self, connection: Connection, item_id: str, who: Reviewer) -> Item:
        """An item for somebody. Raises `NotFound` when there is none that they may see."""
        item = items.get_item(connection, item_id)
        if item is None or not self.settings(connection, item.queue).admits(who):
            raise NotFound("There is no such item.")
        if rechecks.is_barred(connection, item_id, who.name):  # whoever decided it before
            raise NotFound("There is no such item.")
        return item

    def decision(self, connection: Connection, item: Item) -> StoredDecision:
        """The decision behind an item. Raises `NotFound`."""
        decision = ledger.get(connection, item.tenant, item.decision_id)
        if decision is None:  # an item is written with its decision and erased with it
            raise NotFound("The decision behind this item was erased.")
        return decision

    def record(self, connection: Connection, event: audit.AuditEvent) -> None:
        """Add what somebody did to the audit log."""
        audit.append(connection, event, key=self.audit_key)


def refusal(
    connection: Connection, item: Item, who: str, at: float
) -> ItemAlreadyResolved | ItemClaimed:
    """Why an item could not be changed: who was first, who has it, or that it is another by now."""
    now = items.get_item(connection, item.id) or item
    holder = now.holder(at)
    if now.status is ItemStatus.RESOLVED:
        first = items.get_resolution(connection, item.id)
        if first is not None:
            under = f" under {first.policy}" if first.policy else ""
            said = f"{first.moderator} decided first: {first.action.value}{under}."
            return ItemAlreadyResolved(f"{said} Nothing was changed.")
    if holder and holder != who:
        minutes = max(1, round((now.claimed_until - at) / 60))
        left = f"for {minutes} more minute{'s' * (minutes != 1)}"
        return ItemClaimed(f"{holder} has this item on their desk {left}. Nothing was changed.")
    return ItemAlreadyResolved("This item has changed since you opened it.")


def clean(text: str, longest: int = LONGEST_NOTE) -> str:
    """Control characters have no place in a note, and some databases refuse them."""
    kept = "".join(c for c in text[: 4 * longest] if c.isprintable() or c in "\n\t")
    return kept.strip()[:longest]


def reason_for(text: str, field: str = "reason") -> str:
    """A reason as it is kept. Raises `InvalidInput` when nothing is left of it."""
    kept = clean(text, LONGEST_REASON)
    if not kept:
        raise InvalidInput(errors=[FieldError(field, "Say why, in a few words.")])
    return kept
