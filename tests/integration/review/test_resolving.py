"""Deciding, undoing and reversing: what is written, when, and that nothing of it comes twice."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from safety.domain.errors import (
    Forbidden,
    InvalidInput,
    ItemAlreadyResolved,
    ItemClaimed,
    NotFound,
    UndoTooLate,
)
from safety.domain.reviews import Act, Action, ItemStatus
from safety.review.values import Choice
from safety.store import audit, conduct, items, outbox
from safety.store.engine import read
from safety.store.labels import live_labels
from safety.store.tables import labels, resolutions, restrictions, strikes
from safety.store.tables import outbox as outbox_rows
from tests.desk_items import add_item
from tests.review_house import ANA, AUDIT_KEY, BEN, DAY, KEEPING, LEA, NOW, Core, removing

ACTOR = ("actor.id", "u_17")


@pytest.fixture
def core(engine: Engine) -> Core:
    return Core(engine)


def rows_of(core: Core) -> list[int]:
    with read(core.engine) as connection:
        return [
            connection.scalar(select(func.count()).select_from(table)) or 0
            for table in (resolutions, labels, strikes, restrictions, outbox_rows)
        ]


def messages(core: Core) -> list[dict[str, Any]]:
    with read(core.engine) as connection:
        return [json.loads(each.body) for each in outbox.pending(connection)]


def names(core: Core) -> set[str]:
    with read(core.engine) as connection:
        return {each.name for each in live_labels(connection, "demo", ACTOR, core.clock())}


def status(core: Core, item_id: str) -> ItemStatus:
    return core.review.items.open(item_id, ANA).view.item.status


def test_nothing_follows_from_a_decision_while_it_can_be_undone(core: Core) -> None:
    item = add_item(core.engine)
    decided = core.review.resolving.decide(item, removing(), ANA)
    assert decided.undo_until == NOW + 10
    assert decided.item.status is ItemStatus.RESOLVED
    core.later(9)
    assert rows_of(core) == [1, 0, 0, 0, 0]
    assert core.labelled == []


def test_once_it_cannot_be_undone_everything_follows_together(core: Core) -> None:
    item = add_item(core.engine)
    core.review.resolving.decide(item, removing(), ANA)
    core.later(10)
    assert rows_of(core) == [1, 1, 1, 0, 1]
    assert names(core) == {"confirmed_spam"}
    assert {label.name for _, label in core.labelled} == {"confirmed_spam"}
    core.later(60)
    assert rows_of(core) == [1, 1, 1, 0, 1]


def test_an_undone_decision_is_as_if_it_had_never_been(core: Core) -> None:
    item = add_item(core.engine)
    decided = core.review.resolving.decide(item, removing(), ANA)
    undone = core.review.resolving.undo(decided.resolution.id, ANA)
    assert undone.items == (item,)
    core.later(3600)
    assert rows_of(core) == [1, 0, 0, 0, 0]
    opened = core.review.items.open(item, ANA)
    assert opened.view.item.status is ItemStatus.OPEN
    assert opened.view.resolution is None
    assert [each.is_undone for each in opened.resolutions] == [True]


def test_what_was_undone_lies_on_the_desk_of_who_undid_it(core: Core) -> None:
    item = add_item(core.engine)
    decided = core.review.resolving.decide(item, removing(), ANA)
    core.review.resolving.undo(decided.resolution.id, ANA)
    with pytest.raises(ItemClaimed, match="ana has this item on their desk for 10 more minutes"):
        core.review.resolving.decide(item, removing(), BEN)
    assert core.review.resolving.decide(item, KEEPING, ANA).resolution.action is Action.KEEP


def test_after_its_effect_a_decision_is_reversed_and_not_undone(core: Core) -> None:
    item = add_item(core.engine)
    decided = core.review.resolving.decide(item, removing(), ANA)
    core.later(10)
    with pytest.raises(UndoTooLate):
        core.review.resolving.undo(decided.resolution.id, ANA)
    reversal = core.review.resolving.reverse(decided.resolution.id, ANA, "it was satire")
    assert reversal.resolution.reverses == decided.resolution.id
    assert names(core) == set()
    with read(core.engine) as connection:
        assert conduct.points_of(connection, "demo", "u_17", core.clock()) == 0
        latest = items.get_resolution(connection, item)
        assert latest is not None
        assert latest.action is Action.KEEP
        assert audit.verify(connection, key=AUDIT_KEY).is_intact
        assert audit.recent(connection)[0].action == "item.reversed"
    told = messages(core)
    assert [each["type"] for each in told] == ["item.resolved", "item.reversed"]
    assert told[1]["data"]["reverses"] == decided.resolution.id


def test_counters_forget_a_label_that_was_reversed(core: Core) -> None:
    item = add_item(core.engine)
    decided = core.review.resolving.decide(item, removing(), ANA)
    core.later(10)
    core.labelled.clear()
    core.review.resolving.reverse(decided.resolution.id, ANA, "wrong one")
    ((tenant, label),) = core.labelled
    assert (tenant, label.name) == ("demo", "confirmed_spam")
    assert not label.is_live(core.clock())


def test_a_reversal_leaves_a_label_that_somebody_else_has_renewed(core: Core) -> None:
    first, second = add_item(core.engine), add_item(core.engine)
    one = core.review.resolving.decide(first, removing(), ANA)
    core.review.resolving.decide(second, removing(), BEN)
    core.later(10)
    core.review.resolving.reverse(one.resolution.id, ANA, "wrong one")
    assert names(core) == {"confirmed_spam"}


def test_what_was_kept_waits_again_once_it_is_reversed(core: Core) -> None:
    item = add_item(core.engine)
    decided = core.review.resolving.decide(item, KEEPING, ANA)
    core.later(10)
    core.review.resolving.reverse(decided.resolution.id, ANA, "look again")
    assert status(core, item) is ItemStatus.OPEN
    assert names(core) == set()


@pytest.mark.parametrize("change", ["undone", "pending", "twice", "reversal"])
def test_only_what_has_an_effect_is_reversed(core: Core, change: str) -> None:
    resolving = core.review.resolving
    decided = resolving.decide(add_item(core.engine), removing(), ANA).resolution
    wanted = decided.id
    if change == "undone":
        resolving.undo(decided.id, ANA)
    if change in {"twice", "reversal"}:
        core.later(10)
        reversal = resolving.reverse(decided.id, ANA, "wrong one")
        wanted = reversal.resolution.id if change == "reversal" else decided.id
    with pytest.raises(InvalidInput):
        resolving.reverse(wanted, ANA, "again")


def test_a_reversal_needs_a_reason(core: Core) -> None:
    decided = core.review.resolving.decide(add_item(core.engine), removing(), ANA)
    core.later(10)
    with pytest.raises(InvalidInput):
        core.review.resolving.reverse(decided.resolution.id, ANA, " \x00 ")


def test_only_leads_touch_what_somebody_else_decided(core: Core) -> None:
    decided = core.review.resolving.decide(add_item(core.engine), removing(), ANA)
    with pytest.raises(Forbidden):
        core.review.resolving.undo(decided.resolution.id, BEN)
    core.later(10)
    with pytest.raises(Forbidden):
        core.review.resolving.reverse(decided.resolution.id, BEN, "I disagree")
    core.review.resolving.reverse(decided.resolution.id, LEA, "wrong one")


def test_several_actions_are_one_decision_and_the_most_drastic_speaks_for_it(core: Core) -> None:
    acts = (
        Act(Action.REMOVE, "spam.commercial"),
        Act(Action.LIMIT, "spam.commercial", lasts=7 * DAY),
        Act(Action.LABEL, label="link_farm", lasts=DAY),
    )
    decided = core.review.resolving.decide(add_item(core.engine), Choice(acts), ANA)
    core.later(10)
    assert decided.resolution.action is Action.LIMIT
    assert names(core) == {"confirmed_spam", "limited", "link_farm"}
    panel = core.review.actors.panel("demo", "u_17", ANA)
    assert [(each.action, each.ends_at) for each in panel.restrictions] == [
        (Action.LIMIT, NOW + 10 + 7 * DAY)
    ]
    assert [each.points for each in panel.strikes] == [1]
    (told,) = messages(core)
    assert [act["action"] for act in told["data"]["actions"]] == ["remove", "limit", "label"]
    assert told["data"]["actions"][1]["until"] == "2026-11-29T17:00:10.000Z"


def test_the_platform_is_told_ids_and_outcome_but_no_content(core: Core) -> None:
    item = add_item(core.engine)
    choice = removing(note="private remark")
    resolution = core.review.resolving.decide(item, choice, ANA).resolution
    core.later(10)
    (told,) = messages(core)
    assert told == {
        "type": "item.resolved",
        "timestamp": "2026-11-22T17:00:10.000Z",
        "data": {
            "item_id": item,
            "decision_id": resolution.decision_id,
            "event_id": core.review.items.open(item, ANA).view.decision.event_id,
            "event_type": "comment",
            "actor_id": "u_17",
            "resolution_id": resolution.id,
            "action": "remove",
            "policy": "spam.commercial",
            "actions": [{"action": "remove", "policy": "spam.commercial", "until": None}],
            "message": "This looks like advertising.",
            "automated": False,
            "strikes": {"given": 1, "points": 1, "step": None},
        },
    }


def test_a_message_of_ones_own_goes_out_instead_of_the_policys(core: Core) -> None:
    choice = removing(message="Please keep adverts to the market.\x00")
    decided = core.review.resolving.decide(add_item(core.engine), choice, ANA)
    assert decided.resolution.message == "Please keep adverts to the market."


def test_gaps_in_a_message_are_filled_when_it_is_written(core: Core) -> None:
    acts = (Act(Action.SUSPEND, "spam.scam", lasts=DAY),)
    choice = Choice(acts, message="{policy} by {actor}: suspended until {until}.")
    decided = core.review.resolving.decide(add_item(core.engine), choice, ANA)
    assert decided.resolution.message == "Scams by u_17: suspended until 2026-11-23."


def test_enforcement_may_wait_for_a_time_that_nobody_can_learn(core: Core) -> None:
    item = add_item(core.engine)
    choice = removing(begins_at=NOW + 3600, spread=600.0)
    decided = core.review.resolving.decide(item, choice, ANA)
    assert decided.undo_until == NOW + 3600 + 300
    core.later(3600)
    assert messages(core) == []
    core.later(300)
    assert len(messages(core)) == 1


def test_a_time_before_the_grace_is_over_does_not_shorten_it(core: Core) -> None:
    decided = core.review.resolving.decide(add_item(core.engine), removing(begins_at=NOW), ANA)
    assert decided.undo_until == NOW + 10


def test_without_grace_everything_follows_at_once(core: Core) -> None:
    core.undo_seconds = 0
    decided = core.review.resolving.decide(add_item(core.engine), removing(), ANA)
    assert rows_of(core) == [1, 1, 1, 0, 1]
    assert decided.resolution.settled_at == NOW


def test_the_same_request_again_answers_what_it_decided_the_first_time(core: Core) -> None:
    item = add_item(core.engine)
    first = core.review.resolving.decide(item, removing(), ANA, key="k1")
    again = core.review.resolving.decide(item, KEEPING, ANA, key="k1")
    assert again.resolution == first.resolution
    with pytest.raises(ItemAlreadyResolved, match="ana decided first: remove"):
        core.review.resolving.decide(item, removing(), BEN, key="k1")


def test_an_undone_request_sent_again_decides_nothing_anew(core: Core) -> None:
    item = add_item(core.engine)
    decided = core.review.resolving.decide(item, removing(), ANA, key="k1")
    core.review.resolving.undo(decided.resolution.id, ANA)
    assert core.review.resolving.decide(item, removing(), ANA, key="k1").resolution.is_undone
    assert status(core, item) is ItemStatus.OPEN


def test_of_many_who_decide_at_once_exactly_one_wins(core: Core) -> None:
    item, review = add_item(core.engine), core.review

    def decide(number: int) -> bool:
        choice = KEEPING if number % 2 else removing(version=1)
        who = type(ANA)(f"mo{number}", ANA.role)
        try:
            review.resolving.decide(item, choice, who)
        except ItemAlreadyResolved:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(decide, range(16))) == 1
    core.later(10)
    assert rows_of(core)[0] == 1
    assert len(messages(core)) == 1


def test_an_undo_and_the_clerk_never_both_win(core: Core) -> None:
    decided = [
        core.review.resolving.decide(add_item(core.engine), removing(), ANA) for _ in range(6)
    ]
    core.clock.at += 10
    early = Core(core.engine, name="early")
    early.clock.at = NOW + 9  # its clock is behind

    def undo(resolution_id: str) -> bool:
        try:
            early.review.resolving.undo(resolution_id, ANA)
        except UndoTooLate:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        settling = pool.submit(core.review.clerk.settling.run)
        undone = sum(undo(each.resolution.id) for each in decided)
        settling.result()
    core.review.clerk.settling.run()
    assert undone + len(messages(core)) == 6


@pytest.mark.parametrize(
    "acts",
    [
        (),
        (Act(Action.REMOVE),),
        (Act(Action.REMOVE, "no.such.policy"),),
        (Act(Action.KEEP), Act(Action.WARN, "spam.scam")),
        (Act(Action.SUSPEND, "spam.scam"),),
        (Act(Action.LIMIT, "spam.scam", lasts=-1),),
        (Act(Action.LIMIT, "spam.scam", lasts=float("inf")),),
        (Act(Action.LABEL, label="No Word"),),
        (Act(Action.LABEL),),
        (Act(Action.WARN, "spam.scam"), Act(Action.WARN, "spam.commercial")),
    ],
)
def test_a_choice_that_means_nothing_is_refused_and_nothing_is_written(
    core: Core, acts: tuple[Act, ...]
) -> None:
    item = add_item(core.engine)
    with pytest.raises(InvalidInput):
        core.review.resolving.decide(item, Choice(acts), ANA)
    assert rows_of(core) == [0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    "changes", [{"begins_at": NOW + 99 * DAY}, {"spread": -1.0}, {"spread": float("nan")}]
)
def test_a_time_that_means_nothing_is_refused(core: Core, changes: dict[str, float]) -> None:
    choice = replace(removing(), **changes)  # type: ignore[arg-type]  # the fault itself
    with pytest.raises(InvalidInput):
        core.review.resolving.decide(add_item(core.engine), choice, ANA)


def test_what_does_not_exist_is_not_found(core: Core) -> None:
    for act in (
        lambda: core.review.resolving.decide("itm_none", KEEPING, ANA),
        lambda: core.review.resolving.undo("res_none", ANA),
        lambda: core.review.resolving.reverse("res_none", ANA, "why not"),
        lambda: core.review.items.open("itm_none", ANA),
    ):
        with pytest.raises(NotFound):
            act()


@pytest.fixture(autouse=True)
def the_audit_log_holds(core: Core) -> Iterator[None]:
    yield
    with read(core.engine) as connection:
        assert audit.verify(connection, key=AUDIT_KEY).is_intact
