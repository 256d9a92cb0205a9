"""Second opinions, audits, golden items, ties and drastic acts: who is asked, and what follows."""

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, select

from safety.domain.access import Role
from safety.domain.decisions import AmendmentKind
from safety.domain.errors import Forbidden, InvalidInput, NotFound
from safety.domain.queues import Filter
from safety.domain.rechecks import Answer, Recheck, RecheckKind
from safety.domain.reviews import Act, Action, Item, Reviewer
from safety.domain.verdicts import Verdict
from safety.review.rechecks import Rates, drawn
from safety.review.values import Choice
from safety.store import ledger, outbox, rechecks
from safety.store.engine import read
from safety.store.items import item_of
from safety.store.labels import live_labels
from safety.store.tables import items
from tests.desk_items import a_comment, add_item
from tests.review_house import ANA, BEN, DAY, KEEPING, LEA, NOW, Core, removing

CARL = Reviewer("carl", Role.MODERATOR)
EVERY = Rates(second=1.0)
BAN = Choice((Act(Action.BAN, "spam.scam"),))


@pytest.fixture
def core(engine: Engine) -> Core:
    return Core(engine, rates=EVERY)


def of_kind(core: Core, kind: RecheckKind) -> list[Item]:
    with read(core.engine) as connection:
        rows = connection.execute(select(items).where(items.c.kind == kind.value))
        return [item_of(row) for row in rows]


def recheck(core: Core, item: Item) -> Recheck:
    with read(core.engine) as connection:
        found = rechecks.get_recheck(connection, item.id)
    assert found is not None
    return found


def decide(core: Core, item_id: str, choice: Choice, who: Reviewer = ANA) -> str:
    """Decide, and let it take effect; the resolution's id."""
    resolution = core.review.resolving.decide(item_id, choice, who).resolution
    core.later()
    return resolution.id


def marks(core: Core, actor: str = "u_17") -> set[str]:
    with read(core.engine) as connection:
        found = live_labels(connection, "demo", ("actor.id", actor), core.clock())
    return {label.name for label in found}


def told(core: Core, kind: str) -> list[dict[str, Any]]:
    with read(core.engine) as connection:
        bodies = [json.loads(each.body) for each in outbox.pending(connection, limit=1000)]
    return [each["data"] for each in bodies if each["type"] == kind]


def test_a_second_opinion_goes_to_somebody_else_and_leaves_no_mark(core: Core) -> None:
    decide(core, add_item(core.engine), removing())
    (second,) = of_kind(core, RecheckKind.SECOND)
    queue = Filter(queue=second.queue)
    assert core.review.queues.page(ANA, queue).rows == ()
    assert core.review.claims.take(ANA, queue) == ()
    assert core.review.items.next(ANA, queue) is None
    for way in (core.review.items.open, core.review.claims.hold):
        with pytest.raises(NotFound):
            way(second.id, ANA)
    with pytest.raises(NotFound):
        core.review.resolving.decide(second.id, KEEPING, ANA)
    before = marks(core), len(told(core, "item.resolved"))
    decide(core, second.id, removing("spam.scam"), BEN)
    assert (marks(core), len(told(core, "item.resolved"))) == before
    answered = recheck(core, second)
    assert (answered.answer, answered.answered_by, answered.agrees) == (Answer.REMOVE, "ben", True)
    assert not of_kind(core, RecheckKind.TIEBREAK)


def test_whoever_answers_again_does_not_see_the_first_answer(core: Core) -> None:
    decide(core, add_item(core.engine), removing())
    (second,) = of_kind(core, RecheckKind.SECOND)
    page = core.review.items.open(second.id, BEN)
    seen = repr(page)
    assert "ana" not in seen
    assert "confirmed_spam" not in seen
    assert page.view.item.kind == "decision"
    assert page.view.evidence.rules  # what the rules said is no secret here


def test_of_two_opinions_that_differ_a_third_decides(core: Core) -> None:
    first = add_item(core.engine)
    decide(core, first, removing())
    (second,) = of_kind(core, RecheckKind.SECOND)
    decide(core, second.id, KEEPING, BEN)
    (tie,) = of_kind(core, RecheckKind.TIEBREAK)
    for name in (ANA, BEN):
        with pytest.raises(NotFound):
            core.review.items.open(tie.id, name)
    assert "confirmed_spam" in marks(core)
    decide(core, tie.id, KEEPING, CARL)
    assert "confirmed_spam" not in marks(core)
    (reversed_,) = told(core, "item.reversed")
    assert reversed_["item_id"] == first


def test_a_tie_that_goes_to_the_first_changes_nothing(core: Core) -> None:
    decide(core, add_item(core.engine), removing())
    (second,) = of_kind(core, RecheckKind.SECOND)
    decide(core, second.id, KEEPING, BEN)
    (tie,) = of_kind(core, RecheckKind.TIEBREAK)
    decide(core, tie.id, removing(), CARL)
    assert "confirmed_spam" in marks(core)
    assert not told(core, "item.reversed")


def test_an_opinion_that_was_undone_asks_nobody(core: Core) -> None:
    item = add_item(core.engine)
    resolution = core.review.resolving.decide(item, removing(), ANA).resolution
    core.review.resolving.undo(resolution.id, ANA)
    core.later()
    assert not of_kind(core, RecheckKind.SECOND)


def test_a_recheck_is_not_rechecked(core: Core) -> None:
    decide(core, add_item(core.engine), removing())
    (second,) = of_kind(core, RecheckKind.SECOND)
    decide(core, second.id, removing(), BEN)
    assert len(of_kind(core, RecheckKind.SECOND)) == 1


def test_an_audit_asks_about_what_rules_stopped_and_takes_back_what_was_wrong(
    engine: Engine,
) -> None:
    core = Core(engine, rates=Rates(audit=1.0))
    add_item(core.engine, verdict=Verdict.BLOCK, is_flagged=False)
    other = a_comment(actor={"id": "u_99"})
    add_item(core.engine, other, verdict=Verdict.ALLOW, is_flagged=False)
    core.later()
    core.later()
    (audit,) = of_kind(core, RecheckKind.AUDIT)
    page = core.review.items.open(audit.id, ANA)
    assert not page.view.evidence.rules
    assert "LINK_BURST" not in repr(page)
    assert page.view.item.verdict is not Verdict.BLOCK
    decide(core, audit.id, KEEPING)
    (back,) = told(core, "decision.reversed")
    assert back["decision_id"] == audit.decision_id
    assert back["verdict"] == "allow"
    with read(core.engine) as connection:
        (undone,) = ledger.amendments(connection, audit.decision_id)
    assert (undone.kind, undone.verdict) == (AmendmentKind.UNDONE, Verdict.ALLOW)
    automated = core.review.quality.agreement(NOW - DAY, NOW + DAY).automated
    assert (automated.audited, automated.wrong) == (1, 1)
    assert not marks(core)


def test_without_a_rate_nobody_is_asked(engine: Engine) -> None:
    core = Core(engine)
    decide(core, add_item(core.engine), removing())
    add_item(core.engine, verdict=Verdict.BLOCK, is_flagged=False)
    core.later()
    assert not [kind for kind in RecheckKind if of_kind(core, kind)]


def test_chance_draws_about_its_share_and_always_the_same() -> None:
    keys = [f"res_{number}" for number in range(20_000)]
    for rate in (0.0, 0.01, 0.3, 1.0):
        picked = [key for key in keys if drawn(key, rate)]
        assert abs(len(picked) / len(keys) - rate) < 0.01
        assert picked == [key for key in keys if drawn(key, rate)]


def test_a_golden_item_comes_as_any_other_and_tells_who_was_right(engine: Engine) -> None:
    core = Core(engine)
    known = decide(core, add_item(core.engine, queue="content"), removing())
    with pytest.raises(Forbidden):
        core.review.quality.make_golden(known, "a clear case", BEN)
    with pytest.raises(InvalidInput):
        core.review.quality.make_golden(known, " ", LEA)
    golden = core.review.quality.make_golden(known, "a clear case", LEA)
    with pytest.raises(InvalidInput):
        core.review.quality.make_golden(known, "again", LEA)
    core = replace(core, rates=Rates(golden=1.0))
    decide(core, add_item(core.engine, queue="content"), KEEPING, BEN)
    (shown,) = of_kind(core, RecheckKind.GOLDEN)
    assert shown.queue == "content"
    with pytest.raises(NotFound):  # she knows what is right
        core.review.items.open(shown.id, LEA)
    assert core.review.items.open(shown.id, BEN).view.item.kind == "decision"
    row = next(
        row
        for row in core.review.queues.page(BEN, Filter(queue="content")).rows
        if row.item.id == shown.id
    )
    assert row.item.kind == "decision"
    before = marks(core)
    decide(core, shown.id, KEEPING, BEN)
    assert marks(core) == before
    right = core.review.quality.agreement(NOW - DAY, NOW + DAY).golden
    assert (right.right, right.answered) == (0, 1)
    decide(core, add_item(core.engine, queue="content"), KEEPING, BEN)
    again = [item for item in of_kind(core, RecheckKind.GOLDEN) if item.id != shown.id]
    for item in again:  # he has seen it, and would know it again
        with pytest.raises(NotFound):
            core.review.items.open(item.id, BEN)
    core.review.quality.retire_golden(golden.id, LEA)
    assert core.review.quality.golden_items(LEA) == ()


def test_a_drastic_act_waits_for_a_second_person(engine: Engine) -> None:
    core = Core(engine, drastic=frozenset({Action.BAN}))
    item = add_item(core.engine)
    core.review.resolving.decide(item, BAN, ANA)
    core.later(30 * DAY)
    assert not marks(core)
    (approval,) = of_kind(core, RecheckKind.APPROVAL)
    with pytest.raises(NotFound):
        core.review.resolving.decide(approval.id, removing(), ANA)
    page = core.review.items.open(approval.id, BEN)
    (proposed,) = page.brought
    assert (proposed.kind, proposed.author) == ("proposal", "ana")
    assert "ban spam.scam" in proposed.text
    decide(core, approval.id, removing(), BEN)
    core.later()
    assert "banned" in marks(core)


def test_a_drastic_act_that_nobody_agrees_to_never_was(engine: Engine) -> None:
    core = Core(engine, drastic=frozenset({Action.BAN}))
    item = add_item(core.engine)
    core.review.resolving.decide(item, BAN, ANA)
    (approval,) = of_kind(core, RecheckKind.APPROVAL)
    decide(core, approval.id, KEEPING, BEN)
    core.later()
    assert not marks(core)
    assert not told(core, "item.resolved")
    assert core.review.items.next(CARL, Filter()) == item


def test_what_needs_nobody_else_takes_effect_by_itself(engine: Engine) -> None:
    core = Core(engine, drastic=frozenset({Action.BAN}))
    decide(core, add_item(core.engine), removing())
    assert "confirmed_spam" in marks(core)


def test_agreement_is_counted_by_policy_and_for_leads_by_person(core: Core) -> None:
    for number in range(6):
        first = removing() if number % 2 else KEEPING
        event = {"type": "comment", "actor": {"id": f"u_{number}"}, "content": {"text": "hello"}}
        decide(core, add_item(core.engine, event), first)
    for number, second in enumerate(of_kind(core, RecheckKind.SECOND)):
        agrees = number > 0
        was = recheck(core, second).expected is Answer.REMOVE
        decide(core, second.id, removing() if was == agrees else KEEPING, BEN)
    told_ = core.review.quality.agreement(NOW - DAY, NOW + DAY)
    assert told_.overall.pairs == 6
    assert told_.overall.agreed == pytest.approx(5 / 6)
    assert set(told_.by_policy) <= {"spam.commercial", "none"}
    with pytest.raises(Forbidden):
        core.review.quality.people(NOW - DAY, NOW + DAY, ANA)
    people = {each.name: each for each in core.review.quality.people(NOW - DAY, NOW + DAY, LEA)}
    assert people["ana"].totals.resolved == 6
    assert people["ana"].kappa is not None
