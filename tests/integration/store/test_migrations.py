"""Each change of the tables keeps what is in them, on the way up and on the way down."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, MetaData, Text, inspect, text
from sqlalchemy.exc import IntegrityError

from safety.domain.access import ApiKey, Scope
from safety.store import keys, ledger, outbox
from safety.store.engine import _config, migrate, open_engine, read, schema_is_current, write
from safety.store.tables import metadata
from tests.integration.store.entries import NOW
from tests.integration.store.lives import live, places_of

KEY = {
    "id": "k1",
    "tenant": "acme",
    "name": "website",
    "secret_hash": bytes(32),
    "scopes": "decisions:write",
    "is_test": False,
    "created_at": NOW,
}
DECISION = {
    "id": "dec_before",
    "tenant": "acme",
    "event_id": "event_before",
    "event_type": "comment",
    "actor_id": "u_1",
    "verdict": 2,
    "decided_at": NOW,
    "event_time": NOW,
    "ruleset": "0123456789ab",
    "event": b"{}",
    "facts": b"{}",
    "signals": b"[]",
    "answer": b"{}",
    "item_id": "itm_1",
}
ITEM = {
    "id": "itm_1",
    "tenant": "acme",
    "decision_id": "dec_before",
    "queue": "content",
    "severity": 2,
    "reason": "SPAM_LINK",
    "event_type": "comment",
    "actor_id": "u_1",
    "verdict": 2,
    "created_at": NOW,
    "status": "open",
    "version": 1,
}


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    """A database with the tables of 0002 and rows in them."""
    opened = open_engine(empty_database_url)
    go_to(opened, "0002")
    with write(opened) as connection:
        for table, row in rows_of_0002():
            names = ", ".join(row)
            marks = ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), row)  # noqa: S608  our own names
    yield opened
    opened.dispose()


def rows_of_0002() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "api_keys", KEY
    yield "decisions", DECISION
    yield "items", ITEM
    yield "staff_links", {"link_hash": b"l", "purpose": "sign-in:mo", "expires_at": NOW}
    yield (
        "staff_sessions",
        {"token_hash": b"t", "staff": "mo", "csrf": "c", "created_at": NOW, "expires_at": NOW},
    )
    about = {"known": b'{"data":{"item_id":"itm_1"}}', "gone": b'{"data":{"item_id":"itm_2"}}'}
    odd = {"odd": b"[1]", "broken": b"{", "wrong": b'{"data":{"item_id":[]}}'}
    for name, body in (about | odd).items():
        yield "outbox", message(name, body)
    for number in range(1200):  # more than are read at once
        body = json.dumps({"data": {"item_id": "itm_1"}}).encode()
        yield "outbox", message(f"many_{number}", body)


def message(name: str, body: bytes) -> dict[str, Any]:
    sent = {"tenant": "acme", "kind": "item.resolved", "created_at": NOW, "due_at": NOW}
    return {"id": name, "body": body, "attempts": 0} | sent


def go_to(engine: Engine, revision: str) -> None:
    with write(engine) as connection:
        is_empty = MigrationContext.configure(connection).get_current_revision() is None
        go = command.upgrade if is_empty else command.downgrade
        go(_config(connection), revision)


def _comparing(connection: Connection) -> MigrationContext:
    """Compares tables; the search index has none that SQLAlchemy could describe."""

    def is_described(_thing: object, name: str | None, *_rest: object) -> bool:
        return not (name or "").startswith("search_index")

    return MigrationContext.configure(connection, opts={"include_object": is_described})


def shape(engine: Engine) -> dict[str, Any]:
    """Every table with its columns, keys and indexes, as the database describes them."""
    known = MetaData()
    known.reflect(engine)
    seen = inspect(engine)
    return {
        name: (
            sorted(
                (column["name"], str(column["type"]), column["nullable"])
                for column in seen.get_columns(name)
            ),
            seen.get_pk_constraint(name)["constrained_columns"],
            sorted(str(each["column_names"]) for each in seen.get_unique_constraints(name)),
            sorted(str(each["name"]) for each in seen.get_indexes(name)),
        )
        for name in sorted(known.tables)
    }


def test_accounts_come_without_losing_what_was_kept(engine: Engine) -> None:
    migrate(engine)
    assert schema_is_current(engine)
    with read(engine) as connection:
        assert compare_metadata(_comparing(connection), metadata) == []
        assert keys.get_key(connection, "k1") == ApiKey(
            "k1", "acme", "website", bytes(32), frozenset({Scope.DECIDE}), False, NOW
        )
        assert ledger.get(connection, "acme", "dec_before") is not None
        waiting = {each.id: each for each in outbox.pending(connection, limit=2000)}
    assert len(waiting) == 1205
    assert {each.subject for name, each in waiting.items() if name.startswith("many")} == {"u_1"}
    named = {name: each.subject for name, each in waiting.items() if not name.startswith("many")}
    assert named == {"known": "u_1", "gone": "", "odd": "", "broken": "", "wrong": ""}
    assert not any(each.sealed for each in waiting.values())


def test_the_ledger_stays_guarded(engine: Engine) -> None:
    migrate(engine)
    with pytest.raises(IntegrityError, match="append-only"), write(engine) as connection:
        connection.execute(text("DELETE FROM decisions"))


def test_the_way_back_leaves_the_tables_of_before_with_their_rows(engine: Engine) -> None:
    before = shape(engine)
    migrate(engine)
    live(engine, "acme", "acc_mia")
    with write(engine) as connection:
        connection.execute(text("UPDATE outbox SET dead_at = 1 WHERE id = 'odd'"))
        connection.execute(text("UPDATE outbox SET sealed = true WHERE id = 'broken'"))
    go_to(engine, "0002")
    assert shape(engine) == before
    with read(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM api_keys")).scalar() == 1
        assert connection.execute(text("SELECT count(*) FROM decisions")).scalar() == 3
        left = text("SELECT id FROM outbox WHERE id NOT LIKE 'many%'").columns(id=Text)
        names = set(connection.execute(left).scalars())
    assert names == {"known", "gone", "wrong", "msg_acme_acc_mia"}


def test_there_and_back_and_there_again(engine: Engine) -> None:
    migrate(engine)
    after = shape(engine)
    go_to(engine, "0002")
    migrate(engine)
    assert shape(engine) == after
    live(engine, "acme", "acc_mia")
    assert "accounts" in places_of(engine, "acc_mia")


def test_everything_can_be_taken_back_to_an_empty_database(engine: Engine) -> None:
    migrate(engine)
    go_to(engine, "base")
    assert set(shape(engine)) == {"alembic_version"}
