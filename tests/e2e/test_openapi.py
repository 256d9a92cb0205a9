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


# Builds the rules in a process of its own each time: a few examples are enough.
RELOAD = ("POST", "/v1/rules:reload")
OPERATIONS = [
    ("POST", "/v1/decisions"),
    ("POST", "/v1/decisions:batch"),
    ("GET", "/v1/decisions/{decision_id}"),
    ("POST", "/v1/decisions/{decision_id}/proof"),
    ("POST", "/v1/decisions/{decision_id}/outcome"),
    ("GET", "/v1/rules"),
    ("POST", "/v1/rules:rollback"),
    ("GET", "/v1/rules/controls"),
    ("POST", "/v1/rules/controls:snooze"),
    ("POST", "/v1/rules/controls:switch-off"),
    ("POST", "/v1/rules/controls:switch-on"),
    ("POST", "/v1/rules/controls:resume"),
    ("GET", "/v1/models"),
    ("POST", "/v1/models/{name}:rollback"),
    ("GET", "/v1/decisions/{decision_id}/statements"),
    ("POST", "/v1/reports"),
    ("GET", "/v1/reports/{report_id}"),
    ("POST", "/v1/appeals"),
    ("GET", "/v1/appeals/{appeal_id}"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
]
# Whoever they are about is nobody here: tests/e2e/test_accounts.py has people in it.
GATE_OPERATIONS = [
    ("POST", "/v1/accounts"),
    ("POST", "/v1/accounts:import"),
    ("GET", "/v1/accounts/me"),
    ("POST", "/v1/accounts/verify-email"),
    ("POST", "/v1/accounts/me/verification"),
    ("POST", "/v1/accounts/me/password"),
    ("POST", "/v1/accounts/me/email"),
    ("POST", "/v1/accounts/email-change"),
    ("GET", "/v1/accounts/me/totp"),
    ("POST", "/v1/accounts/me/totp"),
    ("DELETE", "/v1/accounts/me/totp"),
    ("POST", "/v1/accounts/me/totp/confirm"),
    ("POST", "/v1/accounts/me/recovery-codes"),
    ("GET", "/v1/accounts/{account_id}"),
    ("DELETE", "/v1/accounts/{account_id}"),
    ("POST", "/v1/accounts/{account_id}/lock"),
    ("POST", "/v1/accounts/{account_id}/unlock"),
    ("GET", "/v1/accounts/{account_id}/sessions"),
    ("DELETE", "/v1/accounts/{account_id}/sessions"),
    ("DELETE", "/v1/accounts/{account_id}/totp"),
    ("POST", "/v1/password-resets"),
    ("POST", "/v1/password-resets/confirm"),
    ("POST", "/v1/passwords/strength"),
    ("POST", "/v1/sessions"),
    ("GET", "/v1/sessions"),
    ("DELETE", "/v1/sessions"),
    ("POST", "/v1/sessions/second-factor"),
    ("POST", "/v1/sessions/current/step-up"),
    ("GET", "/v1/sessions/current"),
    ("DELETE", "/v1/sessions/current"),
    ("DELETE", "/v1/sessions/{session_id}"),
    ("POST", "/v1/captchas"),
    ("POST", "/v1/captchas/verify"),
    ("POST", "/v1/totp"),
    ("POST", "/v1/totp/confirm"),
    ("POST", "/v1/totp/verify"),
    ("GET", "/v1/totp/{subject}"),
    ("DELETE", "/v1/totp/{subject}"),
    ("POST", "/v1/totp/{subject}/recovery-codes"),
]
# Other services' protocols: a key may stand in the query or the form, and a wrong one is told in
# their words (tests/e2e/test_facades.py).
PLUG_IN_OPERATIONS = [
    ("POST", "/v1alpha1/comments:analyze"),
    ("POST", "/1.1/verify-key"),
    ("POST", "/1.1/comment-check"),
    ("POST", "/1.1/submit-spam"),
    ("POST", "/1.1/submit-ham"),
]
PARTS = {
    "decision_id": "dec_1",
    "account_id": "acc_1",
    "session_id": "ses_1",
    "subject": "u_1",
    "name": "spam",
    "report_id": "rep_1",
    "appeal_id": "app_1",
}


def test_every_operation_is_described_and_nothing_else(api: Api) -> None:
    paths = document_of(api)["paths"]
    described = {(method.upper(), path) for path, item in paths.items() for method in item}
    assert described == {RELOAD, *OPERATIONS, *GATE_OPERATIONS, *PLUG_IN_OPERATIONS}


def test_every_operation_but_health_asks_for_a_key_and_says_so(api: Api) -> None:
    document = document_of(api)
    assert document["openapi"].startswith("3.1")
    assert document["components"]["securitySchemes"]["ApiKey"]["scheme"] == "bearer"
    for method, path in [*OPERATIONS, *GATE_OPERATIONS, RELOAD]:
        asks = "security" in document["paths"][path][method.lower()]
        assert asks is (path not in {"/healthz", "/readyz"})
        if asks:
            assert api.client.request(method, path.format(**PARTS)).status_code == 401


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


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(("method", "path"), [*GATE_OPERATIONS, PLUG_IN_OPERATIONS[0], RELOAD])
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_costs_more_is_answered_as_described(
    api: Api, method: str, path: str, mode: GenerationMode, data: st.DataObject
) -> None:
    exchange(api, method, path, mode, data)


# A form is text whatever it says: nothing that can be written into one is forbidden.
@pytest.mark.parametrize(("method", "path"), PLUG_IN_OPERATIONS[1:])
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_form_of_a_plug_in_is_answered_as_described(
    api: Api, method: str, path: str, data: st.DataObject
) -> None:
    exchange(api, method, path, GenerationMode.POSITIVE, data)


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
