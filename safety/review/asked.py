"""Asked anew: what somebody may still have to judge blindly, and how they give that up."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from safety.domain.reviews import Resolution, Reviewer
from safety.review.blind import WITHOUT_EVIDENCE
from safety.review.room import Room
from safety.review.values import ActorPanel
from safety.store import brought, rechecks
from safety.store.audit import AuditEvent
from safety.store.engine import write


@dataclass(frozen=True, slots=True)
class Asked:
    """Whoever would rather know how something was decided may not judge it anew."""

    room: Room

    def decline(self, item_id: str, who: Reviewer) -> None:
        """Let somebody see how an item was decided, and give it to them no more. `NotFound`."""
        at = self.room.clock()
        with write(self.room.engine) as connection:
            item = self.room.item(connection, item_id, who)
            found = rechecks.asked_items(connection, item.tenant, who.name, item.decision_id)
            for each in found:
                if each != item_id:
                    rechecks.bar(connection, each, [who.name])
            details = json.dumps({"decision": item.decision_id, "tenant": item.tenant}).encode()
            self.room.record(
                connection, AuditEvent(at, who.name, "recheck.declined", item_id, details)
            )


def judged_anew(
    connection: Connection, tenant: str, decision_ids: Collection[str], who: Reviewer
) -> frozenset[str]:
    """Those of these decisions whose verdict this person must not see: they may judge it anew."""
    asked = rechecks.asked_anew(connection, tenant, who.name, decision_ids)
    return frozenset(each for each, kinds in asked.items() if kinds & WITHOUT_EVIDENCE)


def untold(connection: Connection, panel: ActorPanel, who: Reviewer, at: float) -> ActorPanel:
    """An actor without what was decided about them that this person may have to judge anew."""
    about = {each.decision_id for each in panel.resolutions}
    about |= {each.decision.id for each in panel.recent}
    asked = rechecks.asked_anew(connection, panel.tenant, who.name, about)
    if not asked:
        return panel
    hidden = [each for about in asked for each in brought.answers_about(connection, about)]
    ids = {each.id for each in hidden}
    strikes = tuple(each for each in panel.strikes if each.resolution_id not in ids)
    return replace(
        panel,
        recent=tuple(
            each
            for each in panel.recent
            if not asked.get(each.decision.id, frozenset()) & WITHOUT_EVIDENCE
        ),
        labels=tuple(each for each in panel.labels if not _is_of(each.reason, hidden)),
        strikes=strikes,
        points=sum(each.points for each in strikes if each.is_live(at)),
        restrictions=tuple(each for each in panel.restrictions if each.resolution_id not in ids),
        resolutions=tuple(each for each in panel.resolutions if each.id not in ids),
    )


def _is_of(reason: str, hidden: Sequence[Resolution]) -> bool:
    """Whether a label says that it was set by one of these."""
    return any(reason.endswith(f" of {each.item_id}") for each in hidden)
