"""A PostgreSQL server of the tests' own, started from the binaries that the system has."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

from safety.store.engine import migrate, open_engine
from safety.store.tables import metadata

MISSING = "PostgreSQL's initdb and pg_ctl are not installed (Debian: apt-get install postgresql)"
_SECONDS = 60


def find_binaries() -> Path | None:
    """The folder with `initdb` and `pg_ctl`, the newest version first; Debian keeps it aside."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: float(folder.parent.name),
        reverse=True,
    )
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@dataclass
class Cluster:
    """A running server that listens on a socket in its folder and nowhere else."""

    folder: Path
    binaries: Path
    user: str | None
    _free: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str) -> str:
        """Where a database is, as the service is told."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    @contextmanager
    def database(self, *, migrated: bool = True) -> Iterator[str]:
        """The URL of a database of one's own, with the current tables or none at all.

        To make a database takes the server longer than most tests do: one with tables is emptied
        afterwards and lent again, so a test that changes tables asks for one without any.
        """
        name = self._free.pop() if migrated and self._free else self._new(migrated=migrated)
        yield self.url(name)
        if migrated:
            self._empty(name)
            self._free.append(name)
        else:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
            with self._connect("postgres") as connection:
                connection.execute(drop.format(sql.Identifier(name)))

    def control(self, *arguments: str) -> None:
        """Run `pg_ctl` on this server, such as `control("restart", "-m", "immediate")`."""
        folder = str(self.folder / "data")
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", folder, "-l", log, "-w", "-s", *arguments)

    def initialise(self) -> None:
        """Make the server's files, for tests: what a power cut would lose does not matter."""
        data = self.folder / "data"
        self._run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N")
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(
                f"listen_addresses = ''\nunix_socket_directories = '{self.folder}'\n"
                "fsync = off\nfull_page_writes = off\nmax_connections = 100\n"
                "shared_buffers = 32MB\nautovacuum = off\n"
            )

    def _new(self, *, migrated: bool) -> str:
        name = f"test_{next(self._numbers)}"
        with self._connect("postgres") as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        if migrated:
            engine = open_engine(self.url(name))
            migrate(engine)
            engine.dispose()
        return name

    def _empty(self, name: str) -> None:
        tables = sql.SQL(", ").join(map(sql.Identifier, metadata.tables))
        with self._connect(name) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            # As a replica the server runs no triggers, and those of the ledger would refuse.
            connection.execute("SET session_replication_role = replica")
            connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(tables))

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.folder), user="postgres", dbname=database, autocommit=True
        )

    def _run(self, program: str, *arguments: str) -> None:
        # The server refuses to run as root, so root steps down to another user for it.
        subprocess.run(  # noqa: S603  the system's own programs
            [self.binaries / program, *arguments],
            check=True,
            cwd=self.folder,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            user=self.user,
            group=self.user,
            extra_groups=None if self.user is None else [],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=_SECONDS,
        )


@contextmanager
def running_cluster(binaries: Path) -> Iterator[Cluster]:
    """A fresh server that is gone, files and all, at the end."""
    # A socket's path holds hardly more than a hundred bytes, and pytest's folders are deep.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    user = "postgres" if os.geteuid() == 0 else None
    if user is not None:
        shutil.chown(folder, user, user)
    cluster = Cluster(folder, binaries, user)
    try:
        cluster.initialise()
        cluster.control("start")
        try:
            yield cluster
        finally:
            cluster.control("stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
