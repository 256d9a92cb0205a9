"""Appeals: who may ask again, who answers, and what becomes of the first decision."""

import json
from typing import Any

import pytest
from sqlalchemy import Engine, update

from safety.domain.access import Role
from safety.domain.decisions import Amendment, AmendmentKind
from safety.domain.errors import InvalidInput, NotFound, NothingToAppeal, TooLateToAppeal
from safety.domain.queues import Filter
from safety.domain.rechecks import AppealOutcome
from safety.domain.reviews import Reviewer
from safety.domain.verdicts import Verdict
from safety.review.statements.build import APPEAL_SECONDS
from safety.review.values import Choice
from safety.store import answers_of_people, ledger, outbox
from safety.store.engine import read, write
from safety.store.labels import live_labels
from safety.store.tables import items
from tests.desk_items import add_item
from tests.review_house import ANA, BEN, DAY, KEEPING, LEA, NOW, Core, removing

WHY = "It is a picture of my own shop, and people asked for the link."
CARL = Reviewer("carl", Role.MODERATOR)


@pytest.fixture
def core(engine: Engine) -> Core:
    return Core(engine)


def removed(core: Core, **changes: Any) -> tuple[str, str]:
    """Something that Ana took away: the decision's id and the resolution's."""
    item = add_item(core.engine, **changes)
    decided = core.review.resolving.decide(item, removing(), ANA)
    core.later()
    return decided.item.decision_id, decided.resolution.id


def blocked(core: Core, **changes: Any) -> str:
    item = add_item(core.engine, verdict=Verdict.BLOCK, is_flagged=False, **changes)
    return item.replace("itm", "dec")


def told(core: Core, kind: str) -> list[dict[str, Any]]:
    with read(core.engine) as connection:
        bodies = [json.loads(each.body) for each in outbox.pending(connection, limit=1000)]
    return [each["data"] for each in bodies if each["type"] == kind]


def marks(core: Core) -> set[str]:
    with read(core.engine) as connection:
        found = live_labels(connection, "demo", ("actor.id", "u_17"), core.clock())
    return {label.name for label in found}


def test_whoever_decided_never_answers_the_appeal(core: Core) -> None:
    decision, _ = removed(core)
    appeal = core.review.appealing.appeal("demo", decision, WHY)
    with pytest.raises(NotFound):
        core.review.items.open(appeal.item_id, ANA)
    with pytest.raises(NotFound):
        core.review.resolving.decide(appeal.item_id, removing(), ANA)
    page = core.review.items.open(appeal.item_id, BEN)
    assert [each.text for each in page.brought] == [WHY]
    assert "ana" not in repr(page)
    assert "confirmed" not in repr(page)
    assert page.view.evidence.rules == ()


def test_an_appeal_that_is_right_gives_everything_back(core: Core) -> None:
    decision, resolution = removed(core)
    assert "confirmed_spam" in marks(core)
    appeal = core.review.appealing.appeal("demo", decision, WHY)
    core.review.resolving.decide(appeal.item_id, KEEPING, BEN)
    core.later()
    now = core.review.appealing.get("demo", appeal.id)
    assert now.outcome is AppealOutcome.OVERTURNED
    assert now.decided_by == "ben"
    assert "confirmed_spam" not in marks(core)
    (decided,) = told(core, "appeal.decided")
    assert decided["outcome"] == "overturned"
    assert WHY not in json.dumps(decided)
    (back,) = told(core, "item.reversed")
    assert back["reverses"] == resolution


def test_an_appeal_that_is_not_right_changes_nothing_and_strikes_nobody_twice(core: Core) -> None:
    decision, _ = removed(core)
    before = core.review.actors.panel("demo", "u_17", LEA)
    appeal = core.review.appealing.appeal("demo", decision, WHY)
    core.review.resolving.decide(appeal.item_id, removing("spam.scam"), BEN)
    core.later()
    assert core.review.appealing.get("demo", appeal.id).outcome is AppealOutcome.UPHELD
    after = core.review.actors.panel("demo", "u_17", LEA)
    assert after.strikes == before.strikes
    assert not told(core, "item.reversed")
    assert len(told(core, "item.resolved")) == 1


def test_what_rules_decided_can_be_appealed_and_is_taken_back(core: Core) -> None:
    decision = blocked(core)
    appeal = core.review.appealing.appeal("demo", decision, WHY)
    assert appeal.resolution_id == ""
    page = core.review.items.open(appeal.item_id, ANA)
    assert page.view.item.verdict is not Verdict.BLOCK
    core.review.resolving.decide(appeal.item_id, KEEPING, ANA)
    core.later()
    (back,) = told(core, "decision.reversed")
    assert (back["decision_id"], back["was"], back["verdict"]) == (decision, "block", "allow")
    again = core.review.appealing.appeal("demo", decision, WHY)
    assert (again.id, again.outcome) == (appeal.id, AppealOutcome.OVERTURNED)


def test_asking_twice_is_one_appeal(core: Core) -> None:
    decision, _ = removed(core)
    first = core.review.appealing.appeal("demo", decision, WHY)
    assert core.review.appealing.appeal("demo", decision, "I insist.") == first


def test_there_must_be_something_to_appeal(core: Core) -> None:
    item = add_item(core.engine, verdict=Verdict.ALLOW)
    decision = item.replace("itm", "dec")
    with pytest.raises(NothingToAppeal):
        core.review.appealing.appeal("demo", decision, WHY)
    core.review.resolving.decide(item, KEEPING, ANA)
    core.later()
    with pytest.raises(NothingToAppeal):
        core.review.appealing.appeal("demo", decision, WHY)


def test_what_was_given_back_already_has_nothing_to_appeal(core: Core) -> None:
    decision, resolution = removed(core, verdict=Verdict.ALLOW)
    core.review.resolving.reverse(resolution, ANA, "my mistake")
    with pytest.raises(NothingToAppeal):
        core.review.appealing.appeal("demo", decision, WHY)
    with pytest.raises(NothingToAppeal):
        core.review.appealing.appeal("demo", decision, WHY, resolution)
    stopped = blocked(core)
    undone = Amendment(stopped, AmendmentKind.UNDONE, NOW, Verdict.ALLOW, b"{}")
    with write(core.engine) as connection:
        ledger.amend(connection, undone)
    with pytest.raises(NothingToAppeal):
        core.review.appealing.appeal("demo", stopped, WHY)


def test_a_decision_can_be_appealed_for_six_months(core: Core) -> None:
    decision, _ = removed(core)
    core.clock.at += 5 * 30 * DAY
    late, _ = removed(core, at=core.clock.at)
    core.review.appealing.appeal("demo", decision, WHY)
    core.clock.at += APPEAL_SECONDS + DAY
    with pytest.raises(TooLateToAppeal):
        core.review.appealing.appeal("demo", late, WHY)


@pytest.mark.parametrize("text", ["", " \n\t", "\x00\x07", "\u202e\u200b"])
def test_an_appeal_says_something(core: Core, text: str) -> None:
    decision, _ = removed(core)
    with pytest.raises(InvalidInput):
        core.review.appealing.appeal("demo", decision, text)


def test_others_see_nothing_of_it(core: Core) -> None:
    decision, resolution = removed(core)
    with pytest.raises(NotFound):
        core.review.appealing.appeal("elsewhere", decision, WHY)
    with pytest.raises(NotFound):
        core.review.appealing.appeal("demo", decision, WHY, "res_of_somebody")
    appeal = core.review.appealing.appeal("demo", decision, WHY, resolution)
    with pytest.raises(NotFound):
        core.review.appealing.get("elsewhere", appeal.id)


def test_models_do_not_learn_from_what_is_appealed_and_then_learn_the_outcome(core: Core) -> None:
    decision, _ = removed(core)

    def learned() -> list[str]:
        with read(core.engine) as connection:
            found = answers_of_people.resolved(connection, 0.0, NOW + DAY, limit=10)
        return [each.action.value for each in found if each.decision.id == decision]

    assert learned() == ["remove"]
    appeal = core.review.appealing.appeal("demo", decision, WHY)
    assert learned() == []
    core.review.resolving.decide(appeal.item_id, KEEPING, BEN)
    core.later()
    assert learned() == ["keep"]


def test_an_appeal_about_what_still_waits_is_heard_with_it(core: Core) -> None:
    item = add_item(core.engine)
    core.review.clerk.run()
    appeal = core.review.appealing.appeal("demo", item.replace("itm", "dec"), WHY)
    assert appeal.item_id == item
    core.review.clerk.run()
    (row,) = core.review.queues.page(ANA, Filter()).rows
    assert row.item.id == item
    assert "appealed while it waits" in [each.text for each in row.item.why]
    assert [each.text for each in core.review.items.open(item, ANA).brought] == [WHY]


@pytest.mark.parametrize(
    ("choice", "outcome"),
    [(KEEPING, AppealOutcome.OVERTURNED), (removing(), AppealOutcome.UPHELD)],
)
def test_the_first_look_answers_whoever_appealed_before_it(
    core: Core, choice: Choice, outcome: AppealOutcome
) -> None:
    item = add_item(core.engine)
    appeal = core.review.appealing.appeal("demo", item.replace("itm", "dec"), WHY)
    core.review.resolving.decide(item, choice, ANA)
    assert core.review.appealing.get("demo", appeal.id).outcome is AppealOutcome.PENDING
    core.later()
    now = core.review.appealing.get("demo", appeal.id)
    assert (now.outcome, now.decided_by) == (outcome, "ana")
    assert [each["outcome"] for each in told(core, "appeal.decided")] == [outcome.value]
    assert len(told(core, "item.resolved")) == 1
    assert told(core, "decision.reversed") == []


def test_what_was_taken_away_is_appealed_apart_from_what_waits_about_it(core: Core) -> None:
    decision, resolution = removed(core)
    again = add_item(core.engine)
    with write(core.engine) as connection:
        same = update(items).where(items.c.id == again)
        connection.execute(same.values(decision_id=decision, kind="report"))
    appeal = core.review.appealing.appeal("demo", decision, WHY)
    assert (appeal.resolution_id, appeal.item_id != again) == (resolution, True)
