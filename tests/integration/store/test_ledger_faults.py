"""The ledger when its database is locked, full, gone, or killed under its hands."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, event, func, select, text

from safety.store import items, ledger
from safety.store.engine import migrate, open_engine, read, write
from safety.store.ledger import Failed, Ledger, Written
from safety.store.tables import decisions
from tests.integration.store.entries import Answers, a_ledger, an_entry, an_item, append_all
from tests.postgres import Cluster
from tests.small_disk import small_disk

WORKER = Path(__file__).with_name("appending.py")
ROOT = Path(__file__).parents[3]


@pytest.fixture
def sqlite_engine(tmp_path: Path) -> Iterator[Engine]:
    with _migrated(tmp_path / "safety.db") as engine:
        yield engine


@pytest.fixture
def postgres_engine(postgres_cluster: Cluster) -> Iterator[Engine]:
    with postgres_cluster.database() as url:
        engine = open_engine(url)
        yield engine
        engine.dispose()


@contextmanager
def _locked(engine: Engine) -> Iterator[None]:
    """Another process holds what the writer needs."""
    if engine.dialect.name == "postgresql":
        with write(engine) as connection:
            connection.execute(text("LOCK TABLE decisions IN ACCESS EXCLUSIVE MODE"))
            yield
        return
    assert engine.url.database
    with closing(sqlite3.connect(engine.url.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_locked_database_raises_the_alarm_and_loses_nothing(engine: Engine) -> None:
    alarms, answers, entry = Answers(), Answers(), an_entry()
    with a_ledger(
        engine, lock_wait=0.05, on_trouble=lambda word: alarms.arrive(word, Failed(word))
    ) as writer:
        with _locked(engine):
            writer.append(entry, answers.of(entry.id))
            alarms.wait_for(2)
            assert set(alarms.results) == {"locked"}
            assert writer.trouble == "locked"
            assert answers.calls == 0
            assert writer.depth == 1
        answers.wait_for(1)
        assert answers.results == {entry.id: Written()}
        assert writer.trouble is None


def test_an_entry_abandoned_while_the_database_is_locked_is_never_written(engine: Engine) -> None:
    alarms, answers = Answers(), Answers()
    given_up, kept = an_entry(item=an_item("itm_1")), an_entry()
    with a_ledger(
        engine, lock_wait=0.05, on_trouble=lambda word: alarms.arrive(word, Failed(word))
    ) as writer:
        with _locked(engine):
            pending = writer.append(given_up, answers.of(given_up.id))
            writer.append(kept, answers.of(kept.id))
            alarms.wait_for(1)
            assert pending.abandon()
        answers.wait_for(1)
    assert answers.results == {kept.id: Written()}
    with read(engine) as connection:
        assert ledger.get(connection, "acme", given_up.id) is None
        assert items.count_open(connection) == {}


def test_stopping_ends_although_the_database_stays_locked(engine: Engine) -> None:
    answers = Answers()
    writer = Ledger(engine, lock_wait=0.02)
    writer.start()
    with _locked(engine):
        writer.append(an_entry(), answers.of("it"))
        writer.stop()
    assert answers.results == {"it": Failed("locked")}


@pytest.fixture(params=["page limit", "small disk"])
def cramped(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A SQLite database without room for more than a few decisions."""
    if request.param == "page limit":
        with _migrated(tmp_path / "safety.db") as engine:

            @event.listens_for(engine, "connect")
            def limit(connection: sqlite3.Connection, _record: object) -> None:
                (pages,) = connection.execute("PRAGMA page_count").fetchone()
                connection.execute(f"PRAGMA max_page_count = {pages + 20}")

            engine.dispose()  # so that every connection is a limited one
            yield engine
        return
    with small_disk(tmp_path / "disk", "1m") as folder, _migrated(folder / "safety.db") as engine:
        yield engine


def test_a_full_disk_fails_whole_entries_and_keeps_every_acknowledged_one(cramped: Engine) -> None:
    entries = [an_entry(facts=b"x" * 20_000, item=an_item(f"itm_{number}")) for number in range(60)]
    alarms = Answers()
    with a_ledger(cramped, on_trouble=lambda word: alarms.arrive(word, Failed(word))) as writer:
        results = {entry.id: append_all(writer, [entry])[0] for entry in entries}
        assert writer.trouble == "full"
    written = {key for key, result in results.items() if result == Written()}
    assert set(results.values()) == {Written(), Failed("full")}
    assert set(alarms.results) == {"full"}
    cramped.dispose()
    with read(cramped) as connection:
        assert set(connection.execute(select(decisions.c.id)).scalars()) == written
        assert items.count_open(connection) == {"content": len(written)}


def test_the_ledger_recovers_when_there_is_room_again(tmp_path: Path) -> None:
    with _migrated(tmp_path / "safety.db") as engine:
        held: list[sqlite3.Connection] = []
        event.listen(engine, "connect", lambda raw, _record: held.append(raw))
        engine.dispose()
        with a_ledger(engine) as writer:
            assert append_all(writer, [an_entry()]) == [Written()]
            raw = held[-1]
            raw.execute("PRAGMA max_page_count = 1")
            assert append_all(writer, [an_entry(facts=b"x" * 90_000)]) == [Failed("full")]
            raw.execute("PRAGMA max_page_count = 100000")
            assert append_all(writer, [an_entry()]) == [Written()]
            assert writer.trouble is None


def test_a_kill_in_the_middle_loses_no_acknowledged_entry(database_url: str) -> None:
    acknowledged: set[str] = set()
    for _ in range(3):
        acknowledged |= _append_until_killed(database_url, at_least=150)
    engine = open_engine(database_url)
    with read(engine) as connection:
        stored = set(connection.execute(select(decisions.c.id)).scalars())
        born = connection.execute(select(func.count(decisions.c.item_id))).scalar_one()
        assert items.count_open(connection) == {"content": born}
    engine.dispose()
    assert len(acknowledged) >= 450
    assert acknowledged <= stored


def _append_until_killed(url: str, at_least: int) -> set[str]:
    command = [sys.executable, str(WORKER), url]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(  # noqa: S603  only words from this file
        command, stdout=subprocess.PIPE, text=True, env=environment
    ) as child:
        assert child.stdout is not None
        seen = []
        for line in child.stdout:
            seen.append(line)
            if len(seen) == at_least:
                child.send_signal(signal.SIGKILL)
    # The last line may have been cut by the kill.
    return {line.strip() for line in seen if line.endswith("\n")}


def test_a_connection_that_died_while_idle_costs_nobody_an_entry(postgres_engine: Engine) -> None:
    with a_ledger(postgres_engine) as writer:
        assert append_all(writer, [an_entry()]) == [Written()]
        _cut_connections(postgres_engine)
        assert append_all(writer, [an_entry()]) == [Written()]


def test_a_commit_whose_answer_is_lost_is_looked_up_before_anything_is_said(
    postgres_engine: Engine,
) -> None:
    """The server commits, and the connection dies before it can say so."""
    lost: list[object] = []

    @event.listens_for(postgres_engine, "commit")
    def lose_the_answer(connection: object) -> None:
        if not lost:
            lost.append(connection)
            driver = connection.connection.driver_connection  # type: ignore[attr-defined]
            driver.commit()
            driver.close()

    entry = an_entry(item=an_item("itm_1"))
    with a_ledger(postgres_engine) as writer:
        assert append_all(writer, [entry]) == [Written()]
    assert lost
    with read(postgres_engine) as connection:
        assert [stored.id for stored in ledger.recent(connection, "acme")] == [entry.id]
        assert items.count_open(connection) == {"content": 1}


def test_a_commit_that_was_cut_before_it_began_is_done_again(postgres_engine: Engine) -> None:
    cut: list[object] = []

    @event.listens_for(postgres_engine, "commit")
    def cut_off(connection: object) -> None:
        if not cut:
            cut.append(connection)
            connection.connection.driver_connection.close()  # type: ignore[attr-defined]

    entry = an_entry()
    with a_ledger(postgres_engine) as writer:
        assert append_all(writer, [entry]) == [Written()]
    with read(postgres_engine) as connection:
        assert [stored.id for stored in ledger.recent(connection, "acme")] == [entry.id]


def test_a_server_that_is_gone_fails_entries_and_its_return_is_noticed(
    postgres_cluster: Cluster, postgres_engine: Engine
) -> None:
    before, during, after = an_entry(), an_entry(), an_entry()
    with a_ledger(postgres_engine) as writer:
        assert append_all(writer, [before]) == [Written()]
        postgres_cluster.control("stop", "-m", "immediate")
        try:
            assert append_all(writer, [during]) == [Failed("unreachable")]
            troubles = [writer.trouble]
        finally:
            postgres_cluster.control("start")
        assert append_all(writer, [after]) == [Written()]
        troubles.append(writer.trouble)
    assert troubles == ["unreachable", None]
    with read(postgres_engine) as connection:
        stored = {decision.id for decision in ledger.recent(connection, "acme")}
    assert stored == {before.id, after.id}


def _cut_connections(engine: Engine) -> None:
    database = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with suppress(psycopg.OperationalError), psycopg.connect(database, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@contextmanager
def _migrated(path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    yield engine
    engine.dispose()
