"""Opening a database file or a connection to a server, and what to say when that fails."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from safety.domain.errors import Unavailable
from safety.store.trouble import Trouble, trouble_of

# The execution option of a connection whose transactions hold SQLite's write lock from the start.
IMMEDIATE: Final = "safety_immediate"

# How long an ordinary transaction waits for a lock that somebody else holds.
LOCK_WAIT_MS: Final = 5000

_POSTGRES_ARGUMENTS: Final[dict[str, Any]] = {
    "connect_timeout": 5,  # seconds
    "application_name": "safety-gate",
    # A server that went silent is noticed in about 15 s instead of minutes.
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 15_000,  # milliseconds
}


def open_engine(url: str, *, synchronous: str = "full") -> Engine:
    """Open `sqlite:////absolute/path`, `sqlite:///relative/path` or `postgresql://...`.

    `synchronous` is for SQLite: `full` survives a power cut, `normal` only a crashed process and
    is faster. Raises `Unavailable` with what to do about it. A file that is missing is created; a
    server is asked only when the first transaction opens.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed, synchronous)
    return _open_postgres(parsed)


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise Unavailable(
            "The database URL cannot be read; it looks like sqlite:///data/safety.db or"
            " postgresql://user:password@host/name."
        ) from error
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise Unavailable(
            f"A database URL starts with sqlite:/// or postgresql://, not {parsed.drivername}://."
        )
    return parsed


def _open_sqlite(url: URL, synchronous: str) -> Engine:
    levels = {"full": "FULL", "normal": "NORMAL"}
    if synchronous not in levels:
        raise Unavailable(f"SQLite's synchronous is full or normal, not {synchronous!r}.")
    path = url.database
    if not path or path == ":memory:":
        raise Unavailable(
            "SQLite needs a file here, because several threads share the database; use a URL"
            " such as sqlite:///data/safety.db."
        )
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        pool_size=8,
        max_overflow=8,
        hide_parameters=True,  # they hold what users wrote, and errors are logged
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver would open transactions of its own too late
        connection.execute(f"PRAGMA busy_timeout = {LOCK_WAIT_MS}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten
        connection.execute(f"PRAGMA synchronous = {levels[synchronous]}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get(IMMEDIATE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    _check_file(engine, Path(path))
    return engine


@contextmanager
def unsynced(connection: Connection) -> Iterator[None]:
    """Have the next transaction of a SQLite connection survive a crashed process, no power cut.

    Its pages reach the disk with the next transaction that waits for it. Servers do as always.
    """
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        yield
        return
    (level,) = driver.execute("PRAGMA synchronous").fetchone()
    driver.execute("PRAGMA synchronous = NORMAL")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA synchronous = {level}")


def _check_file(engine: Engine, path: Path) -> None:
    """Open the file once, in write-ahead mode, which the file remembers.

    A new one is for this user only, as are the files that SQLite puts beside it.
    """
    raw = None
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        raw = engine.raw_connection()
        raw.cursor().execute("PRAGMA journal_mode = WAL")
    except (OSError, sqlite3.Error, DBAPIError) as error:
        engine.dispose()
        raise Unavailable(_file_advice(path, trouble_of(error))) from error
    finally:
        if raw is not None:
            raw.close()


def _file_advice(path: Path, trouble: Trouble) -> str:
    start = f"Cannot open the database file {path}: "
    folder = path.parent
    if not folder.is_dir():
        return f"{start}the folder does not exist. Create it, or set SAFETY_DATABASE_URL."
    if trouble is Trouble.CORRUPT:
        return f"{start}it is not a SQLite database. Set SAFETY_DATABASE_URL to another file."
    if trouble is Trouble.LOCKED:
        return f"{start}another program holds it locked. Stop that program and try again."
    if trouble is Trouble.FULL:
        return f"{start}the disk is full. Make room and try again."
    return (
        f"{start}this user may not write the file or its folder. Change their owner, or set"
        " SAFETY_DATABASE_URL to a place that is writable."
    )


def _open_postgres(url: URL) -> Engine:
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=8,
            max_overflow=8,
            pool_timeout=5,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args=_POSTGRES_ARGUMENTS,
        )
    except ImportError as error:
        raise Unavailable(
            "PostgreSQL needs the psycopg driver: pip install 'safety-gate[postgres]'."
        ) from error

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.execute(f"SET lock_timeout = {LOCK_WAIT_MS}")
        connection.commit()

    return engine
