"""Following: what the answer to a recheck changes about the first one."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import structlog
from sqlalchemy import Connection

from safety.domain.access import Role
from safety.domain.decisions import Amendment, AmendmentKind
from safety.domain.rechecks import Answer, AppealOutcome, Recheck, RecheckKind
from safety.domain.reviews import Item, Resolution, Reviewer
from safety.domain.verdicts import Verdict
from safety.review.effects import notice_of
from safety.review.rechecks import Rechecks, planned
from safety.review.room import Room
from safety.store import appeals, brought, items, ledger, outbox, rechecks, settling

log = structlog.get_logger(__name__)

Reverse = Callable[[Connection, Item, Resolution, Reviewer, str], object]

# Whoever takes back what another has decided does so with a lead's right, by what they answered.
_TAKES_BACK: Final = Role.LEAD


@dataclass(frozen=True, slots=True)
class Following:
    """Lets answers take effect.

    `reverse` ends what a resolution did, within the open transaction and in somebody's name.
    """

    room: Room
    rechecks: Rechecks
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

    def decide_appeal(self, connection: Connection, item: Item, answer: Answer, by: str) -> str:
        """Give the appeal that an item is about its outcome, and tell the platform; its id.

        Empty where there is none that waits.
        """
        appeal = appeals.of_item(connection, item.id)
        if appeal is None:
            return ""
        at = self.room.clock()
        is_wrong = answer is Answer.KEEP
        outcome = AppealOutcome.OVERTURNED if is_wrong else AppealOutcome.UPHELD
        if not appeals.decide(connection, appeal.id, outcome, by, at):
            return ""
        body = {
            "appeal_id": appeal.id,
            "decision_id": appeal.decision_id,
            "resolution_id": appeal.resolution_id or None,
            "actor_id": appeal.actor_id,
            "outcome": outcome.value,
        }
        self._tell(connection, "appeal.decided", item.tenant, appeal.actor_id, body)
        return appeal.id

    def _follow_second(self, connection: Connection, item: Item, answered: Recheck) -> None:
        first = settling.get(connection, answered.resolution_id)
        if answered.agrees or first is None or first.is_undone:
            return
        names = {answered.answered_by, first.moderator}
        self.rechecks.open(connection, RecheckKind.TIEBREAK, item, barred=names, resolution=first)

    def _follow_tiebreak(self, connection: Connection, item: Item, answered: Recheck) -> None:
        if not answered.agrees:
            self._overturn(connection, item, answered, "a second and a third opinion differ")

    def _follow_audit(self, connection: Connection, item: Item, answered: Recheck) -> None:
        if not answered.agrees:
            self._overturn(connection, item, answered, "an audit found it wrong")

    def _follow_appeal(self, connection: Connection, item: Item, answered: Recheck) -> None:
        appeal = self.decide_appeal(connection, item, answered.answer, answered.answered_by)
        if appeal and answered.answer is Answer.KEEP:
            self._overturn(connection, item, answered, f"appeal {appeal}")

    def _follow_approval(self, connection: Connection, _item: Item, answered: Recheck) -> None:
        at = self.room.clock()
        waiting = settling.get(connection, answered.resolution_id)
        if waiting is None or waiting.is_undone or waiting.settled_at is not None:
            return
        if answered.answer is Answer.REMOVE:
            brought.bring_forward(connection, waiting.id, max(at, planned(waiting)))
            return
        is_undone = settling.undo(connection, waiting.id, at, answered.answered_by)
        if is_undone and not waiting.is_step:  # without the step, what led to it still stands
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
        self._tell(connection, "decision.reversed", item.tenant, decision.actor_id, told)

    def _tell(
        self,
        connection: Connection,
        kind: str,
        tenant: str,
        subject: str,
        data: Mapping[str, object],
    ) -> None:
        at, message_id = self.room.clock(), self.room.ids("msg")
        message = notice_of(kind, tenant, subject, data, message_id=message_id, at=at)
        outbox.add(connection, message)
