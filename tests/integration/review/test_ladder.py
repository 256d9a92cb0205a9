"""What strikes add up to needs a second person as well, where it is drastic."""

import pytest
from sqlalchemy import Engine

from safety.domain.rechecks import RecheckKind
from safety.domain.reviews import Action, Item, Resolution
from safety.review.rechecks import Rates
from safety.store import settling
from safety.store.engine import read
from tests.desk_items import add_item
from tests.integration.review.test_rechecks import BAN, decide, marks, of_kind, told
from tests.review_house import ANA, BEN, DAY, KEEPING, LEA, Core, removing

SCAM = removing("spam.scam")  # three points; the ladder suspends at six


@pytest.fixture
def core(engine: Engine) -> Core:
    return Core(engine, drastic=frozenset({Action.SUSPEND, Action.BAN}))


def fall(core: Core) -> tuple[str, Resolution, Item]:
    """Let somebody collect six points: the second item, its removal, and who is asked about it."""
    decide(core, add_item(core.engine), SCAM)
    item = add_item(core.engine)
    first = decide(core, item, SCAM)
    (approval,) = of_kind(core, RecheckKind.APPROVAL)
    with read(core.engine) as connection:
        found = settling.get(connection, first)
    assert found is not None
    return item, found, approval


def restrictions(core: Core) -> list[Action]:
    return [each.action for each in core.review.actors.panel("demo", "u_17", LEA).restrictions]


def test_a_drastic_step_waits_for_a_second_person_and_nothing_else_does(core: Core) -> None:
    _, first, approval = fall(core)
    core.later(30 * DAY)
    assert first.settled_at is not None
    assert Action.SUSPEND not in restrictions(core)
    assert "suspended" not in marks(core)
    assert [each["action"] for each in told(core, "item.resolved")] == ["remove", "remove"]
    assert [each["strikes"]["step"] for each in told(core, "item.resolved")][1] is None
    (proposed,) = core.review.items.open(approval.id, BEN).brought
    assert proposed.text == "suspend spam.scam. The strikes come to 6 points or more."


def test_once_agreed_the_step_is_taken_and_gives_no_strikes_of_its_own(core: Core) -> None:
    item, _, approval = fall(core)
    decide(core, approval.id, SCAM, BEN)
    core.later()
    assert Action.SUSPEND in restrictions(core)
    assert "suspended" in marks(core)
    panel = core.review.actors.panel("demo", "u_17", LEA)
    assert (panel.points, len(panel.strikes)) == (6, 2)
    last = told(core, "item.resolved")[-1]
    assert (last["action"], last["strikes"]["given"]) == ("suspend", 0)
    assert not core.review.items.open(item, LEA).is_open


def test_a_step_that_nobody_agrees_to_leaves_what_led_to_it(core: Core) -> None:
    item, _, approval = fall(core)
    decide(core, approval.id, KEEPING, BEN)
    core.later()
    assert Action.SUSPEND not in restrictions(core)
    page = core.review.items.open(item, LEA)
    assert not page.is_open, "the removal stands"
    assert core.review.actors.panel("demo", "u_17", LEA).points == 6


@pytest.mark.parametrize("is_agreed", [True, False])
def test_whoever_reverses_the_cause_reverses_the_step(core: Core, is_agreed: bool) -> None:
    _, first, approval = fall(core)
    if is_agreed:
        decide(core, approval.id, SCAM, BEN)
        core.later()
    core.review.resolving.reverse(first.id, LEA, "it was satire")
    core.later()
    assert Action.SUSPEND not in restrictions(core)
    assert "suspended" not in marks(core)
    assert told(core, "item.reversed")[-1]["ended"] == (["suspend"] if is_agreed else [])
    if not is_agreed:
        decide(core, approval.id, SCAM, BEN)  # too late
        core.later()
        assert Action.SUSPEND not in restrictions(core)


def test_an_appeal_is_against_the_cause_and_gives_all_of_it_back(core: Core) -> None:
    _, first, approval = fall(core)
    decide(core, approval.id, SCAM, BEN)
    core.later()
    appeal = core.review.appealing.appeal("demo", first.decision_id, "It was a joke.")
    assert appeal.resolution_id == first.id
    decide(core, appeal.item_id, KEEPING, LEA)
    assert Action.SUSPEND not in restrictions(core)


def test_whoever_proposed_it_may_take_the_step_back_and_nothing_else_waits_again(
    core: Core,
) -> None:
    item, first, _ = fall(core)
    with read(core.engine) as connection:
        (step,) = settling.of_request(connection, "ana", first.step_key, [item]).values()
    undone = core.review.resolving.undo(step.id, ANA)
    assert [each.id for each in undone.resolutions] == [step.id]
    assert undone.items == ()
    assert not core.review.items.open(item, LEA).is_open


def test_a_step_asks_nobody_where_somebody_has_gone_as_far(core: Core) -> None:
    decide(core, add_item(core.engine), SCAM)
    decide(core, add_item(core.engine), BAN)
    (approval,) = of_kind(core, RecheckKind.APPROVAL)
    decide(core, approval.id, SCAM, BEN)
    core.later()
    assert len(of_kind(core, RecheckKind.APPROVAL)) == 1
    assert Action.BAN in restrictions(core)
    assert Action.SUSPEND not in restrictions(core)


def test_a_mild_step_is_taken_at_once(engine: Engine) -> None:
    core = Core(engine, drastic=frozenset({Action.BAN}), rates=Rates())
    decide(core, add_item(core.engine), SCAM)
    decide(core, add_item(core.engine), SCAM)
    assert of_kind(core, RecheckKind.APPROVAL) == []
    assert Action.SUSPEND in restrictions(core)
