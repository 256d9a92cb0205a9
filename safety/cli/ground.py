"""What a command stands on: settings, secrets and an open database."""

import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from safety.config import Secrets, Settings, load_settings
from safety.store.engine import migrate, open_engine, schema_is_current

_ID_BYTES = 12


class UnpreparedError(Exception):
    """Something must be set up first; the message says how."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The open parts of one installation."""

    settings: Settings
    secrets: Secrets
    engine: Engine

    @property
    def audit_key(self) -> bytes:
        """What binds the rows of the audit log."""
        return self.secrets["audit"]


def own_name() -> str:
    """How a person at this prompt calls this command: by its name, or by its path if need be."""
    name = "safety-gate"
    beside = Path(sys.executable).with_name(name)
    if shutil.which(name) or not beside.exists():
        return name
    return os.path.relpath(beside)


def now() -> float:
    """The time in Unix seconds."""
    return time.time()


def new_id(prefix: str) -> str:
    """An id of what a command makes, such as `acc_5f2c...`."""
    return f"{prefix}_{secrets.token_hex(_ID_BYTES)}"


def operator() -> str:
    """Who runs this command, for the audit log: the login name, as the system gives it."""
    return f"command:{os.environ.get('USER') or os.getuid()}"


@contextmanager
def installed() -> Iterator[Ground]:
    """An installation whose tables are current. Raises `UnpreparedError` if it is not."""
    settings = load_settings()
    if not settings.secrets_file.exists():
        raise UnpreparedError(
            f"There is no installation in {settings.data_dir.resolve()}: start one with "
            "`safety-gate run` or `safety-gate db migrate`, or set SAFETY_DATA_DIR."
        )
    with _opened(settings) as ground:
        if not schema_is_current(ground.engine):
            raise UnpreparedError(
                "The database's tables are not of this version: run `safety-gate db migrate`."
            )
        yield ground


@contextmanager
def prepared(settings: Settings) -> Iterator[Ground]:
    """An installation, made on first use: folder (0700), secrets (0600) and current tables."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _opened(settings) as ground:
        migrate(ground.engine)
        yield ground


@contextmanager
def _opened(settings: Settings) -> Iterator[Ground]:
    secrets = Secrets.load_or_create(settings.secrets_file)
    engine = open_engine(settings.resolved_database_url, synchronous=settings.sqlite_synchronous)
    try:
        yield Ground(settings, secrets, engine)
    finally:
        engine.dispose()
