"""Appeals: somebody asks again, in time, about something that was taken from them."""

from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy import Connection

from safety.domain.errors import (
    FieldError,
    InvalidInput,
    NotFound,
    NothingToAppeal,
    TooLateToAppeal,
)
from safety.domain.rechecks import Answer, Appeal, RecheckKind
from safety.domain.reviews import DECISION_ITEM, Action, Item, Resolution, Why
from safety.domain.verdicts import Severity, Verdict
from safety.review.priority import APPEAL
from safety.review.rechecks import Rechecks, item_about
from safety.review.reporting import REPORT_ITEM
from safety.review.room import Room, clean
from safety.review.statements.build import APPEAL_SECONDS
from safety.store import appeals, brought, items, ledger, settling
from safety.store.engine import read, write
from safety.store.stored import StoredDecision

log = structlog.get_logger(__name__)

LONGEST_TEXT: Final = 4000


@dataclass(frozen=True, slots=True)
class Appealing:
    """Takes appeals in, and says how they stand."""

    room: Room
    rechecks: Rechecks

    def appeal(
        self, tenant: str, decision_id: str, text: str, resolution_id: str | None = None
    ) -> Appeal:
        """Ask again about a decision, or about one resolution of it; the same again is the same.

        Without a resolution it is about the latest one in force, or else about what rules decided.
        Raises `NotFound`, `InvalidInput` without a text, `NothingToAppeal` when nothing was taken
        away or it was given back, and `TooLateToAppeal`.
        """
        said = clean(text, LONGEST_TEXT)
        if not said:
            raise InvalidInput(errors=[FieldError("text", "Say why it is wrong.")])
        at = self.room.clock()
        with write(self.room.engine) as connection:
            brought.one_at_a_time(connection, tenant, decision_id)
            decision = ledger.get(connection, tenant, decision_id)
            if decision is None:
                raise NotFound("There is no such decision.")
            known = appeals.find_appeal(connection, tenant, decision_id, resolution_id or "")
            if known is not None:
                return known
            against = _against(connection, decision, resolution_id)
            if against is not None:
                known = appeals.find_appeal(connection, tenant, decision_id, against.id)
            if known is not None:
                return known
            began = decision.decided_at if against is None else against.takes_effect_at
            if at > began + APPEAL_SECONDS:
                raise TooLateToAppeal
            appeal = self._open(connection, decision, against, said, at)
        log.info("appeal_received", appeal=appeal.id, by_rules=not appeal.resolution_id)
        return appeal

    def get(self, tenant: str, appeal_id: str) -> Appeal:
        """How an appeal stands. Raises `NotFound`."""
        with read(self.room.engine) as connection:
            found = appeals.get_appeal(connection, tenant, appeal_id)
        if found is None:
            raise NotFound("There is no such appeal.")
        return found

    def _open(
        self,
        connection: Connection,
        decision: StoredDecision,
        against: Resolution | None,
        text: str,
        at: float,
    ) -> Appeal:
        about = item_about(decision)
        if against is not None:
            about = items.get_item(connection, against.item_id) or about
        joined = None if against is not None else _joined(connection, decision)
        item = joined or self._asked_again(connection, about, decision, against)
        appeal = Appeal(
            id=self.room.ids("app"),
            tenant=decision.tenant,
            actor_id=item.actor_id,
            decision_id=decision.id,
            resolution_id="" if against is None else against.id,
            text=text,
            created_at=at,
            item_id=item.id,
        )
        appeals.add_appeal(connection, appeal)
        return appeal

    def _asked_again(
        self,
        connection: Connection,
        about: Item,
        decision: StoredDecision,
        against: Resolution | None,
    ) -> Item:
        # Whoever has looked at it in whichever way had a part in what was decided.
        barred = {each.moderator for each in brought.answers_about(connection, decision.id)}
        return self.rechecks.open(
            connection,
            RecheckKind.APPEAL,
            about,
            barred=barred,
            resolution=against,
            expected=Answer.REMOVE,
        )


def _joined(connection: Connection, decision: StoredDecision) -> Item | None:
    """The item on which the appeal is heard where nobody has looked yet: the one that waits."""
    kinds = (DECISION_ITEM, REPORT_ITEM)
    waiting = brought.open_about(connection, decision.tenant, decision.id, kinds)
    if waiting is None:
        return None
    severity = max(waiting.severity, Severity.HIGH, key=lambda each: each.rank)
    why = (*waiting.why, Why(APPEAL, 1.0, "appealed while it waits"))
    return waiting if brought.strengthen(connection, waiting, severity, why) else None


def _against(
    connection: Connection, decision: StoredDecision, resolution_id: str | None
) -> Resolution | None:
    """What an appeal is against: a resolution that holds, or None for the rules' own decision."""
    if resolution_id is not None:
        found = settling.get(connection, resolution_id)
        if found is None or not brought.is_about(connection, found, decision.id):
            raise NotFound("There is no such resolution of this decision.")
        if not _holds(connection, found):
            raise NothingToAppeal
        return found
    resolutions = brought.resolutions_about(connection, decision.id)
    latest = [each for each in resolutions if _holds(connection, each)]
    # What strikes have led to ends with what gave them.
    latest.sort(key=lambda each: each.is_step)
    if latest:
        return latest[0]
    was_given_back = any(each.action is Action.KEEP and each.is_in_effect for each in resolutions)
    if decision.verdict is Verdict.ALLOW or was_given_back or _was_undone(connection, decision):
        raise NothingToAppeal
    return None


def _holds(connection: Connection, resolution: Resolution) -> bool:
    """Whether it took something away that was not given back."""
    takes = Answer.of(resolution.action) is Answer.REMOVE
    in_force = resolution.is_in_effect and resolution.reverses is None
    return takes and in_force and not settling.is_reversed(connection, resolution.id)


def _was_undone(connection: Connection, decision: StoredDecision) -> bool:
    later = [
        each.verdict
        for each in ledger.amendments(connection, decision.id)
        if each.verdict is not None
    ]
    return bool(later) and later[-1] is Verdict.ALLOW
