"""The README's first screen says what the service really answers."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from safety.app import create_app
from safety.config import Settings
from tests.live import ROOT, a_key

# These differ from one answer to the next, or whenever a rule is edited.
CHANGING = ("id", "ruleset", "decided_at", "took_ms")

Json = dict[str, Any]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[TestClient]:
    settings = Settings.model_construct(data_dir=tmp_path)
    headers = {"Authorization": f"Bearer {a_key(settings)}"}
    with TestClient(create_app(settings), headers=headers) as client:
        yield client


@pytest.fixture(scope="module")
def readme() -> str:
    return (ROOT / "README.md").read_text("utf-8")


def steady(answer: Json) -> Json:
    """What two answers to the same event have in common."""
    item = answer["item"] and {"queue": answer["item"]["queue"]}
    kept = {name: value for name, value in answer.items() if name not in CHANGING}
    return kept | {"item": item}


def test_the_readmes_curl_gives_the_answer_printed_there(service: TestClient, readme: str) -> None:
    (asked,) = re.findall(r"curl .*? -d '(\{.*?\})'\n```", readme, re.DOTALL)
    (printed,) = re.findall(r"^```json\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    answer = service.post("/v1/decisions", json=json.loads(asked))
    assert answer.status_code == 200
    assert list(answer.json()) == list(json.loads(printed))
    assert steady(answer.json()) == steady(json.loads(printed))
