"""A database: open it, bring its tables up to date, and the two kinds of transactions."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from safety.domain.errors import Unavailable
from safety.store.opening import IMMEDIATE, open_engine, unsynced
from safety.store.trouble import Trouble, trouble_of
from safety.store.writing_turn import writing_turn

__all__ = ["migrate", "open_engine", "read", "schema_is_current", "write"]

_RETRY_AFTER_SECONDS: Final = 1
_SCRIPTS: Final = Path(__file__).parent / "migrations"
# Any number will do, as long as nobody else on the server takes the same for another purpose.
_MIGRATION_LOCK: Final = 7_233_842_001

_ALL_BUSY: Final = "Every connection to the database is busy."
_SENTENCES: Final = {
    Trouble.LOCKED: "The database is locked by somebody else.",
    Trouble.FULL: "The database has no space left.",
    Trouble.IO: "The database's disk reports an error.",
    Trouble.CORRUPT: "The database is damaged.",
    Trouble.UNREACHABLE: "The database cannot be reached.",
    Trouble.OUTDATED: "The database's tables are missing or of another version; migrate it.",
}


@contextmanager
def write(engine: Engine, *, is_redone: bool = False) -> Iterator[Connection]:
    """One transaction that may write: committed at the end, rolled back if anything is raised.

    On SQLite it holds the write lock from the start, so what it reads cannot change before it
    writes. Think first, then open one. `is_redone` says that it would be done again if a power cut
    took it back: then nobody waits for the disk. Raises `Unavailable` when the database cannot.
    """
    # The turn first: whoever waits for it must not keep a connection from those who read.
    with _explained(), writing_turn(engine), engine.connect() as plain:
        connection = plain.execution_options(**{IMMEDIATE: True})
        with unsynced(connection) if is_redone else nullcontext(), connection.begin():
            yield connection


@contextmanager
def read(engine: Engine) -> Iterator[Connection]:
    """One transaction that only reads. Raises `Unavailable` when the database cannot."""
    with _explained(), engine.connect() as connection, connection.begin():
        yield connection


def migrate(engine: Engine) -> None:
    """Create or upgrade the tables. Others that try at the same time wait and find it done.

    Raises `Unavailable` when the database cannot be reached or stays locked.
    """
    if schema_is_current(engine):
        return
    with write(engine) as connection:
        if connection.dialect.name == "postgresql":
            # SQLite's write transaction is a lock already.
            connection.execute(text("SET LOCAL lock_timeout = '60s'"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
        command.upgrade(_config(connection), "head")


def schema_is_current(engine: Engine) -> bool:
    """Whether the tables are those of this version. Raises `Unavailable` when nobody answers."""
    heads = set(ScriptDirectory.from_config(_config()).get_heads())
    with read(engine) as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) == heads


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what a caller can only wait for into `Unavailable`."""
    try:
        yield
    except PoolTimeout as error:
        raise Unavailable(_ALL_BUSY, retry_after=_RETRY_AFTER_SECONDS) from error
    except DBAPIError as error:
        sentence = _SENTENCES.get(trouble_of(error))
        if sentence is None:
            raise
        raise Unavailable(sentence, retry_after=_RETRY_AFTER_SECONDS) from error
