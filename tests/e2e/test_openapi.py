"""The OpenAPI document tells the truth: what it describes is answered as it describes."""

from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from tests.e2e.conftest import Api, bearer
from tests.factories import an_event


def document_of(api: Api) -> dict[str, Any]:
    document: dict[str, Any] = api.client.get("/openapi.json").json()
    return document


OPERATIONS = [
    ("POST", "/v1/decisions"),
    ("POST", "/v1/decisions:batch"),
    ("GET", "/v1/decisions/{decision_id}"),
    ("POST", "/v1/decisions/{decision_id}/proof"),
    ("POST", "/v1/decisions/{decision_id}/outcome"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
]


def test_every_operation_is_described_and_nothing_else(api: Api) -> None:
    paths = document_of(api)["paths"]
    described = {(method.upper(), path) for path, item in paths.items() for method in item}
    assert described == set(OPERATIONS)


def test_every_operation_but_health_asks_for_a_key_and_says_so(api: Api) -> None:
    document = document_of(api)
    assert document["openapi"].startswith("3.1")
    assert document["components"]["securitySchemes"]["ApiKey"]["scheme"] == "bearer"
    for method, path in OPERATIONS:
        asks = "security" in document["paths"][path][method.lower()]
        assert asks is (path not in {"/healthz", "/readyz"})
        parts = {"decision_id": "dec_1"}
        if asks:
            assert api.client.request(method, path.format(**parts)).status_code == 401


def exchange(api: Api, method: str, path: str, mode: GenerationMode, data: st.DataObject) -> None:
    """Send something generated from the document; the answer must be one that it describes."""
    operation = schemathesis.openapi.from_dict(document_of(api))[path][method]
    case = data.draw(operation.as_strategy(generation_mode=mode))
    sent = case.as_transport_kwargs(base_url="http://127.0.0.1")
    sent.pop("cookies", None)
    if isinstance(sent.get("data"), str | bytes):
        sent["content"] = sent.pop("data")
    given = dict(sent.pop("headers", None) or {})
    headers = {name: value for name, value in given.items() if name.lower() != "authorization"}
    response = api.client.request(**sent, headers=headers | api.headers)
    described = operation.definition.raw["responses"]
    assert str(response.status_code) in described, (response.status_code, response.text)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_the_document_allows_is_answered_as_described(
    api: Api, method: str, path: str, data: st.DataObject
) -> None:
    exchange(api, method, path, GenerationMode.POSITIVE, data)


@pytest.mark.parametrize(("method", "path"), [each for each in OPERATIONS if "/v1/" in each[1]])
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_the_document_forbids_is_refused_as_described(
    api: Api, method: str, path: str, data: st.DataObject
) -> None:
    exchange(api, method, path, GenerationMode.NEGATIVE, data)


def test_answers_have_the_shape_the_document_gives(api: Api) -> None:
    document = document_of(api)
    decisions = [
        api.client.post("/v1/decisions", json=event, headers=bearer(key)).json()
        for key, event in (
            (api.key, an_event(id="shape-1")),
            (api.test_key, an_event(id="shape-2", actor={"id": "safety-test-challenge"})),
            (api.test_key, an_event(id="shape-3", actor={"id": "safety-test-hold"})),
        )
    ]
    in_full = [
        api.client.get(f"/v1/decisions/{each['id']}", headers=api.headers).json()
        for each in decisions
    ]
    for name, answers in (("DecisionOut", decisions), ("DecisionInFull", in_full)):
        validator = jsonschema_rs.validator_for(
            {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        )
        for answer in answers:
            validator.validate(answer)


def test_the_example_of_an_event_is_answered(api: Api) -> None:
    example = document_of(api)["components"]["schemas"]["Event"]["examples"][0]
    assert api.client.post("/v1/decisions", json=example, headers=api.headers).status_code == 200
