"""Fixtures for tests that go through HTTP only."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from safety.app import create_app
from safety.config import Settings
from safety.domain.access import Scope
from tests.live import ALL_SCOPES, a_key

# A shell that runs the tests in the background lets them, and all that they start, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass(slots=True)
class Api:
    """A running application, a client without a key, and keys to choose from."""

    client: TestClient
    settings: Settings
    key: str
    user_key: str
    test_key: str
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.headers = bearer(self.key)


def bearer(key: str) -> dict[str, str]:
    """The header that carries a key."""
    return {"Authorization": f"Bearer {key}"}


def an_api(folder: Path) -> Iterator[Api]:
    """Start an application in this process and stop it afterwards."""
    settings = Settings(
        data_dir=folder / "data", rules_poll_seconds=0.05, challenge_cost=1, undo_seconds=0
    )
    keys = {
        "key": a_key(settings, scopes=ALL_SCOPES),
        "user_key": a_key(settings, scopes=[Scope.READ, Scope.DECIDE]),
        "test_key": a_key(settings, is_test=True),
    }
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        yield Api(client, settings, **keys)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    yield from an_api(tmp_path_factory.mktemp("api"))
