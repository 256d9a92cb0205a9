"""Controls over rules by HTTP: set, shown, obeyed, ended, and for keys with their scope only."""

import time
from typing import Any

import pytest

from safety.domain.access import Scope
from tests.e2e.conftest import Api, bearer
from tests.factories import an_event
from tests.live import a_key

RULE = "trusted-partner"
PATH = "/v1/rules/controls"


def post(api: Api, act: str, **body: Any) -> Any:
    return api.client.post(f"{PATH}:{act}", headers=api.headers, json=body)


def shown(api: Api) -> list[dict[str, Any]]:
    answer = api.client.get(PATH, headers=api.headers)
    assert answer.status_code == 200
    controls: list[dict[str, Any]] = answer.json()["controls"]
    return controls


def test_what_is_set_is_shown_and_ended(api: Api) -> None:
    week = 604_800
    snoozed = post(
        api, "snooze", rule=RULE, entity="actor.id", value="u_1", seconds=week, reason="press"
    )
    assert snoozed.status_code == 200, snoozed.text
    assert snoozed.json()["kind"] == "snooze"
    assert post(api, "switch-off", subject=RULE, reason="odd").json()["expires_at"] is None
    assert (
        post(api, "switch-off", over="owner", subject="trust-content", reason="x").status_code
        == 200
    )
    assert post(api, "resume", over="model", subject="spam", reason="x").json()["kind"] == "resumed"
    found = shown(api)
    assert {(each["kind"], each["over"], each["subject"]) for each in found} == {
        ("snooze", "rule", RULE), ("switched_off", "rule", RULE),
        ("switched_off", "owner", "trust-content"), ("resumed", "model", "spam"),
    }  # fmt: skip
    assert all(each["author"].startswith("key:") for each in found)
    assert post(api, "switch-on", subject=RULE).json() == {"ended": 2}
    assert post(api, "switch-on", subject="trust-content").json() == {"ended": 1}
    assert post(api, "switch-on", subject=RULE).json() == {"ended": 0}


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("snooze", {"rule": "nobody", "entity": "actor.id", "value": "u", "seconds": 60}),
        ("snooze", {"rule": RULE, "entity": "actor.idd", "value": "u", "seconds": 60}),
        ("snooze", {"rule": RULE, "entity": "actor.id", "value": "", "seconds": 60}),
        ("snooze", {"rule": RULE, "entity": "actor.id", "value": "u", "seconds": 59}),
        ("snooze", {"rule": RULE, "entity": "actor.id", "value": "u", "seconds": 1e9}),
        ("switch-off", {"subject": "nobody"}),
        ("switch-off", {"over": "owner", "subject": "trust-contnt"}),
        ("switch-off", {"over": "verdict", "subject": "allow"}),
        ("switch-off", {"over": "model", "subject": "spam"}),
        ("switch-off", {"subject": RULE, "seconds": -1}),
        ("switch-off", {"subject": "x" * 1001}),
        ("switch-off", {"subject": "\0"}),
        ("resume", {"over": "verdict", "subject": "block"}),
        ("resume", {"subject": RULE, "more": 1}),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_set(
    api: Api, act: str, body: dict[str, Any]
) -> None:
    before = shown(api)
    answer = post(api, act, **body, reason="x")
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert shown(api) == before


def test_nothing_is_taken_away_without_a_reason(api: Api) -> None:
    assert post(api, "switch-off", subject=RULE, reason="").status_code == 422
    assert post(api, "switch-off", subject=RULE, reason=" ").status_code == 422


def test_a_rule_that_is_switched_off_is_recorded_and_not_obeyed(api: Api) -> None:
    text = {"text": "cheap pills at https://phishing.example/a", "thread_id": "t"}
    assert (
        post(api, "switch-off", over="verdict", subject="block", reason="test").status_code == 200
    )
    deadline, verdict = time.monotonic() + 10, "block"
    number = 0
    while verdict == "block" and time.monotonic() < deadline:
        number += 1
        event = an_event(id=f"off-{number}", content=text)
        answer = api.client.post("/v1/decisions", headers=api.headers, json=event)
        verdict = answer.json()["verdict"]
        time.sleep(0.1)
    post(api, "switch-on", over="verdict", subject="block")
    assert verdict != "block"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", PATH), *(("POST", f"{PATH}:{act}") for act in ("snooze", "switch-off", "resume"))],
)
def test_controls_are_for_keys_with_their_scope(api: Api, method: str, path: str) -> None:
    others = a_key(api.settings, scopes=[scope for scope in Scope if scope is not Scope.RULES])
    api.client.app.inner.state.services.keyring.refresh()  # type: ignore[attr-defined]  # the door's inside
    answer = api.client.request(method, path, headers=bearer(others), json={})
    assert answer.status_code == 403
