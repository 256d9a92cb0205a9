"""What a service writes while it works and fails: never a secret, never what users wrote."""

import json
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from safety.accounts.members import Members
from safety.cli.ground import new_id
from safety.config import Secrets
from safety.domain.access import Role
from safety.store.engine import open_engine
from tests.factories import an_event
from tests.live import Live, a_service

OURS = {"Sec-Fetch-Site": "same-origin"}
WRONG_KEY = f"sg_live_{'0' * 16}_{'f' * 64}"
WRONG_LINK = f"ana.{'Zz9' * 14}Z"
TEXT, EMAIL, ADDRESS = "meet me behind the old mill", "mia@mill.example", "203.0.113.77"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "service.log"


@pytest.fixture
def service(tmp_path: Path, log: Path) -> Iterator[Live]:
    live = a_service(tmp_path, is_test=True, SAFETY_LOG_LEVEL="debug").start(log)
    yield live
    live.stop()


def a_link(service: Live) -> str:
    engine = open_engine(service.settings.resolved_database_url)
    key = Secrets.load_or_create(service.settings.secrets_file)["audit"]
    members = Members(engine, time.time, new_id, key)
    token = members.sign_in_link("ana", Role.MODERATOR, "test")
    engine.dispose()
    return token


def break_database(service: Live) -> None:
    """From now on every query for an item or a session fails and quotes its parameters."""
    with closing(sqlite3.connect(service.settings.data_dir / "safety.db")) as connection:
        connection.execute("DROP TABLE sessions")
        connection.execute("ALTER TABLE decisions RENAME TO gone")
        connection.commit()


def use(service: Live, link: str) -> set[str]:
    """Do what a platform, a moderator and a burglar do; give the secrets met on the way."""
    event = an_event(
        id="held",
        actor={"id": "safety-test-hold", "email": EMAIL},
        content={"text": TEXT},
        net={"ip": ADDRESS},
    )
    with httpx2.Client(base_url=service.url, trust_env=False) as client:
        decision = client.post("/v1/decisions", json=event, headers=service.headers)
        assert decision.json()["item"]
        wrong = {"Authorization": f"Bearer {WRONG_KEY}"}
        assert client.post("/v1/decisions", json=event, headers=wrong).status_code == 401
        client.post("/v1/decisions", content=f'{{"text": "{TEXT}', headers=service.headers)
        client.get(f"/desk/sign-in?token={link}")
        page = client.post(
            "/desk/sign-in", data={"token": link}, headers=OURS, follow_redirects=True
        )
        (csrf,) = re.findall(r'name="csrf" value="([^"]+)"', page.text)[:1]
        answers = [
            client.post("/desk/sign-in", data={"token": WRONG_LINK}, headers=OURS).status_code
            for _ in range(12)
        ]
        assert answers[-1] == 429
        break_database(service)
        assert client.get("/desk").status_code == 503
        later = client.post("/v1/decisions", json=event | {"id": "2"}, headers=service.headers)
        assert later.json()["degraded"]
        return {csrf, *client.cookies.values()}


def test_no_secret_and_no_content_reaches_the_log(service: Live, log: Path) -> None:
    link = a_link(service)
    met = use(service, link)
    service.stop()
    kept = json.loads(service.settings.secrets_file.read_text()).values()
    keys = {part for key in (service.key, WRONG_KEY) for part in (key, key.rpartition("_")[2])}
    links = {part for token in (link, WRONG_LINK) for part in (token, token.partition(".")[2])}
    written = log.read_text()
    forbidden = keys | links | met | set(kept) | {TEXT, EMAIL, ADDRESS}
    assert [each for each in forbidden if each in written] == []
    lines = [json.loads(line) for line in written.splitlines()]
    events = {line["event"] for line in lines}
    assert events >= {"staff_signed_in", "ledger_write_failed"}, written
