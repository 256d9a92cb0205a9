"""Rechecks under attack: who gets at them, what their answers must not do, who asks at once."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import TypeVar

import pytest
from sqlalchemy import Engine, func, select

from safety.domain.access import Role
from safety.domain.errors import NothingToAppeal
from safety.domain.queues import Filter, QueueSettings
from safety.domain.rechecks import AppealOutcome, RecheckKind, ReporterClass
from safety.domain.reviews import DECISION_ITEM, Act, Action, Item, Reviewer
from safety.domain.verdicts import Verdict
from safety.review.rechecks import Rates
from safety.review.reporting import Notice
from safety.review.values import Choice
from safety.store import answers_of_people, history
from safety.store.actors import resolutions_of as of_actor
from safety.store.engine import read, write
from safety.store.erasure import erase_actor
from safety.store.items import item_of, resolutions_of
from safety.store.labels import live_labels
from safety.store.reviewed import reviewed_decisions
from safety.store.rule_controls import reviewed_since
from safety.store.tables import appeals, barred, items, rechecks, reports, resolutions
from tests.desk_items import a_comment, add_item
from tests.review_house import ANA, AUDIT_KEY, BEN, DAY, KEEPING, LEA, NOW, Core, removing

CARL = Reviewer("carl", Role.MODERATOR)
BAN = Choice((Act(Action.BAN, "spam.scam"),))
AT_ONCE = 6
Made = TypeVar("Made")


@pytest.fixture
def core(engine: Engine) -> Core:
    return Core(engine, rates=Rates(second=1.0))


def decide(core: Core, item_id: str, choice: Choice, who: Reviewer = ANA) -> str:
    resolution = core.review.resolving.decide(item_id, choice, who).resolution
    core.later()
    return resolution.id


def of_kind(core: Core, kind: RecheckKind) -> list[Item]:
    with read(core.engine) as connection:
        rows = connection.execute(select(items).where(items.c.kind == kind.value))
        return [item_of(row) for row in rows]


def marks(core: Core) -> set[str]:
    with read(core.engine) as connection:
        found = live_labels(connection, "demo", ("actor.id", "u_17"), core.clock())
    return {label.name for label in found}


def is_seen(core: Core, item_id: str, who: Reviewer) -> bool:
    page = core.review.queues.page(who, Filter())
    return item_id in {row.item.id for row in page.rows}


def test_an_appeal_is_against_the_first_decision_whoever_agreed_to_it(core: Core) -> None:
    item = add_item(core.engine)
    first = decide(core, item, removing())
    (second,) = of_kind(core, RecheckKind.SECOND)
    answer = decide(core, second.id, removing(), BEN)
    decision = item.replace("itm", "dec")
    appeal = core.review.appealing.appeal("demo", decision, "It is mine.")
    assert appeal.resolution_id == first != answer
    assert not is_seen(core, appeal.item_id, ANA)
    assert not is_seen(core, appeal.item_id, BEN)  # he has said that it was right
    decide(core, appeal.item_id, KEEPING, CARL)
    assert core.review.appealing.get("demo", appeal.id).outcome is AppealOutcome.OVERTURNED
    assert "confirmed_spam" not in marks(core)


def test_a_ban_that_two_people_agreed_to_is_given_back(engine: Engine) -> None:
    core = Core(engine, drastic=frozenset({Action.BAN}))
    item = add_item(core.engine)
    core.review.resolving.decide(item, BAN, ANA)
    (approval,) = of_kind(core, RecheckKind.APPROVAL)
    decide(core, approval.id, removing(), BEN)
    core.later()
    assert "banned" in marks(core)
    appeal = core.review.appealing.appeal("demo", item.replace("itm", "dec"), "Not me.")
    assert not is_seen(core, appeal.item_id, BEN)
    decide(core, appeal.item_id, KEEPING, CARL)
    assert "banned" not in marks(core)


def test_what_was_kept_or_given_back_cannot_be_appealed(engine: Engine) -> None:
    core = Core(engine)
    kept, given_back = add_item(core.engine), add_item(core.engine)
    decide(core, kept, KEEPING)
    core.review.resolving.reverse(decide(core, given_back, removing()), ANA, "a mistake")
    for item in (kept, given_back):
        with pytest.raises(NothingToAppeal):
            core.review.appealing.appeal("demo", item.replace("itm", "dec"), "Why?")


def a_golden_item(core: Core) -> tuple[str, Item]:
    """A decided item that was removed, and the same shown again to try people out."""
    first = add_item(core.engine)
    core.review.quality.make_golden(decide(core, first, removing()), "clear", LEA)
    trying = replace(core, rates=Rates(golden=1.0))
    decide(trying, add_item(core.engine, a_comment(actor={"id": "u_9"})), KEEPING, BEN)
    (shown,) = of_kind(core, RecheckKind.GOLDEN)
    return first.replace("itm", "dec"), shown


def test_a_golden_item_teaches_nothing_and_hides_nothing(engine: Engine) -> None:
    core = Core(engine)
    decision, shown = a_golden_item(core)

    def learnt() -> Action | None:
        with read(core.engine) as connection:
            found = answers_of_people.resolved(connection, NOW - DAY, NOW + DAY, limit=100)
        return next((each.action for each in found if each.decision.id == decision), None)

    assert learnt() is Action.REMOVE  # while it waits
    answer = decide(core, shown.id, KEEPING, BEN)  # he is wrong
    assert learnt() is Action.REMOVE
    with read(core.engine) as connection:
        assert history.resolved_since(connection, NOW - DAY)[decision] is Action.REMOVE
        assert resolutions_of(connection, [decision])[decision].action is Action.REMOVE
        seen = reviewed_decisions(connection, NOW - DAY, limit=100)
        assert answer not in {each.resolution for each in seen}
        assert len(reviewed_since(connection, NOW - DAY, limit=100)) == 2
        about = of_actor(connection, "demo", "u_17", limit=10)
        assert answer not in {each.id for each in about}


def test_what_was_wrong_tries_nobody_out_any_more(engine: Engine) -> None:
    core = Core(engine)
    decision, _ = a_golden_item(core)
    appeal = core.review.appealing.appeal("demo", decision, "It is mine.")
    assert core.review.quality.golden_items(LEA)
    decide(core, appeal.item_id, KEEPING, CARL)
    assert not core.review.quality.golden_items(LEA)


@pytest.mark.parametrize("kind", [RecheckKind.GOLDEN.value, RecheckKind.SECOND.value])
def test_no_filter_tells_a_recheck_from_other_items(core: Core, kind: str) -> None:
    decide(core, add_item(core.engine, queue="content"), removing())
    (second,) = of_kind(core, RecheckKind.SECOND)
    assert second.queue == "content"
    assert core.review.queues.page(BEN, Filter(kind=kind)).rows == ()
    (row,) = core.review.queues.page(BEN, Filter(kind=DECISION_ITEM)).rows
    assert row.item.id == second.id


def test_whoever_is_barred_sees_it_in_no_list_and_no_copies_take_it_along(core: Core) -> None:
    text = a_comment("cheap watches at our shop, ask me for the link today and save a lot")
    decide(core, add_item(core.engine, text), removing())
    (second,) = of_kind(core, RecheckKind.SECOND)
    like_it = add_item(core.engine, text)
    core.later()
    review = core.review
    assert review.queues.rows([second.id], ANA) == ()
    assert review.bulk.preview([second.id, like_it], ANA).items == (like_it,)
    assert [row.item.id for row in review.items.cluster(like_it, BEN).rows] == [like_it]
    (row,) = review.bulk.decide([second.id], KEEPING, ANA).rows
    assert row.resolution is None


def test_a_recheck_of_a_guarded_queue_stays_guarded(engine: Engine) -> None:
    core = Core(engine, rates=Rates(second=1.0), drastic=frozenset({Action.BAN}))
    guarded = QueueSettings("minors", members=frozenset({"ana", "carl"}))
    core.review.queues.put(guarded, LEA)
    item = add_item(core.engine, queue="minors")
    core.review.resolving.decide(item, BAN, ANA)
    (approval,) = of_kind(core, RecheckKind.APPROVAL)
    assert not is_seen(core, approval.id, BEN)
    decide(core, approval.id, removing(), CARL)
    core.later()
    appeal = core.review.appealing.appeal("demo", item.replace("itm", "dec"), "Not me.")
    for recheck in (appeal.item_id, *(each.id for each in of_kind(core, RecheckKind.SECOND))):
        assert not is_seen(core, recheck, BEN)
    assert is_seen(core, appeal.item_id, LEA)


def test_who_agrees_to_a_planned_ban_does_not_bring_it_forward(engine: Engine) -> None:
    core = Core(engine, drastic=frozenset({Action.BAN}))
    planned = replace(BAN, begins_at=NOW + 7 * DAY)
    core.review.resolving.decide(add_item(core.engine), planned, ANA)
    (approval,) = of_kind(core, RecheckKind.APPROVAL)
    decide(core, approval.id, removing(), BEN)
    core.later(DAY)
    assert not marks(core)
    core.later(6 * DAY)
    assert "banned" in marks(core)


def at_once(act: Callable[[int], Made]) -> list[Made]:
    start = Barrier(AT_ONCE)

    def one(number: int) -> Made:
        start.wait(timeout=20)
        return act(number)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def test_who_appeals_several_times_at_once_appeals_once(core: Core) -> None:
    item = add_item(core.engine, verdict=Verdict.BLOCK, is_flagged=False)
    review, decision = core.review, item.replace("itm", "dec")
    taken = at_once(lambda _: review.appealing.appeal("demo", decision, "Why?"))
    assert len({each.id for each in taken}) == 1
    with read(core.engine) as connection:
        assert connection.execute(select(func.count()).select_from(appeals)).scalar_one() == 1
    assert len(of_kind(core, RecheckKind.APPEAL)) == 1


def test_reports_of_one_subject_at_once_are_one_item(core: Core) -> None:
    item = add_item(core.engine, verdict=Verdict.ALLOW, is_flagged=False)
    review, decision = core.review, item.replace("itm", "dec")

    def report(number: int) -> str:
        user = ReporterClass.USER
        notice = Notice(f"r_{number}", f"u_{number}", user, "post", "p_7", "u_17", "spam")
        return review.reporting.receive("demo", notice, decision, Verdict.ALLOW).id

    assert len(set(at_once(report))) == AT_ONCE
    with read(core.engine) as connection:
        found = set(connection.execute(select(reports.c.item_id)).scalars())
        (why,) = connection.execute(select(items.c.why).where(items.c.id.in_(found))).scalars()
    assert len(json.loads(why)) == AT_ONCE


def test_erasing_somebody_leaves_nothing_that_was_brought_about_them(core: Core) -> None:
    decide(core, add_item(core.engine, verdict=Verdict.BLOCK), removing())
    asked = add_item(core.engine, a_comment(actor={"id": "u_3"}), is_flagged=False)
    decision = asked.replace("itm", "dec")
    for number, verdict in enumerate((Verdict.ALLOW, Verdict.BLOCK)):
        user = ReporterClass.USER
        notice = Notice(f"r_{number}", "u_3", user, "user", "u_17", "", "spam")
        core.review.reporting.receive("demo", notice, decision, verdict)
    (second,) = of_kind(core, RecheckKind.SECOND)
    core.review.appealing.appeal("demo", second.decision_id, "It is mine.")
    with write(core.engine) as connection:
        erase_actor(
            connection, "demo", "u_17", NOW, author="lea", audit_key=AUDIT_KEY, pseudonym="p"
        )
        for table in (reports, appeals, rechecks, barred, items, resolutions):
            assert not connection.execute(select(table)).all(), table.name
