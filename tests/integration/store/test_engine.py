"""Opening, migrating, and what people read when that does not work."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.exc import IntegrityError

from safety.domain.errors import Unavailable
from safety.store.engine import migrate, open_engine, read, schema_is_current, write
from safety.store.tables import metadata, spent


def test_migrating_an_empty_database_makes_exactly_the_tables_that_the_code_describes(
    empty_database_url: str,
) -> None:
    engine = open_engine(empty_database_url)
    assert not schema_is_current(engine)
    migrate(engine)
    assert schema_is_current(engine)
    with read(engine) as connection:
        # What the database itself keeps for full-text search is in no description of ours.
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, *_: not _is_search(name)}
        )
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def _is_search(name: str | None) -> bool:
    return name is not None and name.startswith("search_index")


def test_processes_that_start_together_migrate_once(empty_database_url: str) -> None:
    engines = [open_engine(empty_database_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, engines))
    assert all(map(schema_is_current, engines))
    for engine in engines:
        engine.dispose()


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    with write(engine) as connection:
        connection.execute(insert(spent).values(signature="kept", expires_at=1.0))
    migrate(engine)
    with read(engine) as connection:
        assert connection.execute(select(spent.c.signature)).scalars().all() == ["kept"]


def test_what_is_written_before_an_error_is_not_kept(engine: Engine) -> None:
    def fail() -> None:
        with write(engine) as connection:
            connection.execute(insert(spent).values(signature="lost", expires_at=1.0))
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with read(engine) as connection:
        assert connection.execute(select(spent)).all() == []


def test_two_writers_that_read_first_lose_no_update(engine: Engine) -> None:
    with write(engine) as connection:
        connection.execute(insert(spent).values(signature="sum", expires_at=0.0))
    is_postgres = engine.dialect.name == "postgresql"

    def add_one(_: int) -> None:
        with write(engine) as connection:
            query = select(spent.c.expires_at)
            value = connection.execute(
                query.with_for_update() if is_postgres else query
            ).scalar_one()
            connection.execute(spent.update().values(expires_at=value + 1))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add_one, range(60)))
    with read(engine) as connection:
        assert connection.execute(select(spent.c.expires_at)).scalar() == 60


def test_a_broken_constraint_stays_what_it_is(engine: Engine) -> None:
    row = {"signature": "one", "expires_at": 1.0}
    with pytest.raises(IntegrityError), write(engine) as connection:
        connection.execute(insert(spent), [row, row])


def test_a_database_without_tables_is_explained(empty_database_url: str) -> None:
    engine = open_engine(empty_database_url)
    with pytest.raises(Unavailable, match="migrate it"), read(engine) as connection:
        connection.execute(select(spent))
    engine.dispose()


def test_sqlite_waits_for_the_disk_as_told(tmp_path: Path) -> None:
    for level, number in (("full", 2), ("normal", 1)):
        engine = open_engine(f"sqlite:///{tmp_path / 'safety.db'}", synchronous=level)
        with read(engine) as connection:
            assert connection.execute(text("PRAGMA synchronous")).scalar() == number
            assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
            assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        engine.dispose()


def test_what_would_be_done_again_waits_for_no_disk_and_nothing_else_shares_that(
    tmp_path: Path,
) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'safety.db'}")

    def level(*, is_redone: bool) -> int:
        with write(engine, is_redone=is_redone) as connection:
            return int(connection.execute(text("PRAGMA synchronous")).scalar_one())

    for _ in range(20):  # whatever connection of the pool it is
        assert level(is_redone=True) == 1
        assert level(is_redone=False) == 2
    with pytest.raises(ZeroDivisionError), write(engine, is_redone=True):
        raise ZeroDivisionError
    assert level(is_redone=False) == 2
    engine.dispose()


def test_a_new_file_is_for_its_owner_only(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'safety.db'}")
    migrate(engine)
    with write(engine) as connection:
        connection.execute(insert(spent).values(signature="one", expires_at=1.0))
        modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    assert modes == dict.fromkeys(("safety.db", "safety.db-shm", "safety.db-wal"), 0o600)
    engine.dispose()


def test_a_missing_folder_is_named_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "safety.db"
    with pytest.raises(Unavailable, match="does not exist") as caught:
        open_engine(f"sqlite:///{path}")
    assert str(path) in caught.value.detail


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("buy milk, and then some more milk, and so on for a hundred bytes " * 20)
    with pytest.raises(Unavailable, match="not a SQLite database"):
        open_engine(f"sqlite:///{path}")


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="may not write"):
        open_engine(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("mysql://localhost/safety", "starts with sqlite"),
        ("not a url", "cannot be read"),
    ],
)
def test_a_url_that_cannot_work_is_explained(url: str, words: str) -> None:
    with pytest.raises(Unavailable, match=words):
        open_engine(url)


def test_an_unknown_level_of_durability_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="full or normal"):
        open_engine(f"sqlite:///{tmp_path / 'safety.db'}", synchronous="off")


def test_a_server_that_is_not_there_is_unavailable_and_says_nothing_secret(tmp_path: Path) -> None:
    engine = open_engine(f"postgresql://mo:hunter2@/safety?host={tmp_path}")
    with pytest.raises(Unavailable) as caught, read(engine):
        pass
    assert caught.value.detail == "The database cannot be reached."
    assert caught.value.retry_after == 1
    engine.dispose()
