"""The README's commands get the answers that are printed below them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from starlette.testclient import TestClient

from safety.app import create_app
from safety.config import Settings
from tests.live import ROOT, a_key

# These differ from one answer to the next, or whenever a rule is edited.
CHANGING = ("id", "created_at", "ruleset", "decided_at", "took_ms")
SHORTENED = "..."
_EXAMPLE = re.compile(
    r"^```sh\ncurl -s http://[\d.:]+(\S+) .*?-d '(\{.*?\})'\n```\n(.*?)^```json\n(.*?)^```",
    re.DOTALL | re.MULTILINE,
)

Json = dict[str, Any]


class Example(NamedTuple):
    """A curl command and the answer that stands below it."""

    path: str
    body: str
    between: str
    answer: str


@pytest.fixture
def service(tmp_path: Path) -> Iterator[TestClient]:
    settings = Settings.model_construct(data_dir=tmp_path)
    headers = {"Authorization": f"Bearer {a_key(settings)}"}
    with TestClient(create_app(settings), headers=headers) as client:
        yield client


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    readme = (ROOT / "README.md").read_text("utf-8")
    found = [Example(*match) for match in _EXAMPLE.findall(readme)]
    assert len(found) == readme.count("curl -s")
    return found


def steady(answer: Any) -> Any:
    """What two answers to the same question have in common."""
    if not isinstance(answer, dict):
        return answer
    return {name: steady(value) for name, value in answer.items() if name not in CHANGING}


def as_short_as(printed: Json, answer: Json) -> Json:
    """The answer without what the printed one leaves out, where it says that it does."""
    kept = answer
    if SHORTENED in printed:
        kept = {name: value for name, value in answer.items() if name in printed}
        kept[SHORTENED] = printed[SHORTENED]
    return {
        name: as_short_as(printed[name], value) if isinstance(printed.get(name), dict) else value
        for name, value in kept.items()
    }


def test_the_readmes_curls_get_the_answers_printed_there(
    service: TestClient, examples: list[Example]
) -> None:
    assert [each.path for each in examples] == ["/v1/decisions", "/v1/accounts", "/v1/sessions"]
    for example in examples:
        assert "```" not in example.between
        printed = json.loads(example.answer)
        answer = service.post(example.path, json=json.loads(example.body))
        assert answer.status_code == printed.get("status", 200)
        shown = as_short_as(printed, answer.json())
        assert list(shown) == list(printed)
        assert steady(shown) == steady(printed)
