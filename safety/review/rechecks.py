"""Rechecks: somebody is asked again, without knowing the first answer."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from zlib import crc32

import structlog
from sqlalchemy import Connection

from safety.domain.rechecks import (
    RECHECKS,
    Answer,
    Golden,
    Recheck,
    RecheckKind,
)
from safety.domain.reviews import UNTIL_AGREED, Item, ItemStatus, Resolution
from safety.domain.verdicts import Severity, Verdict
from safety.review.room import Room
from safety.store import brought, ledger, rechecks
from safety.store.stored import StoredDecision

log = structlog.get_logger(__name__)

# Where they wait, and how urgent they are; others wait where the first one did.
QUEUES = {
    RecheckKind.AUDIT: "audit",
    RecheckKind.APPEAL: "appeals",
    RecheckKind.TIEBREAK: "tiebreak",
    RecheckKind.APPROVAL: "approval",
}
_SEVERITIES = {RecheckKind.APPEAL: Severity.HIGH, RecheckKind.APPROVAL: Severity.CRITICAL}
_SCALE = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Rates:
    """What share is looked at again: decided items, decisions of rules alone, and golden items."""

    second: float = 0.0
    audit: float = 0.0
    golden: float = 0.0


@dataclass(frozen=True, slots=True)
class Rechecks:
    """Chooses what is looked at again, and puts it on the desk."""

    room: Room
    rates: Rates

    def sample(self, connection: Connection, item: Item, resolution: Resolution) -> None:
        """Perhaps ask somebody else about an item that was just decided, or try somebody out."""
        if item.kind in RECHECKS or resolution.automated or resolution.reverses is not None:
            return
        if resolution.is_step:  # two people have looked at it
            return
        if drawn(resolution.id, self.rates.second):
            self.open(
                connection,
                RecheckKind.SECOND,
                item,
                barred={resolution.moderator},
                resolution=resolution,
            )
        if drawn(f"golden {resolution.id}", self.rates.golden):
            self._show_golden(connection, item)

    def ask_second_person(self, connection: Connection, item: Item, resolution: Resolution) -> None:
        """Ask somebody else to agree to a drastic decision, which waits for them."""
        self.open(
            connection,
            RecheckKind.APPROVAL,
            item,
            barred={resolution.moderator},
            resolution=resolution,
        )

    def audit(self, connection: Connection, decision: StoredDecision) -> bool:
        """Perhaps ask somebody about what rules stopped by themselves; whether it was drawn."""
        is_alone = decision.verdict is Verdict.BLOCK and decision.item_id is None
        if not is_alone or not drawn(decision.id, self.rates.audit):
            return False
        kind = RecheckKind.AUDIT
        if rechecks.has_recheck(connection, decision.tenant, decision.id, kind):
            return False
        self.open(connection, kind, item_about(decision), expected=Answer.REMOVE)
        return True

    def open(
        self,
        connection: Connection,
        kind: RecheckKind,
        about: Item,
        *,
        barred: Iterable[str] = (),
        resolution: Resolution | None = None,
        expected: Answer | None = None,
        policy: str = "",
        queue: str = "",
    ) -> Item:
        """Put an item on the desk that asks about another one's decision again."""
        at, names = self.room.clock(), frozenset(barred)
        if expected is None:
            expected = Answer.NONE if resolution is None else Answer.of(resolution.action)
        item = replace(
            about,
            id=self.room.ids("itm"),
            kind=kind.value,
            queue=queue or self._queue(connection, kind, about),
            severity=_SEVERITIES.get(kind, about.severity),
            created_at=at,
            status=ItemStatus.OPEN,
            version=1,
            due_at=None,
            is_raised=False,
            claimed_by="",
            claimed_until=0.0,
            claim=0,
            snoozed_until=None,
            escalated_from="",
            policy="",
            cluster="",
        )
        brought.add_item(connection, item)
        first = "" if resolution is None else resolution.id
        cited = policy or ("" if resolution is None else resolution.policy or "")
        recheck = Recheck(item.id, item.tenant, kind, item.decision_id, at, first, expected, cited)
        rechecks.add_recheck(connection, recheck, names)
        return item

    def _queue(self, connection: Connection, kind: RecheckKind, about: Item) -> str:
        """Where a recheck waits: never before anybody who might not see the first item."""
        is_open_to_all = self.room.settings(connection, about.queue).is_open_to_all
        own = QUEUES.get(kind)
        return own if own is not None and is_open_to_all else about.queue

    def _show_golden(self, connection: Connection, like: Item) -> None:
        """Show a golden item of this queue, to somebody who has not had it."""
        at, known = self.room.clock(), rechecks.golden_items(connection, like.queue)
        if not known:
            return
        chosen = known[int(self.room.chance() * len(known)) % len(known)]
        decision = ledger.get(connection, chosen.tenant, chosen.decision_id)
        if decision is None:
            return
        seen = rechecks.seen_golden(connection, chosen.tenant, chosen.decision_id)
        self.open(
            connection,
            RecheckKind.GOLDEN,
            replace(item_about(decision), severity=like.severity, created_at=at),
            barred={*seen, chosen.author},
            expected=chosen.expected,
            policy=chosen.policy,
            queue=like.queue,
        )


def until_agreed(resolution: Resolution) -> float:
    """When a resolution would take effect that waits for a second person: not by itself."""
    return resolution.takes_effect_at + UNTIL_AGREED


def planned(resolution: Resolution) -> float:
    """When such a resolution was meant to take effect, before it had to wait."""
    return resolution.takes_effect_at - UNTIL_AGREED


def drawn(key: str, rate: float) -> bool:
    """Whether chance picks this key: the same in every process and whenever it is asked."""
    return rate > 0 and crc32(key.encode()) <= rate * _SCALE


def item_about(decision: StoredDecision) -> Item:
    """An item about a decision that has none, to be opened under an id of its own."""
    return Item(
        id="",
        tenant=decision.tenant,
        decision_id=decision.id,
        queue="",
        severity=Severity.MEDIUM,
        reason="",
        event_type=decision.event_type,
        actor_id=decision.actor_id,
        verdict=decision.verdict,
        created_at=decision.decided_at,
        status=ItemStatus.OPEN,
        version=1,
    )


def golden_of(item: Item, resolution: Resolution, *, golden_id: str, why: str, by: str) -> Golden:
    """A decided item as one whose right answer is known from now on."""
    return Golden(
        id=golden_id,
        tenant=item.tenant,
        decision_id=item.decision_id,
        queue=item.queue,
        expected=Answer.of(resolution.action),
        policy=resolution.policy or "",
        why=why,
        author=by,
        created_at=resolution.resolved_at,
    )
