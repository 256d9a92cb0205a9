"""Steering over a real database, with a few rules of our own in force."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copy

import pytest
from sqlalchemy import Engine

from safety.store.engine import migrate, open_engine
from tests.controlled_rules import RULES, a_rule
from tests.factories import NOW, a_rules_folder
from tests.steering_bench import Bench

QUIET = a_rule(
    "quiet",
    "content.length > 90",
    "{verdict: block, reason: QUIET}",
    "{content.length: 99}",
    "{content.length: 2}",
    rollout="{mode: shadow}",
)


@dataclass(slots=True)
class Clock:
    """A clock that a test moves."""

    at: float = NOW

    def __call__(self) -> float:
        return self.at


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the current tables, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "safety.db"
    engine = open_engine(f"sqlite:///{path}", synchronous="normal")
    migrate(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture
def engine(empty_file: Path, tmp_path: Path) -> Iterator[Engine]:
    """SQLite alone; where the statements are what is tested, a module asks for both databases."""
    copy(empty_file, tmp_path / "safety.db")
    opened = open_engine(f"sqlite:///{tmp_path / 'safety.db'}", synchronous="normal")
    yield opened
    opened.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bench(engine: Engine, clock: Clock, tmp_path: Path) -> Bench:
    folder = a_rules_folder(tmp_path, f"{RULES}---\n{QUIET}")
    (folder / "lists" / "deny_domains.txt").write_text("spam.example\nscam.example\n")
    return Bench(engine, clock, folder, tmp_path / "segments", alone=3)
