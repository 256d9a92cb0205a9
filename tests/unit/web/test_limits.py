"""Limits count every request first, by policy and address, and say what is left."""

from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from pydantic import BaseModel
from starlette.testclient import TestClient

from safety.domain.errors import Forbidden
from safety.gates.addresses import Proxies
from safety.web.limits import POLICIES, Limits
from safety.web.problems import install
from safety.web.routes import ApiRoute, CountedRoute

FORWARDING = (
    "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "Forwarded",
    "X-Real-IP", "X-Client-IP", "X-Cluster-Client-IP", "True-Client-IP", "CF-Connecting-IP",
    "Fastly-Client-IP", "X-Originating-IP", "X-Remote-IP", "X-Remote-Addr", "X_FORWARDED_FOR",
    "Client-IP",
)  # fmt: skip


class Said(BaseModel):
    word: str


def never() -> None:
    raise Forbidden


def a_client(limits: Limits, peer: str = "192.0.2.1", policy: str = "gate.captcha") -> TestClient:
    """A small API: `/things/{name}` reads a body, `/guarded` refuses every caller."""
    router = APIRouter(route_class=ApiRoute)

    @router.post("/things/{name}")
    @limits.policy(policy)
    def say(request: Request, name: str, body: Said) -> str:
        return f"{name} {body.word}"

    @router.get("/guarded")
    @limits.policy(policy)
    def guarded(request: Request, _nobody: Annotated[None, Depends(never)]) -> None: ...

    app = FastAPI()
    install(app)
    app.include_router(router)
    return TestClient(app, client=(peer, 50000), raise_server_exceptions=False)


@pytest.fixture
def limits() -> Limits:
    return Limits(rates={"gate.captcha": "3/minute", "gate.totp": "3/minute"})


def test_every_path_of_a_policy_spends_one_allowance(limits: Limits) -> None:
    client = a_client(limits)
    said = [client.post(f"/things/{n}?x={n}", json={"word": "hi"}).status_code for n in range(4)]
    assert said == [200, 200, 200, 429]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"word": 1, "word": 2}', b"\xff"])
def test_a_request_that_is_nonsense_counts_too(limits: Limits, body: bytes) -> None:
    client = a_client(limits)
    headers = {"Content-Type": "application/json"}
    said = [client.post("/things/a", content=body, headers=headers) for _ in range(4)]
    assert [each.status_code >= 400 for each in said] == [True] * 4
    assert [each.status_code == 429 for each in said] == [False, False, False, True]


def test_a_caller_who_is_refused_counts_too(limits: Limits) -> None:
    client = a_client(limits)
    assert [client.get("/guarded").status_code for _ in range(4)] == [403, 403, 403, 429]


def test_an_answer_says_what_is_left_and_a_refusal_when_to_come_back(limits: Limits) -> None:
    client = a_client(limits)
    first = client.post("/things/a", json={"word": "hi"})
    assert first.headers["ratelimit-policy"] == '"gate.captcha";q=3;w=60'
    assert first.headers["ratelimit"] == '"gate.captcha";r=2;t=60'
    client.post("/things/a", content=b"{")
    wrong = client.post("/things/a", content=b"{")
    assert wrong.headers["ratelimit"].startswith('"gate.captcha";r=0;t=')
    refused = client.get("/guarded")
    assert refused.status_code == 429
    assert refused.json()["type"] == "/problems/quota-exceeded"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["ratelimit"].startswith('"gate.captcha";r=0;t=')


def test_where_secrets_are_guessed_the_policy_is_not_named(limits: Limits) -> None:
    client = a_client(limits, policy="gate.totp")
    answers = [client.get("/guarded") for _ in range(4)]
    for answer in answers:
        assert not {name for name in answer.headers if name.startswith("ratelimit")}
    assert answers[-1].status_code == 429
    assert "totp" not in answers[-1].text


@pytest.mark.parametrize("header", FORWARDING)
def test_no_header_moves_a_stranger_to_another_address(limits: Limits, header: str) -> None:
    client = a_client(limits)
    said = [
        client.get("/guarded", headers={header: f"203.0.113.{n}"}).status_code for n in range(4)
    ]
    assert said[3] == 429


def test_a_trusted_proxy_forwards_its_clients() -> None:
    limits = Limits(Proxies(["192.0.2.0/24"]), {"gate.captcha": "1/minute"})
    client = a_client(limits)
    for address, status in (("198.51.100.1", 403), ("198.51.100.2", 403), ("198.51.100.1", 429)):
        given = {"X-Forwarded-For": f"203.0.113.7, {address}"}  # only the last hop is the proxy's
        assert client.get("/guarded", headers=given).status_code == status


def test_addresses_of_one_customer_line_share_and_others_do_not(limits: Limits) -> None:
    quotas = [limits.count("gate.captcha", f"2001:db8:0:1::{n}") for n in range(4)]
    assert [quota.is_used_up for quota in quotas] == [False, False, False, True]
    assert not limits.count("gate.captcha", "2001:db8:0:2::1").is_used_up
    assert limits.count("gate.captcha", "::ffff:192.0.2.9") == limits.count(
        "gate.captcha", "192.0.2.10"
    )


def test_a_site_that_moves_through_its_networks_is_stopped_in_the_end(limits: Limits) -> None:
    counted = [limits.count("gate.captcha", f"2001:db8:7:{n:x}::1") for n in range(60)]
    assert [quota.is_used_up for quota in counted] == [False] * 48 + [True] * 12
    assert not limits.count("gate.captcha", "2001:db8:8::1").is_used_up


def test_the_ceiling_stands_over_all_policies() -> None:
    client = a_client(Limits(rates={"all": "2/minute"}))
    said = [client.post("/things/a", json={"word": "hi"}).status_code for _ in range(3)]
    assert said == [200, 200, 429]


def test_a_route_cannot_be_made_without_a_limit() -> None:
    router = APIRouter(route_class=CountedRoute)
    with pytest.raises(LookupError, match="say is under no limit"):

        @router.get("/")
        def say() -> None: ...


def test_no_endpoint_goes_under_a_limit_that_is_not_in_the_table() -> None:
    with pytest.raises(LookupError, match="no limit called"):
        Limits().policy("nonsense")


@pytest.mark.parametrize(
    ("rates", "message"),
    [({"desk.pgae": "3/minute"}, "no limit called"), ({"desk.page": "often"}, "no rate such as")],
)
def test_a_rate_that_makes_no_sense_is_refused(rates: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Limits(rates=rates)


def test_every_number_of_the_table_has_a_reason() -> None:
    assert all(policy.why for policy in POLICIES.values())
    assert not any(Limits().count(name, "192.0.2.1").is_used_up for name in POLICIES)


def test_only_json_is_read_and_a_body_that_ends_badly_says_so(limits: Limits) -> None:
    client = a_client(Limits())
    form = client.post("/things/a", data={"word": "hi"})
    assert (form.status_code, form.json()["type"]) == (415, "/problems/unsupported-media-type")
    headers = {"Content-Type": "application/json"}
    twice = client.post("/things/a", content=b'{"word":"a","word":"b"}', headers=headers)
    assert (twice.status_code, twice.json()["type"]) == (400, "/problems/malformed-body")
    half = client.post("/things/a", content=b'{"word":"\\ud800"}', headers=headers)
    assert (half.status_code, half.json()["type"]) == (400, "/problems/malformed-body")
