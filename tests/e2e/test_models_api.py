"""Models in a whole service: a version in shadow beside live decisions, and the API about them."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from safety.app import create_app
from safety.classifiers.shelf import Shelf
from safety.config import Secrets, Settings
from safety.decisions.model_versions import By, ModelVersions
from safety.store.engine import open_engine
from tests.e2e.conftest import bearer
from tests.factories import an_event
from tests.live import ALL_SCOPES, a_key
from tests.model_house import a_version, weights_for

Json = dict[str, Any]
PATIENCE = 10.0


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    a_version(tmp_path / "shipped", "1")
    a_version(tmp_path / "shipped", "2", weights=weights_for(["garden"]))
    settings = Settings(data_dir=tmp_path / "data", models_dir=tmp_path / "shipped")
    key = a_key(settings, scopes=ALL_SCOPES)
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as running:
        running.headers.update(bearer(key))
        yield running


@pytest.fixture
def versions(client: TestClient, tmp_path: Path) -> Iterator[ModelVersions]:
    """The versions as a command beside the service sees them."""
    settings = Settings(data_dir=tmp_path / "data", models_dir=tmp_path / "shipped")
    engine = open_engine(settings.resolved_database_url)
    audit_key = Secrets.load_or_create(settings.secrets_file)["audit"]
    shelf = Shelf(settings.models_dir, settings.site_models_dir)
    yield ModelVersions(engine, shelf, audit_key, time.time)
    engine.dispose()


def decide(client: TestClient, text: str, number: int) -> Json:
    event = an_event(id=f"event-{number}", content={"text": text})
    answered: Json = client.post("/v1/decisions", json=event).json()
    return answered


def until(found: Callable[[], Any]) -> Any:
    """What is found, once it is."""
    ends = time.monotonic() + PATIENCE
    while not (seen := found()):
        assert time.monotonic() < ends
        time.sleep(0.05)
    return seen


def test_a_shadow_is_scored_beside_the_answer_and_a_promotion_is_followed(
    client: TestClient, versions: ModelVersions
) -> None:
    before = decide(client, "win at the casino", 1)
    assert before["models"]["spam"] == "2", "the newest shipped version is live"
    versions.promote("spam", "1", By("ana"), shown={})
    versions.shadow("spam", "2", By("ana"))
    number = iter(range(2, 1000))
    live = until(
        lambda: (
            (a := decide(client, "win at the casino", next(number)))["models"]["spam"] == "1" and a
        )
    )
    assert live["scores"]["spam"] > 0.9
    said = until(lambda: client.get(f"/v1/decisions/{live['id']}").json()["shadow_scores"])
    assert said == [{"name": "spam", "version": "2", "score": pytest.approx(0.018, abs=0.05)}]
    assert "safety_model_shadow_compared" in client.get("/metrics").text
    ready = client.get("/readyz")
    assert ready.status_code == 200


def test_models_are_listed_and_rolled_back_over_http(
    client: TestClient, versions: ModelVersions
) -> None:
    versions.promote("spam", "1", By("ana", "calmer"), shown={}, is_forced=True)
    (spam,) = client.get("/v1/models").json()["models"]
    assert (spam["live"], spam["is_chosen"], spam["versions"]) == ("1", True, ["1", "2"])
    assert spam["threshold"] == 0.9
    assert (spam["changes"][0]["action"], spam["changes"][0]["is_forced"]) == ("promoted", True)
    back = client.post("/v1/models/spam:rollback", json={"why": "flags poems"}).json()
    assert (back["live"], back["is_chosen"]) == ("2", False)
    assert back["changes"][0]["author"].startswith("key:")
    again = client.post("/v1/models/spam:rollback", json={})
    assert again.status_code == 404
    assert client.post("/v1/models/SPAM:rollback", json={}).status_code == 422
    assert client.get("/v1/models", headers={"Authorization": ""}).status_code == 401
