"""Real databases: every test that asks for `engine` runs on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from safety.store.engine import migrate, open_engine
from tests.postgres import MISSING, Cluster, find_binaries, running_cluster


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    binaries = find_binaries()
    if binaries is None:
        pytest.skip(MISSING)
    with running_cluster(binaries) as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'safety.db'}"
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    with cluster.database(migrated=False) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with the current tables and nothing in them."""
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres_cluster")
        with cluster.database() as url:
            yield url
        return
    url = f"sqlite:///{tmp_path / 'safety.db'}"
    engine = open_engine(url)
    migrate(engine)
    engine.dispose()
    yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An open database with the current tables."""
    opened = open_engine(database_url)
    yield opened
    opened.dispose()
