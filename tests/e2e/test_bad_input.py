"""Whatever is sent, the answer is a decision or a problem that names the field, never a 500."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.e2e.conftest import Api
from tests.factories import an_event

NEVER_REPEATED = "hunter2-do-not-repeat"


def post(api: Api, body: bytes, **headers: str) -> Any:
    return api.client.post(
        "/v1/decisions",
        content=body,
        headers=api.headers | {"Content-Type": "application/json"} | headers,
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"null", 422),
        (b"[]", 422),
        (b"not json", 400),
        (b'{"type":"comment","actor":{"id":"u"},"x":NaN}', 400),
        (b'{"type":"comment","type":"post","actor":{"id":"u"}}', 400),
        (b"[" * 50_000, 400),
        (b"\xff\xfe\x00", 400),
        ("\ufeff{}".encode(), 400),
        (json.dumps(an_event()).encode("utf-16"), 400),
        (b'{"type":"comment","actor":{"id":"\\ud800"}}', 422),
        (b'{"type":"comment","actor":{"id":"a\\u0000b"}}', 422),
        (json.dumps(an_event(content={"text": "x" * 1_000_000})).encode(), 413),
        (b" " * 300_000, 413),
    ],
)
def test_a_body_that_is_no_event_is_a_problem(api: Api, body: bytes, status: int) -> None:
    response = post(api, body)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["title"]


@pytest.mark.parametrize(
    "text",
    [
        "@a " * 5_000,
        "#x" * 9_000,
        "\U0001f600" * 20_000,
        "http://x.example " * 1_000,
        "e\u0301\u0302\u0303" * 4_000,
        "\u202e\u200b\u2066" * 3_000,
        "f r e e " * 2_000,
        "\ufdfa" * 20_000,
        "((((" * 5_000,
        "a" * 20_000,
        "{{7*7}} ${7*7} <script>alert(1)</script>",
        "'; DROP TABLE decisions; --",
    ],
)
def test_a_text_a_platform_may_legitimately_send_gets_a_decision(api: Api, text: str) -> None:
    response = post(api, json.dumps(an_event(id=None, content={"text": text})).encode())
    assert response.status_code == 200
    assert response.json()["stored"]


def test_a_chunked_body_is_counted_too(api: Api) -> None:
    def endless() -> Any:
        for _ in range(400):
            yield b" " * 1024

    response = api.client.post(
        "/v1/decisions",
        content=endless(),
        headers=api.headers | {"Content-Type": "application/json"},
    )
    assert response.status_code == 413


@pytest.mark.parametrize("kind", ["text/plain", "", "application/x-www-form-urlencoded"])
def test_only_json_is_read(api: Api, kind: str) -> None:
    assert post(api, json.dumps(an_event()).encode(), **{"Content-Type": kind}).status_code == 415


@pytest.mark.parametrize("key", ["", "x" * 300, "a\tb"])
def test_an_idempotency_key_must_be_plain(api: Api, key: str) -> None:
    response = post(api, json.dumps(an_event(id=None)).encode(), **{"Idempotency-Key": key})
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.parametrize(
    "event",
    [
        an_event(actor={"id": "u", "email": [NEVER_REPEATED]}),
        an_event(type=NEVER_REPEATED),
        an_event(id={"password": NEVER_REPEATED}),
        {"password": NEVER_REPEATED},
    ],
)
def test_a_problem_never_repeats_what_was_sent(api: Api, event: Any) -> None:
    response = post(api, json.dumps(event).encode())
    assert response.status_code == 422
    assert NEVER_REPEATED not in response.text


@pytest.mark.parametrize("path", ["proof", "outcome"])
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"payload": 5}', b'{"outcome": "' + NEVER_REPEATED.encode() + b'"}'],
)
def test_the_other_endpoints_refuse_as_politely(api: Api, path: str, body: bytes) -> None:
    response = api.client.post(
        f"/v1/decisions/dec_1/{path}",
        content=body,
        headers=api.headers | {"Content-Type": "application/json"},
    )
    assert response.status_code in {400, 422}
    assert response.headers["content-type"] == "application/problem+json"
    assert NEVER_REPEATED not in response.text


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300))
def test_no_bytes_make_it_fail(api: Api, body: bytes) -> None:
    assert post(api, body).status_code in {400, 422}
