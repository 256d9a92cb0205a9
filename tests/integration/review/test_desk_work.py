"""Working through queues: who sees what, who holds what, what is moved, and many at once."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from safety.domain.access import Role
from safety.domain.errors import Forbidden, InvalidInput, ItemAlreadyResolved, ItemClaimed, NotFound
from safety.domain.queues import ESCALATED, SNOOZED, Filter, QueueSettings
from safety.domain.reviews import LONGEST_LEASE, Act, Action, Band, ItemStatus
from safety.domain.verdicts import Severity
from safety.review.values import Choice
from tests.desk_items import a_comment, add_item
from tests.review_house import ANA, BEN, DAY, KEEPING, LEA, NOW, Core, removing

ALL = Filter()
MINUTE = 60.0


@pytest.fixture
def core(engine: Engine) -> Core:
    return Core(engine)


def ids(core: Core, chosen: Filter = ALL, who: object = ANA) -> list[str]:
    return [row.item.id for row in core.review.queues.page(who, chosen).rows]  # type: ignore[arg-type]  # a reviewer


def test_the_most_urgent_waits_first_and_then_the_oldest(core: Core) -> None:
    old = add_item(core.engine, severity=Severity.LOW, at=NOW - 900)
    new = add_item(core.engine, severity=Severity.HIGH, at=NOW - 10)
    older = add_item(core.engine, severity=Severity.HIGH, at=NOW - 60)
    assert ids(core) == [older, new, old]


def test_a_page_says_how_many_wait_and_where_it_goes_on(core: Core) -> None:
    made = [add_item(core.engine, at=NOW - n) for n in range(5)]
    first = core.review.queues.page(ANA, ALL, limit=3)
    assert (first.total, first.is_more_than_total) == (5, False)
    assert first.next_after is not None
    rest = core.review.queues.page(ANA, ALL, after=first.next_after, limit=3)
    assert rest.next_after is None
    assert {row.item.id for row in (*first.rows, *rest.rows)} == set(made)


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        (Filter(queue="accounts"), [1]),
        (Filter(least=Band.HIGH), [0]),
        (Filter(reason="FAKE"), [1]),
        (Filter(event_type="comment"), [0, 1]),
        (Filter(event_type="post"), []),
        (Filter(actor="u_9"), [1]),
        (Filter(holder="ana"), []),
    ],
)
def test_a_filter_lets_through_what_it_says(core: Core, chosen: Filter, found: list[int]) -> None:
    other = a_comment(actor={"id": "u_9"})
    made = [
        add_item(core.engine, severity=Severity.HIGH),
        add_item(core.engine, other, severity=Severity.LOW, queue="accounts", reason="FAKE"),
    ]
    assert ids(core, chosen) == [made[number] for number in found]


texts = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), max_size=40)


@given(
    queue=texts,
    policy=texts,
    least=st.none() | st.sampled_from(Band),
    is_late=st.booleans(),
    state=st.sampled_from(["open", SNOOZED]),
)
def test_a_filter_survives_its_address(
    queue: str, policy: str, least: Band | None, is_late: bool, state: str
) -> None:
    chosen = Filter(queue=queue, policy=policy, least=least, is_late=is_late, state=state)
    try:
        assert Filter.of(chosen.query()) == chosen
    except InvalidInput:
        assert not (queue + policy).isprintable()


@pytest.mark.parametrize(
    "query",
    [
        {"least": "worst"},
        {"state": "gone"},
        {"late": "1"},
        {"queue": "a\x00"},
        {"policy": "x" * 201},
    ],
)
def test_a_filter_that_means_nothing_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        Filter.of(query)


def test_nobody_sees_a_queue_that_is_not_theirs(core: Core) -> None:
    hidden = add_item(core.engine, queue="minors")
    review = core.review
    review.queues.put(QueueSettings("minors", members=frozenset({"ben"})), LEA)
    assert ids(core, who=ANA) == []
    assert ids(core, who=BEN) == ids(core, who=LEA) == [hidden]
    assert [each.name for each in review.queues.overview(ANA)] == []
    assert review.claims.take(ANA, ALL) == ()
    for act in (
        lambda: review.items.open(hidden, ANA),
        lambda: review.resolving.decide(hidden, KEEPING, ANA),
        lambda: review.claims.hold(hidden, ANA),
        lambda: review.moves.skip(hidden, ANA),
        lambda: review.items.cluster(hidden, ANA),
    ):
        with pytest.raises(NotFound):
            act()
    assert review.bulk.preview([hidden], ANA).items == ()


def test_a_queue_may_allow_some_actions_only(core: Core) -> None:
    item = add_item(core.engine)
    some = frozenset({Action.KEEP, Action.REMOVE})
    core.review.queues.put(QueueSettings("content", actions=some), LEA)
    ban = Choice((Act(Action.BAN, "spam.scam"),))
    with pytest.raises(Forbidden):
        core.review.resolving.decide(item, ban, ANA)
    assert core.review.items.open(item, ANA).actions == some


def test_how_a_queue_is_set_comes_back_as_it_was(core: Core) -> None:
    wanted = QueueSettings(
        "minors",
        title="Minors",
        roles=frozenset({Role.LEAD}),
        members=frozenset({"ben", "lea"}),
        sla=dict.fromkeys(Band, 10 * MINUTE),
        actions=frozenset({Action.KEEP}),
        is_veiled=True,
        escalates_to="police",
        claims=2,
    )
    core.review.queues.put(wanted, LEA)
    assert wanted in core.review.queues.settings(LEA)
    assert wanted not in core.review.queues.settings(ANA)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "no name"},
        {"claims": 0},
        {"actions": frozenset()},
        {"sla": {Band.LOW: 1.0}},
        {"sla": dict.fromkeys(Band, 1.0)},
        {"escalates_to": ""},
    ],
)
def test_a_queue_cannot_be_set_to_nonsense(core: Core, changes: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        core.review.queues.put(replace(QueueSettings("content"), **changes), LEA)  # type: ignore[arg-type]  # the fault itself


def test_only_leads_set_queues_and_take_items_off_desks(core: Core) -> None:
    item = add_item(core.engine)
    core.review.claims.hold(item, BEN)
    for act in (
        lambda: core.review.queues.put(QueueSettings("content"), ANA),
        lambda: core.review.claims.free(item, ANA),
        lambda: core.review.moves.send(item, "accounts", ANA, 1),
        lambda: core.review.filters.save("ours", ALL, ANA, is_shared=True),
    ):
        with pytest.raises(Forbidden):
            act()
    assert core.review.claims.free(item, LEA) == "ben"
    core.review.claims.hold(item, ANA)


def test_filters_are_kept_for_oneself_or_shared_by_leads(core: Core) -> None:
    filters = core.review.filters
    night = filters.save("Night triage", Filter(queue="content", least=Band.HIGH), ANA)
    shared = filters.save("All late", Filter(is_late=True), LEA, is_shared=True)
    assert filters.of(ANA) == (shared, night)
    assert filters.of(BEN) == (shared,)
    with pytest.raises(NotFound):
        filters.get(night.id, BEN)
    with pytest.raises(Forbidden):
        filters.remove(shared.id, BEN)
    filters.remove(night.id, ANA)
    assert filters.of(ANA) == (shared,)


def test_people_are_handed_different_items(core: Core) -> None:
    made = {add_item(core.engine, at=NOW - n) for n in range(12)}
    first = core.review.claims.take(ANA, ALL)
    second = core.review.claims.take(BEN, ALL)
    assert (len(first), len(second)) == (5, 5)
    assert {item.id for item in first}.isdisjoint(item.id for item in second)
    assert {item.id for item in (*first, *second)} <= made
    assert core.review.claims.take(ANA, ALL) != ()  # one's own count as free
    assert [item.id for item in core.review.claims.held(BEN)] == [item.id for item in second]


def test_a_list_shows_who_else_has_an_item(core: Core) -> None:
    item = add_item(core.engine)
    core.review.claims.hold(item, BEN)
    assert [row.holder for row in core.review.queues.page(ANA, ALL).rows] == ["ben"]
    assert [row.holder for row in core.review.queues.page(BEN, ALL).rows] == [""]
    assert core.review.queues.pulse(ANA, [item]).holders == {item: "ben"}


def test_what_somebody_holds_nobody_else_decides(core: Core) -> None:
    item = add_item(core.engine)
    core.review.claims.hold(item, BEN)
    for act in (
        lambda: core.review.resolving.decide(item, KEEPING, ANA),
        lambda: core.review.claims.hold(item, ANA),
        lambda: core.review.moves.escalate(item, "hard", ANA, 1),
        lambda: core.review.moves.snooze(item, NOW + 60, ANA, 1),
    ):
        with pytest.raises(ItemClaimed, match="ben"):
            act()
    assert core.review.resolving.decide(item, KEEPING, BEN).item.status is ItemStatus.RESOLVED


def test_a_lease_ends_by_itself_and_whoever_lost_it_is_told(core: Core) -> None:
    item = add_item(core.engine)
    core.review.claims.hold(item, ANA)
    core.clock.at += 601
    core.review.claims.hold(item, BEN)
    assert core.review.claims.renew([item], ANA) == {}
    with pytest.raises(ItemClaimed):
        core.review.resolving.decide(item, KEEPING, ANA)


def test_a_lease_is_lengthened_while_somebody_works(core: Core) -> None:
    item = add_item(core.engine)
    core.review.claims.hold(item, ANA)
    core.clock.at += 590
    assert core.review.claims.renew([item, "itm_none"], ANA) == {item: core.clock.at + 600}
    core.clock.at += 590
    with pytest.raises(ItemClaimed):
        core.review.claims.hold(item, BEN)


def test_a_clock_that_was_ahead_locks_nobody_out(core: Core) -> None:
    item = add_item(core.engine)
    core.clock.at = NOW + 400 * DAY
    core.review.claims.hold(item, ANA)
    core.clock.at = NOW
    assert core.review.claims.hold(item, BEN).holder(NOW) == "ben"
    assert LONGEST_LEASE < 400 * DAY


def test_leaving_gives_everything_back(core: Core) -> None:
    made = [add_item(core.engine) for _ in range(3)]
    core.review.claims.take(ANA, ALL)
    assert core.review.claims.release(made[:1], BEN) == 0
    assert core.review.claims.release_all(ANA) == 3
    assert len(core.review.claims.take(BEN, ALL)) == 3


def test_an_escalated_item_waits_elsewhere_and_says_why(core: Core) -> None:
    item = add_item(core.engine, severity=Severity.LOW)
    moved = core.review.moves.escalate(item, "I know this person", ANA, 1)
    assert (moved.queue, moved.escalated_from, moved.band) == (ESCALATED, "content", Band.MEDIUM)
    (step,) = core.review.items.open(item, BEN).history
    assert (step.author, step.what) == ("ana", "escalated")
    assert step.detail == "content to escalated: I know this person"
    with pytest.raises(ItemAlreadyResolved, match="changed"):
        core.review.resolving.decide(item, removing(version=1), BEN)


def test_an_escalation_needs_a_reason(core: Core) -> None:
    with pytest.raises(InvalidInput):
        core.review.moves.escalate(add_item(core.engine), "  ", ANA, 1)


def test_a_skipped_item_goes_to_others_first(core: Core) -> None:
    first = add_item(core.engine, severity=Severity.CRITICAL)
    second = add_item(core.engine)
    core.review.claims.take(ANA, ALL, 1)
    core.review.moves.skip(first, ANA)
    assert core.review.items.next(ANA, ALL) == second
    assert core.review.items.next(BEN, ALL) == first
    assert ids(core) == [first, second]
    core.clock.at += 13 * 3600
    assert core.review.items.next(ANA, ALL) == first


def test_what_is_put_off_comes_back_by_itself(core: Core) -> None:
    item = add_item(core.engine)
    core.review.moves.snooze(item, NOW + 3600, ANA, 1, "waits for the platform")
    assert ids(core) == []
    assert core.review.claims.take(ANA, ALL) == ()
    assert core.review.queues.overview(ANA) == ()
    assert ids(core, Filter(state=SNOOZED)) == [item]
    core.clock.at += 3600
    assert ids(core) == [item]


def test_what_is_put_off_may_be_woken(core: Core) -> None:
    item = add_item(core.engine)
    core.review.moves.snooze(item, NOW + 3600, ANA, 1)
    core.review.moves.wake(item, BEN)
    assert ids(core) == [item]


@pytest.mark.parametrize("until", [NOW, NOW - 1, NOW + 31 * DAY, float("nan")])
def test_nothing_is_put_off_for_ever(core: Core, until: float) -> None:
    with pytest.raises(InvalidInput):
        core.review.moves.snooze(add_item(core.engine), until, ANA, 1)


def test_many_are_decided_at_once_and_undone_at_once(core: Core) -> None:
    made = [add_item(core.engine) for _ in range(30)]
    bulk = core.review.bulk.decide(made, removing(), ANA)
    assert bulk.done == 30
    assert ids(core) == []
    undone = core.review.resolving.undo(bulk.batch, ANA)
    assert sorted(undone.items) == sorted(made)
    core.later(60)
    assert len(ids(core)) == 30


def test_of_many_each_succeeds_or_fails_for_itself(core: Core) -> None:
    free, held, gone, changed = (add_item(core.engine) for _ in range(4))
    core.review.claims.hold(held, BEN)
    core.review.resolving.decide(gone, KEEPING, BEN)
    versions = {changed: 7}
    wanted = [free, held, gone, changed, "itm_none"]
    bulk = core.review.bulk.decide(wanted, removing(), ANA, versions=versions)
    assert [row.is_done for row in bulk.rows] == [True, False, False, False, False]
    problems = [row.problem for row in bulk.rows]
    assert "ben has this item" in problems[1]
    assert "ben decided first: keep" in problems[2]
    assert "changed" in problems[3]
    assert "no such item" in problems[4]


def test_what_would_be_decided_is_shown_before(core: Core) -> None:
    mine, held, gone = (add_item(core.engine) for _ in range(3))
    other = add_item(core.engine, a_comment(actor={"id": "u_9"}), queue="accounts")
    core.review.claims.hold(held, BEN)
    core.review.resolving.decide(gone, KEEPING, BEN)
    shown = core.review.bulk.preview([mine, held, gone, other], ANA)
    assert shown.items == (mine, other)
    assert (shown.accounts, shown.gone) == (2, 1)
    assert shown.queues == {"content": 2, "accounts": 1}
    assert shown.holders == {"ben": 1}
    assert [row.item.id for row in shown.sample] == [mine, held, other]


def test_many_decided_twice_by_the_same_request_are_decided_once(core: Core) -> None:
    made = [add_item(core.engine) for _ in range(3)]
    first = core.review.bulk.decide(made, removing(), ANA, key="k")
    again = core.review.bulk.decide(made, KEEPING, ANA, key="k")
    assert again.batch == first.batch
    assert [row.resolution for row in again.rows] == [row.resolution for row in first.rows]


def test_many_are_reversed_at_once(core: Core) -> None:
    made = [add_item(core.engine) for _ in range(3)]
    bulk = core.review.bulk.decide(made, removing(), ANA)
    core.later(10)
    reversed_ = core.review.bulk.reverse(bulk.batch, LEA, "it was satire")
    assert reversed_.done == 3
    assert core.review.bulk.reverse(bulk.batch, LEA, "again").done == 0


@pytest.mark.parametrize("number", [0, 501])
def test_nobody_decides_too_many_at_once(core: Core, number: int) -> None:
    with pytest.raises(InvalidInput):
        core.review.bulk.decide([f"itm_{n}" for n in range(number)], KEEPING, ANA)


def test_who_is_here_is_seen_for_a_while(core: Core) -> None:
    item = add_item(core.engine)
    core.review.queues.here(BEN, queue="content", item_id=item)
    assert core.review.queues.pulse(ANA).online == ("ben",)
    assert core.review.queues.looking(item, ANA) == ("ben",)
    core.clock.at += 60
    assert core.review.queues.pulse(ANA).online == ()
