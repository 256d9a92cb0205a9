"""Blinding: a recheck is shown without what would tell how it was decided the first time."""

from dataclasses import replace
from typing import Final

from safety.domain.rechecks import HIDDEN_KINDS, RECHECKS, RecheckKind
from safety.domain.reviews import DECISION_ITEM, Item
from safety.domain.verdicts import Verdict
from safety.review.evidence import Evidence
from safety.review.values import ActorPanel, ItemPage

# These ask what the rules said as well; the others may be told.
_WITHOUT_EVIDENCE: Final = frozenset({RecheckKind.APPEAL.value, RecheckKind.AUDIT.value})
# Nothing is hidden from whoever agrees to what a colleague proposes.
_SHOWN: Final = frozenset({RecheckKind.APPROVAL.value})
_NEUTRAL: Final = Verdict.HOLD


def blinded(page: ItemPage) -> ItemPage:
    """A page as whoever answers a recheck may see it; any other page as it is."""
    item = page.view.item
    if not is_blind(item):
        return page
    view = replace(
        page.view,
        item=masked(item),
        recent=tuple(each for each in page.view.recent if each.decision.id != item.decision_id),
        labels=(),
    )
    if item.kind in _WITHOUT_EVIDENCE:
        decision = replace(view.decision, verdict=_NEUTRAL, signals=b"[]", answer=b"{}")
        view = replace(view, decision=decision, evidence=Evidence((), ()), suggested=None)
        view = replace(view, item=replace(view.item, verdict=_NEUTRAL, reason="", policy=""))
    return replace(page, view=view, actor=_bare(page.actor, item))


def is_blind(item: Item) -> bool:
    """Whether an item is a recheck whose first answer must not show."""
    return item.kind in RECHECKS and item.kind not in _SHOWN


def masked(item: Item) -> Item:
    """An item that does not tell that it is a recheck: nobody is more careful with some of them."""
    return replace(item, kind=DECISION_ITEM) if item.kind in HIDDEN_KINDS else item


def _bare(panel: ActorPanel, item: Item) -> ActorPanel:
    """An actor without what moderators made of them."""
    return replace(
        panel,
        recent=tuple(each for each in panel.recent if each.decision.id != item.decision_id),
        labels=(),
        strikes=(),
        points=0,
        next_step="",
        restrictions=(),
        notes=(),
        resolutions=(),
    )
