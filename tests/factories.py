"""Plain functions that make the things tests talk about, good unless told otherwise."""

import json
from pathlib import Path
from typing import Any

from safety.assets import shipped
from safety.domain.features import Catalogue
from safety.ruleset.bundle import Bundle
from safety.ruleset.load import load_bundle

Json = dict[str, Any]

# 2026-11-22T17:00:00Z
NOW = 1_795_366_800.0

KEEP_POLICIES = """
spam.commercial:
  title: No unwanted advertising
  text: Do not advertise to people who did not ask.
  message: This looks like advertising.
"""


def an_event(**changes: Any) -> Json:
    """A friendly comment, as a platform sends it. Sections given replace the whole section."""
    event: Json = {
        "id": "comment-1",
        "type": "comment",
        "actor": {
            "id": "u_1",
            "name": "mia_b",
            "created_at": "2024-03-01T10:00:00Z",
            "email_verified": True,
            "followers": 120,
            "following": 180,
        },
        "target": {"id": "p_77", "kind": "post", "owner_id": "u_9"},
        "content": {"text": "lovely light in this one", "thread_id": "t_9"},
        "net": {"ip": "203.0.113.9"},
    }
    event.update(changes)
    return {name: value for name, value in event.items() if value is not None}


def raw(event: Json) -> bytes:
    """An event as bytes on the wire."""
    return json.dumps(event).encode()


def a_bundle(tmp_path: Path, rules: str = "", *, run_tests: bool = True) -> Bundle:
    """A ruleset of these rules alone, over the shipped catalogue, policies and lists."""
    folder = a_rules_folder(tmp_path, rules)
    return load_bundle([folder], run_tests=run_tests, at=NOW)


def a_rules_folder(tmp_path: Path, rules: str) -> Path:
    """A folder with these rules and everything that rules may cite."""
    folder = tmp_path / "rules"
    (folder / "lists").mkdir(parents=True, exist_ok=True)
    for name in ("features.yaml", "policies.yaml", "fixtures.yaml"):
        (folder / name).write_text((shipped("rules") / name).read_text())
    for listed in (shipped("rules") / "lists").glob("*.txt"):
        (folder / "lists" / listed.name).write_text(listed.read_text())
    if rules:
        (folder / "test.yaml").write_text(rules)
    return folder


def a_catalogue() -> Catalogue:
    """The shipped catalogue."""
    return load_bundle([shipped("rules")], run_tests=False, at=NOW).catalogue
