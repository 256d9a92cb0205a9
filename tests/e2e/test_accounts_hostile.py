"""Whatever is sent to the gate, the answer is a refusal that says nothing, and never a 500."""

import json
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from safety.app import create_app
from safety.config import ConfigurationError, Settings
from safety.web.limits import CEILING, POLICIES, allowance_of
from safety.web.routes import CountedRoute
from tests.e2e.gate_api import PASSWORD, Platform, a_platform

NEVER_REPEATED = "hunter2-do-not-repeat"
SIGN_UP = ("POST", "/v1/accounts")
SIGN_IN = ("POST", "/v1/sessions")
CONTEXT = {"ip": "203.0.113.9"}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with a_platform(tmp_path_factory.mktemp("hostile"), hosted_pages=True) as running:
        yield running


def post(platform: Platform, path: str, raw: bytes) -> Any:
    headers = platform.headers | {"Content-Type": "application/json"}
    return platform.client.post(path, content=raw, headers=headers)


BODIES = {
    "nothing": b"",
    "no json": b"{",
    "a list": b"[]",
    "null": b"null",
    "utf-16": json.dumps({"login": "a"}).encode("utf-16"),
    "a key twice": b'{"login":"a","login":"b","password":"c","context":{"ip":"203.0.113.9"}}',
    "not a number": b'{"login":NaN}',
    "too deep": b"[" * 5_000,
    "half a character": b'{"login":"\\ud800","password":"x","context":{"ip":"203.0.113.9"}}',
    "a password of a megabyte": json.dumps({"password": "x" * 1_000_000}).encode(),
    "a name of 64 kB": json.dumps({"username": "x" * 65_536}).encode(),
    "somebody's role": json.dumps(
        {"login": "a", "password": "b", "context": CONTEXT, "role": "admin", "tenant": "~staff"}
    ).encode(),
    "a number as password": json.dumps({"login": "a", "password": 7, "context": CONTEXT}).encode(),
    "no address": json.dumps({"login": "a", "password": "b", "context": {}}).encode(),
    "an address that is none": json.dumps(
        {"login": "a", "password": "b", "context": {"ip": NEVER_REPEATED}}
    ).encode(),
    "a nul in the browser's name": json.dumps(
        {"login": "a", "password": "b", "context": CONTEXT | {"user_agent": "a\0b"}}
    ).encode(),
    "a password where none belongs": json.dumps({"passwort": NEVER_REPEATED}).encode(),
}


@pytest.mark.parametrize("path", ["/v1/accounts", "/v1/sessions", "/v1/password-resets/confirm"])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_that_makes_no_sense_is_refused_politely(
    platform: Platform, path: str, body: bytes
) -> None:
    answer = post(platform, path, body)
    assert answer.status_code in {400, 413, 422}
    assert answer.headers["content-type"] == "application/problem+json"
    assert NEVER_REPEATED not in answer.text


@pytest.mark.parametrize(
    "text",
    [
        "a\0b", "\u202emia", "x" * 3_000, "' OR 1=1 --", "{{7*7}}", "\U0001f9a6" * 200,
        "\ufdfa" * 300, "e\u0301\u0302" * 400, "../../etc/passwd", "%00",
        "\r\nSet-Cookie: a=b", " ",
    ],
)  # fmt: skip
def test_strange_texts_are_only_names_that_nobody_has(platform: Platform, text: str) -> None:
    entered = platform.sign_in(text, text)
    assert entered.status_code == 401, entered.text
    made = platform.sign_up(text)
    assert made.status_code == 422, made.text
    assert {error["field"] for error in made.json()["errors"]} == {"username"}


def test_a_password_may_be_anything_that_is_long_enough(platform: Platform) -> None:
    password = "nul \0 nul, otter \U0001f9a6 and \u202eheron"
    platform.somebody("nadia", password=password)
    assert platform.sign_in("nadia", password.upper()).status_code == 401


def test_twenty_who_want_one_name_at_once_get_one_account(platform: Platform) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: platform.sign_up("one_name"), range(20)))
    said = sorted(answer.status_code for answer in answers)
    assert said.count(200) == 1
    assert set(said) <= {200, 409, 503}


def test_a_damaged_hash_is_a_wrong_password(platform: Platform) -> None:
    platform.somebody("omar")
    database = sqlite3.connect(platform.settings.data_dir / "safety.db")
    for hashed in ("$argon2id$v=19$m=19456,t=2", "", "$argon2id$v=19$m=9999999,t=99,p=9$a$b", "x"):
        database.execute("UPDATE accounts SET password_hash = ? WHERE username = 'omar'", (hashed,))
        database.commit()
        assert platform.sign_in("omar").status_code == 401
    database.close()


def test_a_clock_that_jumps_locks_nobody_out_and_opens_nothing(platform: Platform) -> None:
    session = platform.somebody("petra")
    start = platform.clock.at
    try:
        platform.clock.at = start - 3600
        assert platform.ask("GET", "/v1/sessions/current", session=session).status_code == 200
        assert platform.sign_in("petra").status_code == 200
        platform.clock.at = start + 10 * 365 * 86400
        assert platform.ask("GET", "/v1/sessions/current", session=session).status_code == 401
        assert platform.sign_in("petra").status_code == 200
    finally:
        platform.clock.at = start
    assert platform.sign_in("petra").status_code == 200


@pytest.mark.parametrize(
    "token", ["", "x", "0" * 43, "preset-by-somebody", "\u00ff" * 20, "a b", "x" * 201]
)
def test_a_session_token_from_elsewhere_is_never_adopted(platform: Platform, token: str) -> None:
    header = {"Safety-Session": token.encode("latin-1")}
    asked = platform.client.get(
        "/v1/sessions/current",
        headers={k.encode(): v.encode() for k, v in platform.headers.items()}
        | {name.encode(): value for name, value in header.items()},
    )
    assert asked.status_code in {401, 422}
    entered = platform.client.post(
        "/v1/sessions",
        json={"login": "nobody", "password": "x", "context": CONTEXT},
        headers={k.encode(): v.encode() for k, v in platform.headers.items()}
        | {name.encode(): value for name, value in header.items()},
    )
    assert entered.status_code == 401


def test_another_tenant_sees_nothing_of_ours(platform: Platform) -> None:
    session = platform.somebody("rita")
    me = platform.ask("GET", "/v1/accounts/me", session=session).json()["account"]["id"]
    theirs = platform.stranger | {"Safety-Session": session}
    assert platform.client.get("/v1/sessions/current", headers=theirs).status_code == 401
    for method, path in (("GET", f"/v1/accounts/{me}"), ("DELETE", f"/v1/accounts/{me}/sessions")):
        foreign = platform.client.request(method, path, headers=platform.stranger)
        unknown = platform.client.request(
            method, path.replace(me, "acc_x"), headers=platform.headers
        )
        assert (foreign.status_code, foreign.content) == (404, unknown.content)
    body = {"login": "rita", "password": PASSWORD, "context": CONTEXT}
    assert (
        platform.client.post("/v1/sessions", json=body, headers=platform.stranger).status_code
        == 401
    )


def test_a_key_opens_what_its_scopes_say(platform: Platform) -> None:
    for method, path in (
        ("GET", "/v1/accounts/acc_1"),
        ("POST", "/v1/accounts/acc_1/lock"),
        ("POST", "/v1/accounts:import"),
        ("DELETE", "/v1/accounts/acc_1"),
    ):
        assert platform.client.request(method, path).status_code == 401
        refused = platform.client.request(method, path, headers=platform.user_only, json={})
        assert refused.status_code == 403, path
    assert platform.client.post("/v1/sessions", json={}).status_code == 401


def test_every_route_is_counted(platform: Platform) -> None:
    app = platform.client.app.inner  # type: ignore[attr-defined]  # the door's framework part
    routes = [context.route for context in iter_route_contexts(app.routes)]
    counted = [route for route in routes if isinstance(route, CountedRoute)]
    assert len(counted) > 40
    assert {allowance_of(route.endpoint).policy for route in counted} == set(POLICIES) - {CEILING}
    # The framework's own pages exist in development only.
    rest = {getattr(route, "path", "") for route in routes if not isinstance(route, CountedRoute)}
    assert rest <= {"/openapi.json", "/docs", "/docs/oauth2-redirect", "/static-offline-docs"}


def test_production_shows_no_documents(tmp_path_factory: pytest.TempPathFactory) -> None:
    with a_platform(tmp_path_factory.mktemp("hidden"), environment="production") as running:
        for path in ("/docs", "/openapi.json", "/redoc"):
            assert running.client.get(path).status_code == 404


def test_an_address_that_fails_too_often_waits_whatever_the_names(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    rates = {"failures_address": "5/10minute"}
    with a_platform(tmp_path_factory.mktemp("axes"), limits=rates) as running:

        def fail(number: int) -> Any:
            return running.sign_in(f"name_{number}", context={"ip": f"2001:db8::{number}"})

        said = [fail(number) for number in range(1, 8)]
        assert [each.status_code for each in said] == [401] * 5 + [429] * 2
        last = said[-1]
        assert int(last.headers["retry-after"]) > 0
        assert "failures" not in last.text
        assert not {name for name in last.headers if name.startswith("ratelimit")}
        assert running.sign_in("name_9", context={"ip": "2001:db8:1::1"}).status_code == 401


@pytest.mark.parametrize("limits", [{"failures_adress": "5/minute"}, {"failures_address": "some"}])
def test_a_limit_that_makes_no_sense_stops_the_start(
    tmp_path_factory: pytest.TempPathFactory, limits: dict[str, str]
) -> None:
    settings = Settings(data_dir=tmp_path_factory.mktemp("bad") / "data", limits=limits)
    with pytest.raises(ConfigurationError, match="SAFETY_LIMITS"):
        create_app(settings)


def test_a_proxy_that_is_no_network_stops_the_start(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("proxy")
    settings = Settings(data_dir=folder / "data", trusted_proxies=["nonsense"])
    with pytest.raises(ConfigurationError, match="SAFETY_TRUSTED_PROXIES"):
        create_app(settings)


def test_when_a_key_was_used_is_noted(platform: Platform) -> None:
    platform.sign_in("nobody")
    key_id = platform.headers["Authorization"].split("_")[2]
    database = sqlite3.connect(platform.settings.data_dir / "safety.db")
    for _ in range(60):
        used = database.execute("SELECT last_used_at FROM api_keys WHERE id = ?", (key_id,))
        if used.fetchone()[0] is not None:
            break
        time.sleep(0.1)
    else:
        raise AssertionError("the key's use was not noted")
    database.close()
