"""The decision API as a platform sees it."""

import time
from typing import Any

import pytest
from starlette.testclient import TestClient

from safety.app import create_app
from safety.config import Settings
from tests.e2e.conftest import Api, bearer
from tests.factories import Json, an_event
from tests.live import a_key
from tests.solver import solved

MISSPELT = """\
rule: mine
title: a title
owner: somebody
policy: spam.commercial
events: [post]
when: actor.folowers > 3
then: {verdict: hold}
"""


def decide(api: Api, event: Any, key: str | None = None, **headers: str) -> Json:
    response = api.client.post(
        "/v1/decisions", json=event, headers=bearer(key or api.key) | headers
    )
    assert response.status_code == 200, response.text
    answer: Json = response.json()
    return answer


def test_a_friendly_comment_is_allowed_with_nothing_to_do(api: Api) -> None:
    answer = decide(api, an_event(id="friendly"))
    assert (answer["verdict"], answer["reasons"], answer["item"]) == ("allow", [], None)
    assert answer["stored"]
    assert answer["degraded"] == []
    assert 0 <= answer["scores"]["spam"] < 0.5


def test_a_blocked_event_is_an_ordinary_answer(api: Api) -> None:
    event = an_event(id="blocked", actor={"id": "safety-test-block"})
    answer = decide(api, event, key=api.test_key)
    assert answer["verdict"] == "block"
    assert answer["message"]


def test_a_held_event_waits_for_a_moderator(api: Api) -> None:
    event = an_event(id="held", actor={"id": "safety-test-hold"})
    answer = decide(api, event, key=api.test_key)
    assert answer["item"]["queue"] == "content"


def test_an_idempotency_key_names_an_event_without_an_id(api: Api) -> None:
    first = decide(api, an_event(id=None), **{"Idempotency-Key": "abc-1"})
    assert first["event_id"] == "abc-1"
    assert decide(api, an_event(id=None), **{"Idempotency-Key": "abc-1"}) == first


def test_a_key_for_users_reads_the_users_view_only(api: Api) -> None:
    made = decide(api, an_event(id="seen"))
    view = api.client.get(f"/v1/decisions/{made['id']}", headers=bearer(api.user_key)).json()
    assert set(view) == {
        "id", "event_id", "type", "verdict", "policy", "message", "decided_at",
    }  # fmt: skip


def test_the_full_explanation_shows_values_and_why_other_rules_did_not_fire(api: Api) -> None:
    made = decide(api, an_event(id="explained"))
    full = api.client.get(f"/v1/decisions/{made['id']}", headers=api.headers).json()
    assert full["event"]["content"]["text"] == "lovely light in this one"
    assert full["facts"]["content.links"] == 0
    assert full["why_not"]
    assert all(rule["lines"] for rule in full["why_not"])
    model = next(s for s in full["signals"] if s["source"] == "model")
    assert model["words"]


def test_another_tenants_decision_looks_like_none(api: Api) -> None:
    unknown = api.client.get("/v1/decisions/dec_unknown", headers=api.headers)
    assert unknown.status_code == 404
    assert unknown.headers["content-type"] == "application/problem+json"


def test_a_challenge_is_proved_once_and_upgrades_the_decision(api: Api) -> None:
    event = an_event(id="challenged", actor={"id": "safety-test-challenge"})
    answer = decide(api, event, key=api.test_key)
    proof = {"payload": solved(answer["challenge"])}
    url = answer["challenge"]["proof_url"]
    upgraded = api.client.post(url, json=proof, headers=api.headers)
    assert (upgraded.status_code, upgraded.json()["verdict"]) == (200, "allow")
    again = api.client.post(url, json=proof, headers=api.headers)
    assert again.content == upgraded.content
    first_answer = decide(api, event, key=api.test_key)
    assert first_answer == answer  # the first answer stays the answer to the event
    now = api.client.get(f"/v1/decisions/{answer['id']}", headers=bearer(api.user_key)).json()
    assert now["verdict"] == "allow"


def test_a_proof_for_one_decision_does_not_open_another(api: Api) -> None:
    one, other = (
        decide(api, an_event(id=f"c{n}", actor={"id": "safety-test-challenge"}), key=api.test_key)
        for n in (1, 2)
    )
    proof = {"payload": solved(one["challenge"])}
    refused = api.client.post(other["challenge"]["proof_url"], json=proof, headers=api.headers)
    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/proof-rejected"


@pytest.mark.parametrize("payload", ["", "x", "e30=", "bnVsbA==", "W10=", "9" * 4096])
def test_a_proof_that_is_garbage_is_refused(api: Api, payload: str) -> None:
    event = an_event(id="garbage", actor={"id": "safety-test-challenge"})
    url = decide(api, event, key=api.test_key)["challenge"]["proof_url"]
    refused = api.client.post(url, json={"payload": payload}, headers=api.headers)
    assert refused.status_code == 422


def test_an_outcome_is_kept_with_its_decision(api: Api) -> None:
    made = decide(api, an_event(id="outcome"))
    url = f"/v1/decisions/{made['id']}/outcome"
    for _ in range(2):
        said = api.client.post(url, json={"outcome": "removed"}, headers=api.headers)
        assert said.status_code == 204
    full = api.client.get(f"/v1/decisions/{made['id']}", headers=api.headers).json()
    assert [a["outcome"] for a in full["amendments"]] == ["removed"]


def test_a_batch_answers_each_event_in_its_place(api: Api) -> None:
    events = [an_event(id="b1"), {"type": "coment"}, an_event(id="b2"), an_event(id="b1"), 7]
    response = api.client.post("/v1/decisions:batch", json={"events": events}, headers=api.headers)
    first, wrong, second, again, number = response.json()["decisions"]
    assert (first["event_id"], second["event_id"]) == ("b1", "b2")
    assert again == first
    assert wrong["problem"]["errors"][0]["field"] == "type"
    assert number["problem"]["status"] == 422


@pytest.mark.parametrize(
    "body",
    [{}, {"events": []}, {"events": [{}] * 101}, {"events": 5}, [], {"events": [{}], "x": 1}],
)
def test_a_batch_of_the_wrong_shape_is_refused(api: Api, body: Any) -> None:
    response = api.client.post("/v1/decisions:batch", json=body, headers=api.headers)
    assert response.status_code == 422


def test_every_answer_carries_a_request_id_and_repeats_a_given_one(api: Api) -> None:
    assert api.client.get("/healthz").headers["x-request-id"]
    given = api.client.post(
        "/v1/decisions",
        json=an_event(id="rid"),
        headers=api.headers | {"X-Request-Id": "trace-7"},
    )
    assert given.headers["x-request-id"] == "trace-7"


def test_metrics_count_decisions_by_verdict(api: Api) -> None:
    decide(api, an_event(id="counted"))
    text = api.client.get("/metrics", headers=api.headers).text
    assert 'safety_decisions_total{event_type="comment",verdict="allow"}' in text
    assert api.client.get("/metrics").status_code == 401
    assert api.client.get("/metrics", headers=bearer(api.user_key)).status_code == 403


def test_the_service_is_ready_with_every_part(api: Api) -> None:
    assert api.client.get("/readyz").json() == {"status": "ready", "problems": {}}


def test_the_documentation_page_needs_nothing_from_elsewhere(api: Api) -> None:
    page = api.client.get("/docs").text
    assert "swagger" in page.lower()
    assert "https://cdn" not in page


@pytest.mark.parametrize(
    "authorization",
    [
        None, "", "Bearer", "Bearer x", "Basic eDp5", "Bearer sg_live_a_b", "Bearer " + "x" * 9000,
        "Bearer sg_live_00000000_" + "0" * 43, "bearer \u00e9\u00ff",
    ],
)  # fmt: skip
def test_without_a_good_key_nothing_is_said(api: Api, authorization: str | None) -> None:
    headers = {} if authorization is None else {b"Authorization": authorization.encode("latin-1")}
    response = api.client.post("/v1/decisions", json=an_event(), headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert api.client.get("/v1/decisions/dec_1", headers=headers).status_code == 401


def test_a_rule_file_with_an_error_leaves_the_old_rules_in_force(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("broken")
    rules = folder / "site"
    rules.mkdir()
    settings = Settings(data_dir=folder / "data", rules_dir=rules, rules_poll_seconds=0.05)
    key = a_key(settings)
    with TestClient(create_app(settings)) as client:
        before = client.post("/v1/decisions", json=an_event(id="a"), headers=bearer(key)).json()
        (rules / "mine.yaml").write_text(MISSPELT)
        ready = wait_for(client, "degraded")
        assert "mine.yaml:6:7: error[unknown-feature]" in ready["problems"]["rules"]
        after = client.post("/v1/decisions", json=an_event(id="b"), headers=bearer(key)).json()
        assert after["ruleset"] == before["ruleset"]
        (rules / "mine.yaml").unlink()
        wait_for(client, "ready")


def wait_for(client: TestClient, status: str) -> Json:
    ready: Json = {}
    for _ in range(200):
        ready = client.get("/readyz").json()
        if ready["status"] == status:
            return ready
        time.sleep(0.05)
    raise AssertionError(f"not {status}: {ready}")


@pytest.mark.parametrize("path", ["/healthz", "/v1/decisions/none", "/v1/accounts/me", "/nowhere"])
def test_no_answer_is_kept_by_caches_or_taken_for_something_else(api: Api, path: str) -> None:
    answer = api.client.get(path, headers=bearer(api.key))
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
