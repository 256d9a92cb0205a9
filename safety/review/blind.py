"""Blinding: whoever is to answer anew is not shown how it was decided the first time."""

from collections.abc import Set
from dataclasses import replace
from typing import Final

from safety.domain.rechecks import BLIND_KINDS, HIDDEN_KINDS, RecheckKind
from safety.domain.reviews import DECISION_ITEM, Item
from safety.domain.verdicts import Verdict
from safety.review.evidence import Evidence
from safety.review.values import ActorPanel, ItemPage

# These ask what the rules said as well; the others may be told.
WITHOUT_EVIDENCE: Final = frozenset({RecheckKind.APPEAL, RecheckKind.AUDIT})
_NEUTRAL: Final = Verdict.HOLD
_BLIND: Final = frozenset(kind.value for kind in BLIND_KINDS)


def blinded(page: ItemPage, asked: Set[RecheckKind] = frozenset()) -> ItemPage:
    """A page as whoever answers a recheck may see it; any other page as it is.

    `asked` is as what somebody may have to judge the same decision anew elsewhere: until then this
    page does not tell them how it was decided here.
    """
    item = page.view.item
    if is_blind(item):
        return _blinded(page, frozenset({RecheckKind(item.kind)}))
    if not asked:
        return page
    bare = replace(page, resolutions=(), history=(), is_kept_back=True)
    return _blinded(replace(bare, view=replace(bare.view, resolution=None)), asked)


def _blinded(page: ItemPage, asked: Set[RecheckKind]) -> ItemPage:
    item = page.view.item
    view = replace(
        page.view,
        item=masked(item),
        recent=tuple(each for each in page.view.recent if each.decision.id != item.decision_id),
        labels=(),
    )
    if asked & WITHOUT_EVIDENCE:
        decision = replace(view.decision, verdict=_NEUTRAL, signals=b"[]", answer=b"{}")
        view = replace(view, decision=decision, evidence=Evidence((), ()), suggested=None)
        view = replace(view, item=replace(view.item, verdict=_NEUTRAL, reason="", policy=""))
    return replace(page, view=view, actor=_bare(page.actor, item))


def is_blind(item: Item) -> bool:
    """Whether an item is a recheck whose first answer must not show."""
    return item.kind in _BLIND


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
