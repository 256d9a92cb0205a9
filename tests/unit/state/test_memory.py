"""What holds for the counters in memory beyond the port's contract."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from safety.domain.features import Values
from safety.domain.labels import Label
from safety.domain.velocity import CountingPlan, Measure, Series, Window
from safety.state.memory import MemoryCounters

NOON = 1_790_000_000.0
BY_ACTOR = Series(Measure.COUNT, ("post",), "actor.id", None, 3600.0, 100)
BY_IP = Series(Measure.COUNT, ("post",), "net.ip", None, 3600.0, 100)


def a_plan(*series: Series) -> CountingPlan:
    return CountingPlan(hits=series, windows=tuple(Window(s.key, s, 3600.0) for s in series))


def test_memory_is_bounded_and_the_entity_written_least_recently_goes_first() -> None:
    counters = MemoryCounters(max_entities=3)
    plan = a_plan(BY_ACTOR)
    for actor in ("a", "b", "c", "a", "d"):
        counters.observe("acme", plan, {"actor.id": actor}, NOON)
    assert counters.size == 3
    reads = replace(plan, hits=())
    kept = {a: counters.observe("acme", reads, {"actor.id": a}, NOON).windows[0] for a in "abcd"}
    assert kept == {"a": 2, "b": 0, "c": 1, "d": 1}


def test_cycling_through_entities_of_one_kind_does_not_push_out_another_kind() -> None:
    counters = MemoryCounters(max_entities=100)
    both = a_plan(BY_ACTOR, BY_IP)
    for actor in range(20):
        counters.observe("acme", both, {"actor.id": f"u{actor}"}, NOON)
    for n in range(5000):
        counters.observe("acme", both, {"net.ip": f"2001:db8:{n:x}::"}, NOON + 1)
    assert counters.size == 100
    answers = [counters.observe("acme", both, {"actor.id": f"u{n}"}, NOON + 2) for n in range(20)]
    assert [answer.windows[0] for answer in answers] == [2] * 20


def test_one_tenants_flood_does_not_push_out_another_tenants_counts() -> None:
    counters = MemoryCounters(max_entities=100)
    plan = a_plan(BY_ACTOR)
    counters.observe("small", plan, {"actor.id": "mia"}, NOON)
    for n in range(1000):
        counters.observe("large", plan, {"actor.id": f"u{n}"}, NOON)
    assert counters.observe("small", plan, {"actor.id": "mia"}, NOON).windows == [2]


def test_logs_whose_windows_have_passed_go_on_their_own() -> None:
    counters = MemoryCounters()
    plan = a_plan(BY_ACTOR)
    for n in range(1000):
        counters.observe("acme", plan, {"actor.id": f"old{n}"}, NOON)
    for n in range(501):
        counters.observe("acme", plan, {"actor.id": f"new{n}"}, NOON + 3 * 3600)
    assert counters.size == 501


def test_taking_back_the_only_event_of_an_entity_frees_it() -> None:
    counters = MemoryCounters()
    plan = a_plan(BY_ACTOR, replace(BY_ACTOR, measure=Measure.SUM, of="actor.posts"))
    values: Values = {"actor.id": "mia", "actor.posts": 3}
    counters.observe("acme", plan, values, NOON)
    assert counters.size == 2
    counters.retract("acme", plan, values, NOON)
    assert counters.size == 0


def test_a_reload_that_asks_for_more_keeps_what_was_counted() -> None:
    counters = MemoryCounters()
    small, large = a_plan(replace(BY_ACTOR, limit=2)), a_plan(replace(BY_ACTOR, limit=50))
    answers = [
        counters.observe("acme", plan, {"actor.id": "mia"}, NOON).windows[0]
        for plan in (small, small, small, large, large)
    ]
    assert answers == [1, 2, 2, 4, 5]


def test_labels_are_bounded_too() -> None:
    counters = MemoryCounters(max_entities=2)
    plan = CountingPlan(labelled=(("actor.labels", "actor.id"),))
    for actor in ("a", "b", "c"):
        counters.mark("acme", Label(("actor.id", actor), "seen", "rule:x", "X", NOON))
    answers = [counters.observe("acme", plan, {"actor.id": a}, NOON).labels for a in "abc"]
    assert [answer["actor.labels"] for answer in answers] == [(), ("seen",), ("seen",)]


def test_threads_lose_no_event() -> None:
    counters = MemoryCounters()
    plan = a_plan(replace(BY_ACTOR, limit=10_000))

    def many(_: int) -> None:
        for _ in range(500):
            counters.observe("acme", plan, {"actor.id": "mia"}, NOON)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(many, range(4)))
    assert counters.observe("acme", plan, {"actor.id": "mia"}, NOON).windows == [2001]


def test_many_plans_can_come_and_go() -> None:
    counters = MemoryCounters()
    answers = [
        counters.observe("acme", a_plan(BY_ACTOR), {"actor.id": "mia"}, NOON + n / 1000)
        for n in range(3000)  # more than are kept ready
    ]
    assert answers[-1].windows == [100]
