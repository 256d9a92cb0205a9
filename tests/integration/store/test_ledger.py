"""The ledger: what is answered `Written` is there, once, whatever happens around it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, Engine, event, func, select, update
from sqlalchemy.exc import IntegrityError

from safety.domain.decisions import Amendment, AmendmentKind
from safety.domain.verdicts import Severity, Verdict
from safety.store import items, labels, ledger
from safety.store.engine import read, write
from safety.store.ledger import Existing, Failed, Ledger, Written
from safety.store.tables import amendments, decisions
from tests.integration.store.entries import (
    NOW,
    SECONDS,
    Answers,
    a_label,
    a_ledger,
    an_entry,
    an_item,
    append_all,
    store,
)


def test_an_entry_is_read_back_as_it_was_given(engine: Engine) -> None:
    entry = an_entry(answer=b'{"text":"\xc3\xa9\xf0\x9f\x8e\x88"}', item=an_item("itm_1"))
    store(engine, entry)
    with read(engine) as connection:
        stored = ledger.get(connection, "acme", entry.id)
        assert stored is not None
        for name in ("id", "event_id", "verdict", "decided_at", "event", "facts", "answer"):
            assert getattr(stored, name) == getattr(entry, name)
        assert stored.item_id == "itm_1"
        assert ledger.find_event(connection, "acme", entry.event_id) == stored


def test_another_tenant_sees_neither_the_decision_nor_its_event(engine: Engine) -> None:
    entry = an_entry()
    store(engine, entry)
    with read(engine) as connection:
        assert ledger.get(connection, "other", entry.id) is None
        assert ledger.find_event(connection, "other", entry.event_id) is None
        assert ledger.recent(connection, "other") == []


def test_the_same_event_of_two_tenants_is_two_events(engine: Engine) -> None:
    first, second = an_entry("same"), an_entry("same", tenant="other")
    with a_ledger(engine) as writer:
        assert append_all(writer, [first, second]) == [Written(), Written()]


def test_a_decision_is_born_with_its_item_and_its_labels(engine: Engine) -> None:
    entry = an_entry(item=an_item("itm_1"), labels=(a_label("u_1"), a_label("u_2")))
    store(engine, entry)
    with read(engine) as connection:
        item = items.get_item(connection, "itm_1")
        assert item is not None
        assert (item.decision_id, item.severity, item.version) == (entry.id, Severity.HIGH, 1)
        assert labels.live_labels(connection, "acme", ("actor.id", "u_2"), NOW) == [a_label("u_2")]


def test_asking_again_gives_the_first_decision_and_writes_nothing(engine: Engine) -> None:
    first = an_entry("again", answer=b"first")
    again = an_entry("again", answer=b"second", item=an_item("itm_2"), labels=(a_label(),))
    store(engine, first)
    with a_ledger(engine) as writer:
        (result,) = append_all(writer, [again])
    assert isinstance(result, Existing)
    assert (result.decision.id, result.decision.answer) == (first.id, b"first")
    with read(engine) as connection:
        assert ledger.get(connection, "acme", again.id) is None
        assert items.get_item(connection, "itm_2") is None
        assert labels.all_live(connection, NOW) == []


def test_of_the_same_event_twice_in_one_batch_the_first_stays(engine: Engine) -> None:
    first, second, other = an_entry("twice"), an_entry("twice"), an_entry()
    writer = Ledger(engine)
    answers = Answers()
    for entry in (first, second, other):  # before the start, so that one batch takes them all
        writer.append(entry, answers.of(entry.id))
    writer.start()
    writer.stop()
    assert answers.results[first.id] == answers.results[other.id] == Written()
    again = answers.results[second.id]
    assert isinstance(again, Existing)
    assert again.decision.id == first.id


def test_an_entry_written_again_is_written_once(engine: Engine) -> None:
    entry = an_entry(item=an_item("itm_1"), labels=(a_label(),))
    with a_ledger(engine) as writer:
        assert append_all(writer, [entry]) == append_all(writer, [entry]) == [Written()]
    with read(engine) as connection:
        assert len(ledger.recent(connection, "acme")) == 1
        assert items.count_open(connection) == {"content": 1}


def test_a_decision_id_that_is_taken_fails_alone(engine: Engine) -> None:
    first = an_entry()
    clash = an_entry()._replace(id=first.id)
    fine = an_entry()
    store(engine, first)
    with a_ledger(engine) as writer:
        answers = Answers()
        writer.append_many(
            [
                (clash, answers.of("clash")),
                (fine, answers.of("fine")),
            ]
        )
        answers.wait_for(2)
    assert answers.results == {"clash": Failed("refused"), "fine": Written()}


def test_an_entry_that_cannot_be_stored_does_not_cost_its_neighbours(engine: Engine) -> None:
    lone_surrogate = an_entry("\ud800")
    batch = [an_entry(), lone_surrogate, an_entry()]
    writer = Ledger(engine)
    answers = Answers()
    for entry in batch:
        writer.append(entry, answers.of(entry.id))
    writer.start()
    writer.stop()
    results = [answers.results[entry.id] for entry in batch]
    assert results == [Written(), Failed("refused"), Written()]
    assert writer.trouble is None


def test_concurrent_entries_share_their_transactions(engine: Engine) -> None:
    commits: list[Connection] = []
    event.listen(engine, "commit", commits.append)
    entries = [an_entry() for _ in range(400)]
    with a_ledger(engine) as writer:

        def append(entry_number: int) -> None:
            assert append_all(writer, [entries[entry_number]]) == [Written()]

        with ThreadPoolExecutor(16) as pool:
            list(pool.map(append, range(len(entries))))
    assert 0 < len(commits) < len(entries) / 2
    assert writer.depth == 0


def test_no_transaction_is_larger_than_allowed(engine: Engine) -> None:
    commits: list[Connection] = []
    event.listen(engine, "commit", commits.append)
    writer = Ledger(engine, max_batch=10)
    for _ in range(25):
        writer.append(an_entry(), lambda _: None)
    assert writer.depth == 25
    writer.start()
    writer.stop()
    assert len(commits) == 3


def test_an_entry_abandoned_in_time_is_never_written(engine: Engine) -> None:
    writer = Ledger(engine)
    answers = Answers()
    kept, given_up = an_entry(), an_entry()
    writer.append(kept, answers.of(kept.id))
    pending = writer.append(given_up, answers.of(given_up.id))
    assert pending.abandon()
    assert not pending.abandon()
    writer.start()
    writer.stop()
    assert answers.results == {kept.id: Written()}
    with read(engine) as connection:
        assert ledger.get(connection, "acme", given_up.id) is None


def test_an_entry_that_was_written_can_no_longer_be_abandoned(engine: Engine) -> None:
    with a_ledger(engine) as writer:
        answers = Answers()
        pending = writer.append(an_entry(), answers.of("it"))
        answers.wait_for(1)
        assert not pending.abandon()


def test_stopping_writes_what_waits_and_refuses_what_comes_later(engine: Engine) -> None:
    answers = Answers()
    writer = Ledger(engine)
    writer.start()
    for number in range(200):
        writer.append(an_entry(), answers.of(str(number)))
    writer.stop()
    assert len(answers.results) == 200
    assert set(answers.results.values()) == {Written()}
    writer.append(an_entry(), answers.of("late"))
    assert answers.results["late"] == Failed("stopped")


def test_a_caller_that_fails_does_not_stop_the_writer(engine: Engine) -> None:
    def fail(_: object) -> None:
        raise LookupError

    with a_ledger(engine) as writer:
        writer.append(an_entry(), fail)
        assert append_all(writer, [an_entry()]) == [Written()]


def test_walking_the_ledger_gives_every_decision_once_oldest_first(engine: Engine) -> None:
    times = [NOW + number // 7 for number in range(100)]  # many at the same moment
    store(engine, *(an_entry(decided_at=time) for time in reversed(times)))
    walked = [stored.decided_at for stored in ledger.since(engine, NOW + 3, chunk=8)]
    assert walked == [time for time in times if time >= NOW + 3]


def test_recent_decisions_come_newest_first_and_by_actor(engine: Engine) -> None:
    entries = [an_entry(actor_id=f"u_{number % 2}") for number in range(6)]
    store(engine, *entries)
    with read(engine) as connection:
        newest = ledger.recent(connection, "acme", limit=2)
        of_actor = ledger.recent(connection, "acme", actor_id="u_0")
    assert [stored.id for stored in newest] == [entries[5].id, entries[4].id]
    assert [stored.id for stored in of_actor] == [entries[n].id for n in (4, 2, 0)]


def test_a_summary_counts_verdicts_and_event_types(engine: Engine) -> None:
    store(
        engine,
        an_entry(verdict=Verdict.ALLOW, event_type="post", decided_at=NOW),
        an_entry(verdict=Verdict.BLOCK, decided_at=NOW + 1),
        an_entry(verdict=Verdict.BLOCK, event_type="post", decided_at=NOW + 2),
        an_entry(verdict=Verdict.BLOCK, tenant="other"),
    )
    with read(engine) as connection:
        everything = ledger.summary(connection, "acme", NOW)
        later = ledger.summary(connection, "acme", NOW + 2)
    assert everything.by_verdict == {Verdict.ALLOW: 1, Verdict.BLOCK: 2}
    assert everything.by_event_type == {"post": 2, "comment": 1}
    assert later.by_verdict == {Verdict.BLOCK: 1}


def test_amendments_are_kept_in_order_beside_an_unchanged_decision(engine: Engine) -> None:
    entry = an_entry()
    store(engine, entry)
    added = [
        Amendment(entry.id, AmendmentKind.PROOF, NOW, Verdict.ALLOW, b'{"proof":1}'),
        Amendment(entry.id, AmendmentKind.OUTCOME, NOW - 1, None, b'{"outcome":"published"}'),
    ]
    for amendment in added:
        with write(engine) as connection:
            ledger.amend(connection, amendment)
    with read(engine) as connection:
        assert ledger.amendments(connection, entry.id) == added
        stored = ledger.get(connection, "acme", entry.id)
    assert stored is not None
    assert stored.verdict is Verdict.HOLD


def test_an_amendment_needs_its_decision(engine: Engine) -> None:
    orphan = Amendment("dec_none", AmendmentKind.OUTCOME, NOW, None, b"{}")
    with pytest.raises(IntegrityError), write(engine) as connection:
        ledger.amend(connection, orphan)


def test_the_database_refuses_to_change_or_lose_a_decision(engine: Engine) -> None:
    entry = an_entry()
    store(engine, entry)
    with write(engine) as connection:
        ledger.amend(connection, Amendment(entry.id, AmendmentKind.OUTCOME, NOW, None, b"{}"))
    for statement in (
        update(decisions).values(verdict=0),
        decisions.delete(),
        update(amendments).values(body=b""),
        amendments.delete(),
    ):
        with (
            pytest.raises(IntegrityError, match="append-only"),
            write(engine) as connection,
        ):
            connection.execute(statement)
    with read(engine) as connection:
        assert _count(connection) == 1


def test_entries_from_many_threads_of_two_ledgers_are_each_written_once(engine: Engine) -> None:
    events = [f"shared_{number}" for number in range(120)]
    outcomes: dict[str, list[object]] = {name: [] for name in events}
    guard = threading.Lock()

    def ask(writer: Ledger) -> None:
        entries = [an_entry(name) for name in events]
        for name, result in zip(events, append_all(writer, entries), strict=True):
            with guard:
                outcomes[name].append(result)

    with a_ledger(engine) as one, a_ledger(engine) as other:
        threads = [threading.Thread(target=ask, args=(w,)) for w in (one, other, one, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SECONDS)
    for name, results in outcomes.items():
        assert sum(result == Written() for result in results) == 1, name
        assert {type(result) for result in results} == {Written, Existing}
    with read(engine) as connection:
        assert _count(connection) == len(events)


def _count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(decisions)).scalar_one()
