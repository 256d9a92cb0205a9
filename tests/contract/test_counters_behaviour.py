"""What every implementation of the Counters port promises of behaviour."""

from dataclasses import replace

import pytest

from safety.domain.features import Value, Values
from safety.domain.habits import (
    DELIVERED_SHARE,
    DELIVERS,
    LEAST_ACTIONS,
    LOCKSTEP_PARTNERS,
    OF_TIMES,
    PACKED,
    SCHEDULE_TWINS,
    Watch,
    unpacked,
)  # fmt: skip
from safety.domain.ports import Counters
from safety.domain.velocity import CountingPlan
from tests.contract.test_counters import MAKERS, Make

NOON = 1_790_000_000.0
READS = (
    PACKED, "actor.actions_seen", "actor.same_gap_share", "actor.longest_awake",
    "actor.text_repeats", "actor.quick_deletes",
)  # fmt: skip
HABITS = CountingPlan(watch=Watch(habits=True, texts=True, reads=READS))
READING = CountingPlan(watch=Watch(reads=READS))
DELETING = CountingPlan(watch=Watch(deletes=True))


@pytest.fixture(params=sorted(MAKERS), scope="module")
def make(request: pytest.FixtureRequest) -> Make:
    return MAKERS[request.param]


def act(
    counters: Counters, times: int, *, plan: CountingPlan = HABITS, tenant: str = "acme",
    actor: str = "mia", **more: Value,
) -> None:  # fmt: skip
    values = {"actor.id": actor} | {k.replace("__", "."): v for k, v in more.items()}
    for number in range(times):
        counters.observe(tenant, plan, values, NOON + 600.0 * number)


def shown(counters: Counters, tenant: str = "acme", actor: str = "mia") -> dict[str, Value]:
    return dict(counters.observe(tenant, READING, {"actor.id": actor}, NOON + 1e6).behaviour)


def test_habits_show_once_enough_is_known(make: Make) -> None:
    counters = make()
    act(counters, LEAST_ACTIONS - 1)
    assert shown(counters) == {}
    counters.observe("acme", HABITS, {"actor.id": "mia"}, NOON + 600.0 * 19)
    found = shown(counters)
    assert found["actor.actions_seen"] == LEAST_ACTIONS
    assert found["actor.same_gap_share"] == 1.0
    assert found["actor.longest_awake"] == pytest.approx(19 * 600.0)
    numbers = unpacked(str(found[PACKED]))
    assert numbers is not None
    assert numbers[OF_TIMES.index("actions_seen")] == LEAST_ACTIONS


def test_an_event_that_only_reads_adds_nothing(make: Make) -> None:
    counters = make()
    act(counters, 30)
    assert shown(counters) == shown(counters)


def test_a_plan_without_a_watch_remembers_and_answers_nothing(make: Make) -> None:
    counters = make()
    act(counters, 30, plan=CountingPlan())
    assert shown(counters) == {}
    assert counters.observe("acme", CountingPlan(), {"actor.id": "mia"}, NOON).behaviour == {}


def test_what_is_taken_back_is_not_counted_when_it_comes_again(make: Make) -> None:
    counters = make()
    act(counters, 30)
    last = NOON + 600.0 * 30
    counters.observe("acme", HABITS, {"actor.id": "mia"}, last)
    counters.retract("acme", HABITS, {"actor.id": "mia"}, last)
    counters.observe("acme", HABITS, {"actor.id": "mia"}, last + 2)
    assert shown(counters)["actor.actions_seen"] == 31


def test_tenants_and_actors_are_apart(make: Make) -> None:
    counters = make()
    act(counters, 30)
    assert shown(counters, tenant="globex") == {}
    assert shown(counters, actor="noa") == {}


def test_an_event_without_an_actor_is_nobodys(make: Make) -> None:
    counters = make()
    assert counters.observe("acme", HABITS, {}, NOON).behaviour == {}
    counters.retract("acme", HABITS, {}, NOON)


def test_texts_and_quick_deletes_are_remembered(make: Make) -> None:
    counters = make()
    act(counters, 30, content__simhash="00ff00ff00ff00ff")
    act(counters, 3, plan=DELETING, target__age=40.0)
    act(counters, 1, plan=DELETING, target__age=4000.0)
    act(counters, 1, plan=DELETING)  # nobody said how old it was
    found = shown(counters)
    assert found["actor.text_repeats"] == pytest.approx(29 / 30)
    assert found["actor.quick_deletes"] == pytest.approx(3 / 5)
    assert found["actor.actions_seen"] == 30  # to take something away is no action of its own


def test_twins_and_partners_are_counted_for_the_tenant(make: Make) -> None:
    counters = make()
    plan = CountingPlan(
        watch=Watch(schedule=True, lockstep=True, reads=(LOCKSTEP_PARTNERS, SCHEDULE_TWINS))
    )
    gaps = [37.0 * (number * number % 41 + 1) for number in range(80)]
    last = {}
    for actor, begin in (("first", 0.0), ("second", 900_000.0)):
        at = NOON + begin
        for number, gap in enumerate(gaps):
            at += gap
            values: dict[str, Value] = {"actor.id": actor, "target.id": f"t{number}"}
            last[actor] = dict(counters.observe("acme", plan, values, at).behaviour)
    assert last["first"] == {SCHEDULE_TWINS: 0, LOCKSTEP_PARTNERS: 0}
    assert last["second"] == {SCHEDULE_TWINS: 1, LOCKSTEP_PARTNERS: 0}
    alone: Values = {"actor.id": "second", "target.id": "t"}
    assert dict(counters.observe("globex", plan, alone, NOON).behaviour) == last["first"]


def test_accounts_that_reach_the_same_targets_at_once_are_partners(make: Make) -> None:
    counters = make()
    plan = CountingPlan(watch=Watch(lockstep=True, reads=(LOCKSTEP_PARTNERS,)))
    for number in range(2000):
        values = {"actor.id": f"u{number}", "target.id": f"t{number % 100}"}
        counters.observe("acme", plan, values, NOON)
    found = [
        counters.observe(
            "acme", plan, {"actor.id": f"sold{number}", "target.id": target}, NOON + number
        ).behaviour[LOCKSTEP_PARTNERS]
        for number in range(30)
        for target in ("a", "b")
    ]
    assert found[-1] == 29
    other = {"actor.id": "sold29", "target.id": "c"}
    assert counters.observe("globex", plan, other, NOON).behaviour[LOCKSTEP_PARTNERS] == 0


def test_who_is_delivered_to_is_known_for_the_tenant(make: Make) -> None:
    counters = make()
    plan = CountingPlan(watch=Watch(deliveries=True, reads=(DELIVERS, DELIVERED_SHARE)))
    for number in range(2000):
        values = {"actor.id": f"u{number}", "target.id": f"t{number % 1000}"}
        counters.observe("acme", plan, values, NOON)
    days = 5 * 86_400.0
    found = [
        dict(
            counters.observe(
                "acme", plan, {"actor.id": f"sold{number}", "target.id": target}, NOON + days
            ).behaviour
        )
        for target in ("a", "b")
        for number in range(60)
    ]
    assert found[0] == {DELIVERS: 0}
    assert found[59] == {DELIVERS: 0, DELIVERED_SHARE: 0.0}
    assert found[-1][DELIVERS] == 1
    share = found[-1][DELIVERED_SHARE]
    assert isinstance(share, float)
    assert share > 0.5
    one = {"actor.id": "sold1", "target.id": "b"}
    assert counters.observe("globex", plan, one, NOON + days).behaviour == {DELIVERS: 0}


def test_reading_part_of_the_features_answers_those_only(make: Make) -> None:
    counters = make()
    act(counters, 30)
    plan = replace(READING, watch=Watch(reads=("actor.same_gap_share",)))
    found = counters.observe("acme", plan, {"actor.id": "mia"}, NOON).behaviour
    assert found == {"actor.same_gap_share": 1.0}
