"""Bad luck: killed, out of disk, a broken model. What was answered stays, and answers go on."""

import threading
from pathlib import Path
from shutil import copytree

import httpx2
from starlette.testclient import TestClient

from safety.app import create_app
from safety.assets import shipped
from safety.config import Settings
from tests.factories import Json, an_event
from tests.live import Live, a_key, a_service
from tests.small_disk import resize, small_disk

CALLERS = 8


def test_no_answered_decision_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    service = a_service(tmp_path).start()
    answered: dict[str, bytes] = {}
    in_doubt: set[str] = set()

    def call(caller: int) -> None:
        with httpx2.Client(base_url=service.url, headers=service.headers) as client:
            for number in range(10_000):
                name = f"{caller}-{number}"
                try:
                    response = client.post("/v1/decisions", json=event_of(name))
                except httpx2.HTTPError:
                    in_doubt.add(name)
                    return
                assert response.status_code == 200
                answered[name] = response.content

    threads = [threading.Thread(target=call, args=(n,)) for n in range(CALLERS)]
    for thread in threads:
        thread.start()
    wait_until_busy(answered)
    service.kill()
    for thread in threads:
        thread.join()
    service.start()
    try:
        retry_all(service, answered, in_doubt)
    finally:
        service.stop()


def event_of(name: str) -> Json:
    return an_event(id=name, actor={"id": f"u{name}"})


def wait_until_busy(answered: dict[str, bytes]) -> None:
    while len(answered) < 400:
        threading.Event().wait(0.01)


def retry_all(service: Live, answered: dict[str, bytes], in_doubt: set[str]) -> None:
    with httpx2.Client(base_url=service.url, headers=service.headers) as client:
        for name, first in answered.items():
            assert client.post("/v1/decisions", json=event_of(name)).content == first
        for name in in_doubt:
            once = client.post("/v1/decisions", json=event_of(name)).content
            assert client.post("/v1/decisions", json=event_of(name)).content == once


def test_a_full_disk_gets_the_fail_policy_and_loses_nothing_answered(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "2m") as disk:
        service = a_service(disk).start()
        try:
            kept = fill_up(service)
            resize(disk, "200m")
            retry_all(service, kept, in_doubt={"after"})
        finally:
            service.stop()


def fill_up(service: Live) -> dict[str, bytes]:
    """Ask until the disk is full; the answers that were kept, by event id."""
    kept: dict[str, bytes] = {}
    with httpx2.Client(base_url=service.url, headers=service.headers) as client:
        for number in range(5_000):
            name = str(number)
            response = client.post("/v1/decisions", json=event_of(name))
            assert response.status_code == 200
            answer = response.json()
            if not answer["stored"]:
                assert (answer["degraded"], answer["fail_policy"]) == (["ledger"], "open")
                assert client.get("/readyz").json()["problems"] == {"ledger": "full"}
                assert client.get("/healthz").status_code == 200
                return kept
            kept[name] = response.content
    raise AssertionError("the disk was not full")


def test_a_corrupt_model_leaves_its_score_unknown_and_the_service_degraded(
    tmp_path: Path,
) -> None:
    models = tmp_path / "models"
    copytree(shipped("models"), models)
    weights = max(models.glob("spam/*/weights.npz"))  # the newest version, which is live
    damaged = bytearray(weights.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    weights.write_bytes(damaged)
    settings = Settings(data_dir=tmp_path / "data", models_dir=models)
    headers = {"Authorization": f"Bearer {a_key(settings)}"}
    with TestClient(create_app(settings), headers=headers) as client:
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
        assert "spam" in ready.json()["problems"]["models"]
        answer = client.post("/v1/decisions", json=an_event()).json()
        assert answer["degraded"] == ["score.spam"]
        assert "spam" not in answer["scores"]
        assert "spam" not in answer["models"]
        assert answer["fail_policy"] == "open"
