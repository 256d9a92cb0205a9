"""Whatever is appended, given up and broken in whatever order, no answer is ever a lie."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from safety.domain.decisions import LedgerEntry
from safety.store import ledger
from safety.store.engine import migrate, open_engine, read
from safety.store.ledger import Existing, Failed, Ledger, Pending, Written
from tests.integration.store.entries import Answers, an_entry, an_item

# A step: append an event by number, give one of the earlier entries up, have a statement fail.
steps = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(0, 5)),
        st.tuples(st.just("abandon"), st.integers(0, 30)),
        st.tuples(st.just("break"), st.integers(0, 3)),
        st.tuples(st.just("start"), st.just(0)),
    ),
    max_size=40,
)


class Breaker:
    """Makes the next writes to the ledger fail as a disk does."""

    def __init__(self) -> None:
        self.left = 0

    def __call__(self, _c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if self.left and statement.startswith("INSERT INTO decisions"):
            self.left -= 1
            raise OperationalError(statement, {}, OSError("disk I/O error"))


@settings(max_examples=60, deadline=None)
@given(steps=steps, max_batch=st.integers(1, 6))
def test_what_is_answered_is_what_is_stored(steps: list[tuple[str, int]], max_batch: int) -> None:
    with TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'safety.db'}", synchronous="normal")
        migrate(engine)
        breaker = Breaker()
        event.listen(engine, "before_cursor_execute", breaker)
        writer = Ledger(engine, max_batch=max_batch)
        entries, answers, given_up = _play(writer, breaker, steps)
        with read(engine) as connection:
            _check(connection, entries, answers, given_up)
        engine.dispose()


def _play(
    writer: Ledger, breaker: Breaker, steps: list[tuple[str, int]]
) -> tuple[list[LedgerEntry], Answers, set[str]]:
    entries: list[LedgerEntry] = []
    pendings: list[Pending] = []
    answers, given_up, is_started = Answers(), set(), False
    for step, number in steps:
        if step == "append":
            entry = an_entry(f"event_{number}")
            entry = an_entry(entry.event_id, id=entry.id, item=an_item(f"itm_{entry.id}"))
            entries.append(entry)
            pendings.append(writer.append(entry, answers.of(entry.id)))
        elif step == "abandon" and number < len(pendings) and pendings[number].abandon():
            given_up.add(entries[number].id)
        elif step == "break":
            breaker.left = number
        elif step == "start" and not is_started:
            is_started = True
            writer.start()
    if not is_started:
        writer.start()
    writer.stop()
    return entries, answers, given_up


def _check(
    connection: Connection, entries: list[LedgerEntry], answers: Answers, given_up: set[str]
) -> None:
    assert answers.calls == len(answers.results)
    assert answers.results.keys() | given_up == {entry.id for entry in entries}
    assert not answers.results.keys() & given_up
    stored = {decision.event_id: decision for decision in ledger.recent(connection, "acme")}
    assert len(stored) == len(ledger.recent(connection, "acme"))
    written = set()
    for entry in entries:
        result = answers.results.get(entry.id)
        if isinstance(result, Written):
            written.add(entry.id)
            assert stored[entry.event_id].answer == entry.answer
        elif isinstance(result, Existing):
            assert result.decision == stored[entry.event_id]
        else:
            assert result is None or isinstance(result, Failed)
    assert written == {decision.id for decision in stored.values()}
    assert {decision.item_id for decision in stored.values()} == {
        f"itm_{decision_id}" for decision_id in written
    }
