"""What every implementation of the Counters port promises. Add an implementation to MAKERS."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isnan
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from safety.domain.features import Value, Values
from safety.domain.labels import Label
from safety.domain.ports import Counters
from safety.domain.velocity import CountingPlan, Measure, Series, Window
from safety.state.memory import MemoryCounters

Make = Callable[[], Counters]
MAKERS: dict[str, Make] = {"memory": MemoryCounters}

HOUR = 3600.0
NOON = 1_790_000_000.0
TENANT = "acme"

POSTS = Series(Measure.COUNT, ("post",), "actor.id", None, HOUR, 5)
AMOUNT = Series(Measure.SUM, ("post",), "actor.id", "attributes.amount", HOUR, 5)
TARGETS = Series(Measure.DISTINCT, ("post",), "actor.id", "target.id", HOUR, 5)


@pytest.fixture(params=sorted(MAKERS), scope="module")
def make(request: pytest.FixtureRequest) -> Make:
    return MAKERS[request.param]


def a_plan(*series: Series, within: tuple[float, ...] = (60.0, HOUR)) -> CountingPlan:
    windows = tuple(Window(f"{s.key} {w}", s, w) for s in series for w in within)
    return CountingPlan(hits=series, windows=windows)


def reading(plan: CountingPlan) -> CountingPlan:
    return replace(plan, hits=())


def by_mia(**values: Value) -> Values:
    return {"actor.id": "mia"} | {name.replace("__", "."): value for name, value in values.items()}


def read(counters: Counters, plan: CountingPlan, at: float, tenant: str = TENANT) -> list[float]:
    return list(counters.observe(tenant, reading(plan), by_mia(), at).windows)


# What happens, and the plain lists that say what the answer must be.


@dataclass(frozen=True)
class Happening:
    at: float
    target: str
    amount: float

    @property
    def values(self) -> Values:
        return by_mia(target__id=self.target, attributes__amount=self.amount)


happenings = st.builds(
    Happening,
    at=st.integers(0, 7200).map(lambda seconds: NOON + seconds),
    target=st.sampled_from("abcdefghij"),
    amount=st.integers(-1000, 1000).map(float),
)
EVERYTHING = a_plan(POSTS, AMOUNT, TARGETS)


def expected(past: list[Happening], now: float, within: float, limit: int) -> list[float]:
    """Count, sum and distinct targets after `now - within`, as a plain list knows them."""
    newest_first = sorted(past, key=lambda one: -one.at)
    inside = [one for one in newest_first if one.at > now - within]
    targets = {one.target for one in inside}
    return [min(len(inside), limit), sum(one.amount for one in inside), min(len(targets), limit)]


@given(past=st.lists(happenings, max_size=30), now=happenings)
def test_windows_agree_with_a_plain_list_and_saturate_at_the_limit(
    make: Make, past: list[Happening], now: Happening
) -> None:
    counters = make()
    for one in past:
        counters.observe(TENANT, EVERYTHING, one.values, one.at)
    answered = counters.observe(TENANT, EVERYTHING, now.values, now.at).windows
    for place, within in enumerate((60.0, HOUR)):
        count, total, distinct = expected([*past, now], now.at, within, POSTS.limit)
        assert answered[place] == count
        assert answered[4 + place] == distinct
        if count < POSTS.limit:  # a total is exact while the window holds fewer than the limit
            assert answered[2 + place] == total


@given(past=st.lists(happenings, max_size=30), now=happenings, later=happenings)
@example(  # one moment, a full log, and the amount taken back is there twice
    past=[Happening(NOON, "a", 1.0), *[Happening(NOON, "a", 0.0)] * 5],
    now=Happening(NOON, "a", 1.0),
    later=Happening(NOON, "a", 0.0),
)
def test_taking_an_event_back_leaves_no_trace(
    make: Make, past: list[Happening], now: Happening, later: Happening
) -> None:
    retried, plain = make(), make()
    for counters in (retried, plain):
        for one in past:
            counters.observe(TENANT, EVERYTHING, one.values, one.at)
    retried.observe(TENANT, EVERYTHING, now.values, now.at)
    retried.retract(TENANT, EVERYTHING, now.values, now.at)
    for at in (now.at, later.at):
        assert read(retried, EVERYTHING, at) == read(plain, EVERYTHING, at)
    seen = [c.observe(TENANT, EVERYTHING, later.values, later.at) for c in (retried, plain)]
    assert seen[0] == seen[1]


@given(past=st.lists(happenings, max_size=4), lost=happenings)
def test_taking_back_what_was_never_there_changes_nothing(
    make: Make, past: list[Happening], lost: Happening
) -> None:
    counters = make()
    for one in past:
        counters.observe(TENANT, EVERYTHING, one.values, one.at)
    before = read(counters, EVERYTHING, NOON)
    counters.retract(TENANT, EVERYTHING, lost.values, lost.at + 0.5)
    assert read(counters, EVERYTHING, NOON) == before


@given(past=st.lists(happenings, min_size=1, max_size=12), shuffled=st.randoms())
def test_the_order_of_arrival_does_not_matter(
    make: Make, past: list[Happening], shuffled: Random
) -> None:
    in_order, mixed = make(), make()
    other = list(past)
    shuffled.shuffle(other)
    for counters, events in ((in_order, past), (mixed, other)):
        for one in events:
            counters.observe(TENANT, a_plan(POSTS, TARGETS), one.values, one.at)
    end = NOON + 7200
    plan = a_plan(POSTS, TARGETS)
    assert read(in_order, plan, end) == read(mixed, plan, end)


def test_a_window_holds_its_end_and_not_its_start(make: Make) -> None:
    counters = make()
    plan = a_plan(POSTS, within=(60.0,))
    counters.observe(TENANT, plan, by_mia(), NOON)
    assert read(counters, plan, NOON) == [1]
    assert read(counters, plan, NOON + 59.999) == [1]
    assert read(counters, plan, NOON + 60) == [0]


def test_a_late_event_counts_itself_and_those_that_overtook_it(make: Make) -> None:
    counters = make()
    plan = a_plan(POSTS, within=(60.0,))
    counters.observe(TENANT, plan, by_mia(), NOON + 5)
    assert counters.observe(TENANT, plan, by_mia(), NOON).windows == [2]


def test_values_that_fall_out_at_the_limit_come_back_when_seen_again(make: Make) -> None:
    counters = make()
    plan = a_plan(replace(TARGETS, limit=3), within=(HOUR,))
    answers = [
        counters.observe(TENANT, plan, by_mia(target__id=f"t{n % 20}"), NOON + n).windows[0]
        for n in range(40)
    ]
    assert answers == [1, 2] + [3] * 38


def test_a_missing_entity_records_nothing_and_reads_as_unknown(make: Make) -> None:
    counters = make()
    plan = a_plan(POSTS, AMOUNT, TARGETS)
    answer = counters.observe(TENANT, plan, {"target.id": "t1", "attributes.amount": 3.0}, NOON)
    assert all(isnan(number) for number in answer.windows)
    counters.retract(TENANT, plan, {"target.id": "t1"}, NOON)
    assert read(counters, plan, NOON) == [0] * 6


def test_an_event_without_the_value_counts_but_adds_and_distinguishes_nothing(make: Make) -> None:
    counters = make()
    plan = a_plan(POSTS, AMOUNT, TARGETS, within=(HOUR,))
    assert counters.observe(TENANT, plan, by_mia(), NOON).windows == [1, 0, 0]


@pytest.mark.parametrize(
    "amount", [float("nan"), float("inf"), float("-inf"), 10**400, "many", ("1",)]
)
def test_an_amount_that_is_no_finite_number_is_not_added(make: Make, amount: Value) -> None:
    counters = make()
    plan = a_plan(AMOUNT, within=(HOUR,))
    counters.observe(TENANT, plan, by_mia(attributes__amount=2.5), NOON)
    assert counters.observe(TENANT, plan, by_mia(attributes__amount=amount), NOON).windows == [2.5]
    counters.retract(TENANT, plan, by_mia(attributes__amount=amount), NOON)
    assert read(counters, plan, NOON) == [2.5]


def test_negative_and_huge_amounts_add_up(make: Make) -> None:
    counters = make()
    plan = a_plan(AMOUNT, within=(HOUR,))
    adding = [by_mia(attributes__amount=amount) for amount in (-4.0, 1.5, 1e300)]
    answers = [counters.observe(TENANT, plan, values, NOON).windows for values in adding]
    assert answers == [[-4.0], [-2.5], [1e300]]
    counters.retract(TENANT, plan, by_mia(attributes__amount=1e300), NOON)
    assert read(counters, plan, NOON) == [-2.5]
    most = by_mia(attributes__amount=1.7e308)
    counters.observe(TENANT, plan, most, NOON)
    assert counters.observe(TENANT, plan, most, NOON).windows == [float("inf")]


def test_only_events_of_the_series_add_to_it(make: Make) -> None:
    counters = make()
    plan = a_plan(POSTS, within=(HOUR,))
    assert counters.observe(TENANT, reading(plan), by_mia(), NOON).windows == [0]
    assert counters.observe(TENANT, plan, by_mia(), NOON).windows == [1]


def test_two_plans_share_a_series_by_its_key(make: Make) -> None:
    counters = make()
    counters.observe(TENANT, a_plan(POSTS), by_mia(), NOON)
    other = a_plan(replace(POSTS, limit=50), within=(30.0,))
    assert counters.observe(TENANT, other, by_mia(), NOON + 1).windows == [2]


@given(text=st.text(min_size=1, max_size=300))
@settings(max_examples=50)
def test_any_text_may_name_an_entity_or_a_value(make: Make, text: str) -> None:
    counters = make()
    plan = a_plan(POSTS, TARGETS, within=(HOUR,))
    values: Values = {"actor.id": text, "target.id": text}
    counters.observe(TENANT, plan, values, NOON)
    assert counters.observe(TENANT, plan, values, NOON).windows == [2, 1]
    assert counters.observe(TENANT, plan, {**values, "target.id": text + "x"}, NOON).windows[1] == 2
    counters.retract(TENANT, plan, {**values, "target.id": text + "x"}, NOON)
    assert counters.observe(TENANT, reading(plan), values, NOON).windows == [2, 1]


def test_long_texts_that_differ_at_their_end_stay_apart(make: Make) -> None:
    counters = make()
    plan = a_plan(POSTS, within=(HOUR,))
    counters.observe(TENANT, plan, {"actor.id": "x" * 5000 + "a"}, NOON)
    assert counters.observe(TENANT, plan, {"actor.id": "x" * 5000 + "b"}, NOON).windows == [1]


def test_tenants_are_apart(make: Make) -> None:
    counters = make()
    plan = replace(a_plan(POSTS), labelled=(("actor.labels", "actor.id"),))
    counters.observe("acme", plan, by_mia(), NOON)
    counters.mark("acme", a_label())
    other = counters.observe("globex", plan, by_mia(), NOON)
    assert other.windows == [1, 1]
    assert other.labels == {"actor.labels": ()}


# Labels.

LABELLED = CountingPlan(labelled=(("actor.labels", "actor.id"), ("net.labels", "net.ip")))


def a_label(name: str = "link_burst", *, until: float | None = NOON + HOUR) -> Label:
    return Label(("actor.id", "mia"), name, "rule:link-burst", "LINK_BURST", NOON, until)


def labels(counters: Counters, at: float) -> tuple[str, ...]:
    return counters.observe(TENANT, LABELLED, by_mia(), at).labels["actor.labels"]


def test_labels_are_read_sorted_until_they_expire(make: Make) -> None:
    counters = make()
    counters.mark(TENANT, a_label("link_burst"))
    counters.mark(TENANT, a_label("banned_before", until=None))
    assert labels(counters, NOON) == ("banned_before", "link_burst")
    assert labels(counters, NOON + HOUR - 1) == ("banned_before", "link_burst")
    assert labels(counters, NOON + HOUR) == ("banned_before",)


def test_marking_again_replaces_the_label(make: Make) -> None:
    counters = make()
    counters.mark(TENANT, a_label(until=NOON + 10))
    counters.mark(TENANT, a_label(until=NOON + 20))
    assert labels(counters, NOON + 15) == ("link_burst",)


def test_a_label_marks_one_kind_of_entity_only(make: Make) -> None:
    counters = make()
    counters.mark(TENANT, replace(a_label(), entity=("device.id", "mia")))
    assert labels(counters, NOON) == ()


def test_labels_of_an_entity_that_the_event_lacks_are_not_answered(make: Make) -> None:
    assert "net.labels" not in make().observe(TENANT, LABELLED, by_mia(), NOON).labels
