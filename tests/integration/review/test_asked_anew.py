"""Whoever may have to judge something anew is told nowhere how it went, unless they decline."""

import pytest
from sqlalchemy import Engine

from safety.domain.access import Role
from safety.domain.queues import Filter
from safety.domain.reviews import Reviewer
from safety.domain.verdicts import Verdict
from safety.review.decision_log import DecisionLog
from safety.review.rechecks import Rates
from safety.store import audit
from safety.store.engine import read
from safety.store.resolution_log import Wanted
from tests.desk_items import a_comment, add_item
from tests.review_house import ANA, BEN, KEEPING, LEA, Core, removing

WHY = "It is a picture of my own shop."
CARL = Reviewer("carl", Role.MODERATOR)


@pytest.fixture
def core(engine: Engine) -> Core:
    return Core(engine)


def appealed(core: Core) -> tuple[str, str]:
    """An item that Ana took away, and the item on which the appeal is heard."""
    item = add_item(core.engine)
    decided = core.review.resolving.decide(item, removing("spam.scam"), ANA)
    core.later()
    return item, core.review.appealing.appeal("demo", decided.item.decision_id, WHY).item_id


def logged(core: Core, who: Reviewer, action: str = "") -> list[str]:
    """The items in the log of decisions, as somebody sees it."""
    found = DecisionLog(core.review.room).page(who, Wanted(action=action), limit=50)
    return [each.item.id for each in found]


def test_the_log_and_its_files_leave_out_what_is_to_be_judged_anew(core: Core) -> None:
    item, appeal = appealed(core)
    log = DecisionLog(core.review.room)
    assert logged(core, ANA) == [item], "she has no say in it any more"
    for who in (BEN, LEA):
        assert logged(core, who) == logged(core, who, action="remove") == []
        assert item not in "".join(log.as_csv(who, Wanted()))
        assert item not in "".join(log.as_jsonl(who, Wanted()))
    core.review.resolving.decide(appeal, removing(), BEN)
    core.later()
    assert logged(core, LEA)[-1] == item, "once it is answered everybody may know"


def test_the_items_own_page_keeps_back_how_it_went(core: Core) -> None:
    item, _ = appealed(core)
    page = core.review.items.open(item, BEN)
    assert page.is_kept_back
    assert not page.is_open
    assert (page.resolutions, page.history, page.view.resolution) == ((), (), None)
    assert page.view.evidence.rules == ()
    assert "ana" not in repr(page)
    assert "spam.scam" not in repr(page)
    assert not core.review.items.open(item, ANA).is_kept_back


def test_neither_does_the_account_nor_another_item_of_it_tell(core: Core) -> None:
    item, _ = appealed(core)
    beside = add_item(core.engine, a_comment("something else"))
    for panel in (
        core.review.actors.panel("demo", "u_17", BEN),
        core.review.items.open(beside, BEN).actor,
    ):
        assert (panel.resolutions, panel.strikes, panel.points, panel.labels) == ((), (), 0, ())
        assert item not in [each.decision.item_id for each in panel.recent]
    mine = core.review.actors.panel("demo", "u_17", ANA)
    assert (mine.points, len(mine.resolutions)) == (3, 1)


def test_nor_do_a_search_and_a_thread_tell_what_the_rules_said(core: Core) -> None:
    item = add_item(core.engine, verdict=Verdict.BLOCK, is_flagged=False)
    beside = add_item(core.engine, a_comment("something else"))
    core.review.clerk.run()
    core.review.appealing.appeal("demo", item.replace("itm", "dec"), WHY)
    found = core.review.search("lovely light", BEN)
    assert [hit.verdict for hit in found.hits] == [None]
    assert core.review.items.open(beside, BEN).thread.rows[0].verdict is None


def test_a_second_opinion_is_blind_everywhere_but_may_know_the_rules(engine: Engine) -> None:
    core = Core(engine, rates=Rates(second=1.0))
    item = add_item(core.engine)
    core.review.resolving.decide(item, removing(), ANA)
    core.later()
    assert logged(core, BEN) == []
    page = core.review.items.open(item, BEN)
    assert page.is_kept_back
    assert page.view.evidence.rules
    second = str(core.review.items.next(BEN, Filter()))
    core.review.resolving.decide(second, KEEPING, BEN)
    core.later()
    assert item in logged(core, BEN)
    assert item not in logged(core, CARL), "the tie is to be broken by somebody who knows neither"


def test_whoever_would_rather_know_is_not_asked(core: Core) -> None:
    item, appeal = appealed(core)
    assert core.review.items.next(BEN, Filter()) == appeal
    core.review.asked.decline(item, BEN)
    assert not core.review.items.open(item, BEN).is_kept_back
    assert logged(core, BEN) == [item]
    assert core.review.items.next(BEN, Filter()) is None
    assert core.review.items.next(CARL, Filter()) == appeal
    with read(core.engine) as connection:
        (last,) = audit.recent(connection, limit=1)
    assert (last.author, last.action, last.subject) == ("ben", "recheck.declined", item)
