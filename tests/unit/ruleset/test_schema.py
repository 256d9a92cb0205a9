"""The schema for editors accepts what is right and underlines what is wrong."""

import json

import pytest
import yaml
from jsonschema_rs import validator_for

from safety.assets import shipped
from safety.ruleset.load import load_bundle
from safety.ruleset.schema import rule_schema

BUNDLE = load_bundle([shipped("rules")], at=1_800_000_000.0)
SCHEMA = rule_schema(BUNDLE.catalogue, BUNDLE.policies, {"content"})
VALIDATOR = validator_for(SCHEMA)
SPECIAL = {"features.yaml", "policies.yaml", "fixtures.yaml"}
DOCUMENTS = [
    json.loads(json.dumps(document, default=str))
    for path in sorted(shipped("rules").glob("*.yaml"))
    if path.name not in SPECIAL
    for document in yaml.safe_load_all(path.read_text("utf-8"))
]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document["rule"])
def test_shipped_rules_fit_the_schema(document: object) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []


@pytest.mark.parametrize(
    "change",
    [
        {"ownr": "me"},
        {"events": ["pots"]},
        {"policy": "spam.comercial"},
        {"then": {"verdict": "blok"}},
        {"rollout": {"mode": "enfroce"}},
        {"tests": [{"name": "x", "expect": "yes"}]},
        {"tests": [{"name": "x", "expect": "match", "given": {"actor.verified": "yes"}}]},
        {"when": ""},
        {"rule": "A Rule"},
    ],
)
def test_what_the_loader_refuses_the_schema_underlines(change: dict[str, object]) -> None:
    assert not VALIDATOR.is_valid({**DOCUMENTS[0], **change})


def test_a_rule_may_use_everything_that_there_is() -> None:
    rule = {
        **DOCUMENTS[0],
        "let": {"posts": 'count("post", by=actor.id, within="1h")'},
        "unless": "actor.verified",
        "then": {"points": 3, "label": {"x": "7d", "net.ip": {"y": "1d"}}, "retry_after": "10m"},
        "rollout": {"mode": "canary", "percent": "0.5%", "by": "net.ip", "until": "2026-12-31"},
        "tests": [{"name": "x", "expect": "match", "given": {"posts": 9, "actor.labels": ["x"]}}],
    }
    assert [error.message for error in VALIDATOR.iter_errors(rule)] == []
