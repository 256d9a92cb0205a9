"""Rechecks: somebody answers again, without knowing the first answer, and what follows from it."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from zlib import crc32

import structlog
from sqlalchemy import Connection

from safety.domain.access import Role
from safety.domain.decisions import Amendment, AmendmentKind
from safety.domain.messages import Message
from safety.domain.rechecks import (
    RECHECKS,
    Answer,
    AppealOutcome,
    Golden,
    Recheck,
    RecheckKind,
)
from safety.domain.reviews import Item, ItemStatus, Resolution, Reviewer
from safety.domain.verdicts import Severity, Verdict
from safety.review.effects import rfc3339
from safety.review.room import Room
from safety.store import appeals, brought, items, ledger, outbox, rechecks, settling
from safety.store.stored import StoredDecision

log = structlog.get_logger(__name__)

Reverse = Callable[[Connection, Item, Resolution, Reviewer, str], object]

# Where they wait, and how urgent they are; others wait where the first one did.
QUEUES = {
    RecheckKind.AUDIT: "audit",
    RecheckKind.APPEAL: "appeals",
    RecheckKind.TIEBREAK: "tiebreak",
    RecheckKind.APPROVAL: "approval",
}
_SEVERITIES = {RecheckKind.APPEAL: Severity.HIGH, RecheckKind.APPROVAL: Severity.CRITICAL}
# Whoever takes back what another has decided does so with a lead's right, by what they answered.
_TAKES_BACK = Role.LEAD
_SCALE = 0xFFFFFFFF
# What needs a second person takes effect when they agree, and not by itself.
_UNTIL_AGREED = 10 * 365 * 86_400.0


@dataclass(frozen=True, slots=True)
class Rates:
    """What share is looked at again: decided items, decisions of rules alone, and golden items."""

    second: float = 0.0
    audit: float = 0.0
    golden: float = 0.0


@dataclass(frozen=True, slots=True)
class Rechecks:
    """Opens rechecks and lets their answers take effect.

    `reverse` ends what a resolution did, within the open transaction and in somebody's name.
    """

    room: Room
    rates: Rates
    reverse: Reverse

    def settle(self, connection: Connection, item: Item, resolution: Resolution) -> None:
        """Let the answer to a recheck take effect. It leaves no mark on the actor by itself."""
        at = self.room.clock()
        found = rechecks.get_recheck(connection, item.id)
        if found is None:
            return
        answered = replace(
            found,
            answer=Answer.of(resolution.action),
            answer_policy=resolution.policy or "",
            answered_by=resolution.moderator,
            answered_at=at,
        )
        if not rechecks.answer(connection, answered):
            return
        follow = {
            RecheckKind.SECOND: self._follow_second,
            RecheckKind.TIEBREAK: self._follow_tiebreak,
            RecheckKind.AUDIT: self._follow_audit,
            RecheckKind.APPEAL: self._follow_appeal,
            RecheckKind.APPROVAL: self._follow_approval,
        }.get(answered.kind)
        if follow is not None:
            follow(connection, item, answered)
        log.info("recheck_answered", kind=answered.kind.value, agrees=answered.agrees)

    def sample(self, connection: Connection, item: Item, resolution: Resolution) -> None:
        """Perhaps ask somebody else about an item that was just decided, or try somebody out."""
        if item.kind in RECHECKS or resolution.automated or resolution.reverses is not None:
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

    def _follow_second(self, connection: Connection, item: Item, answered: Recheck) -> None:
        first = settling.get(connection, answered.resolution_id)
        if answered.agrees or first is None or first.is_undone:
            return
        names = {answered.answered_by, first.moderator}
        self.open(connection, RecheckKind.TIEBREAK, item, barred=names, resolution=first)

    def _follow_tiebreak(self, connection: Connection, item: Item, answered: Recheck) -> None:
        if not answered.agrees:
            self._overturn(connection, item, answered, "a second and a third opinion differ")

    def _follow_audit(self, connection: Connection, item: Item, answered: Recheck) -> None:
        if not answered.agrees:
            self._overturn(connection, item, answered, "an audit found it wrong")

    def _follow_appeal(self, connection: Connection, item: Item, answered: Recheck) -> None:
        appeal = appeals.of_item(connection, item.id)
        if appeal is None:
            return
        at = self.room.clock()
        is_wrong = answered.answer is Answer.KEEP
        outcome = AppealOutcome.OVERTURNED if is_wrong else AppealOutcome.UPHELD
        if not appeals.decide(connection, appeal.id, outcome, answered.answered_by, at):
            return
        if is_wrong:
            self._overturn(connection, item, answered, f"appeal {appeal.id}")
        body = {
            "appeal_id": appeal.id,
            "decision_id": appeal.decision_id,
            "resolution_id": appeal.resolution_id or None,
            "actor_id": appeal.actor_id,
            "outcome": outcome.value,
        }
        message = self.message("appeal.decided", item.tenant, appeal.actor_id, body)
        outbox.add(connection, message)

    def _follow_approval(self, connection: Connection, _item: Item, answered: Recheck) -> None:
        at = self.room.clock()
        waiting = settling.get(connection, answered.resolution_id)
        if waiting is None or waiting.is_undone or waiting.settled_at is not None:
            return
        if answered.answer is Answer.REMOVE:
            planned = waiting.takes_effect_at - _UNTIL_AGREED
            brought.bring_forward(connection, waiting.id, max(at, planned))
        elif settling.undo(connection, waiting.id, at, answered.answered_by):
            items.reopen(connection, waiting.item_id)

    def _overturn(self, connection: Connection, item: Item, answered: Recheck, why: str) -> None:
        """Take back the first answer, whoever gave it."""
        by, at = Reviewer(answered.answered_by, _TAKES_BACK), self.room.clock()
        rechecks.retire_golden_of(connection, item.tenant, item.decision_id, at)
        if answered.resolution_id:
            first = settling.get(connection, answered.resolution_id)
            about = None if first is None else items.get_item(connection, first.item_id)
            if first is None or about is None or not first.is_in_effect:
                return
            if not settling.is_reversed(connection, first.id):
                self.reverse(connection, about, first, by, why)
            return
        self._overturn_rules(connection, item, why)

    def _overturn_rules(self, connection: Connection, item: Item, why: str) -> None:
        at = self.room.clock()
        decision = ledger.get(connection, item.tenant, item.decision_id)
        if decision is None:
            return
        body = json.dumps({"why": why, "item_id": item.id}).encode()
        undone = Amendment(decision.id, AmendmentKind.UNDONE, at, Verdict.ALLOW, body)
        ledger.amend(connection, undone)
        told = {
            "decision_id": decision.id,
            "event_id": decision.event_id,
            "event_type": decision.event_type,
            "actor_id": decision.actor_id,
            "was": decision.verdict.word,
            "verdict": Verdict.ALLOW.word,
        }
        message = self.message("decision.reversed", item.tenant, decision.actor_id, told)
        outbox.add(connection, message)

    def message(self, kind: str, tenant: str, subject: str, data: Mapping[str, object]) -> Message:
        """A message to the platform: ids and the outcome, never content."""
        at = self.room.clock()
        body = {"type": kind, "timestamp": rfc3339(at), "data": data}
        return Message(
            id=self.room.ids("msg"),
            tenant=tenant,
            kind=kind,
            body=json.dumps(body, separators=(",", ":")).encode(),
            created_at=at,
            due_at=at,
            subject=subject,
        )


def until_agreed(resolution: Resolution) -> float:
    """When a resolution would take effect that waits for a second person: not by itself."""
    return resolution.takes_effect_at + _UNTIL_AGREED


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
