"""CAPTCHAs and second factors over HTTP, for a platform with passwords of its own."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyotp import TOTP
from starlette.testclient import TestClient

from safety.app import create_app
from safety.config import ConfigurationError, Settings
from safety.domain.access import Scope
from tests.captcha_fake import HOSTNAME, SECRET, SITE_KEY, FakeProvider, running_provider
from tests.e2e.conftest import bearer
from tests.live import a_key
from tests.solver import solved

Json = dict[str, Any]


@dataclass
class Gate:
    """`headers` carry a key for the gate; `elsewhere` one of another tenant, `wrong` all others."""

    client: TestClient
    headers: dict[str, str]
    elsewhere: dict[str, str]
    wrong: dict[str, str]

    def post(self, path: str, **body: Any) -> Any:
        return self.client.post(f"/v1{path}", json=body, headers=self.headers)

    def task(self, action: str = "newsletter", **body: Any) -> Json:
        task: Json = self.post("/captchas", action=action, **body).json()["task"]
        return task

    def verify(self, action: str = "newsletter", **body: Any) -> tuple[str, str]:
        answer = self.post("/captchas/verify", action=action, **body).json()
        return answer["result"], answer["reason"]


def a_gate(folder: Path, **settings: Any) -> Iterator[Gate]:
    chosen = Settings(data_dir=folder / "data", challenge_cost=1, **settings)
    keys = (
        a_key(chosen, scopes=[Scope.GATE]),
        a_key(chosen, tenant="elsewhere", scopes=[Scope.GATE]),
        a_key(chosen, scopes=[each for each in Scope if each is not Scope.GATE]),
    )
    with TestClient(create_app(chosen), base_url="http://127.0.0.1") as client:
        yield Gate(client, *map(bearer, keys))


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    yield from a_gate(tmp_path_factory.mktemp("gate"))


@pytest.fixture(scope="module")
def provider() -> Iterator[FakeProvider]:
    with running_provider() as running:
        yield running


def hosted_by(provider: FakeProvider) -> Json:
    return {
        "captcha_provider": "turnstile",
        "captcha_site_key": SITE_KEY,
        "captcha_secret": SECRET,
        "captcha_hostname": HOSTNAME,
        "captcha_verify_url": provider.url,
    }


def code_of(secret: str, *, steps_ahead: int = 0) -> str:
    return TOTP(secret).generate_otp(int(time.time() // 30) + steps_ahead)


def enrolled(gate: Gate, subject: str) -> tuple[str, list[str]]:
    """Somebody's secret and recovery codes; the code before the present one is used up."""
    secret = gate.post("/totp", subject=subject, name=f"{subject}@example.com").json()["secret"]
    code = code_of(secret, steps_ahead=-1)
    codes = gate.post("/totp/confirm", subject=subject, code=code).json()["codes"]
    return secret, codes


def test_a_captcha_is_solved_once(gate: Gate) -> None:
    payload = solved(gate.task(subject="form-1"))
    assert gate.verify(subject="form-1", payload=payload) == ("pass", "solved")
    assert gate.verify(subject="form-1", payload=payload) == ("fail", "already-used")


def test_a_captcha_belongs_to_its_action_subject_and_tenant(gate: Gate) -> None:
    payload = solved(gate.task(subject="form-1"))
    assert gate.verify("login", subject="form-1", payload=payload)[0] == "fail"
    assert gate.verify(subject="form-2", payload=payload)[0] == "fail"
    other = Gate(gate.client, gate.elsewhere, gate.headers, gate.wrong)
    assert other.verify(subject="form-1", payload=payload)[0] == "fail"
    assert gate.verify(subject="form-1", payload=payload)[0] == "pass"


def test_a_hosted_captcha_is_verified_with_its_provider(
    tmp_path: Path, provider: FakeProvider
) -> None:
    for gate in a_gate(tmp_path, **hosted_by(provider)):
        task = gate.task()
        assert (task["kind"], task["provider"], task["site_key"]) == (
            "captcha",
            "turnstile",
            SITE_KEY,
        )
        token = provider.token(task)
        assert gate.verify(token=token, ip="203.0.113.9") == ("pass", "solved")
        assert gate.verify(token=token)[0] == "fail"
        provider.mode = "500"
        assert gate.verify(token=provider.token(task)) == ("unavailable", "status-500")
        provider.mode = "answer"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"action": ""},
        {"action": "a b"},
        {"action": "a" * 65},
        {"action": "x", "subject": "\x00"},
        {"action": "x", "effort": 0},
        {"action": "x", "cost": 1},
    ],
)
def test_a_captcha_is_wanted_for_something_that_can_be_named(gate: Gate, body: Json) -> None:
    answer = gate.client.post("/v1/captchas", json=body, headers=gate.headers)
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "body", [{}, {"payload": "x", "token": "y"}, {"payload": 5}, {"payload": "x" * 4097}]
)
def test_an_answer_is_one_payload_or_one_token(gate: Gate, body: Json) -> None:
    assert gate.post("/captchas/verify", action="x", **body).status_code == 422


def test_a_second_factor_from_enrolment_to_removal(gate: Gate) -> None:
    secret, codes = enrolled(gate, "mo")
    state = gate.client.get("/v1/totp/mo", headers=gate.headers).json()
    assert (state["is_enrolled"], state["codes_left"]) == (True, 10)
    assert gate.post("/totp/verify", subject="mo", code=code_of(secret)).json() == {
        "factor": "totp"
    }
    again = gate.post("/totp/verify", subject="mo", code=code_of(secret))
    assert (again.status_code, again.json()["type"]) == (401, "/problems/code-rejected")
    spent = gate.post("/totp/verify", subject="mo", code=codes[0])
    assert spent.json() == {"factor": "recovery_code"}
    fresh = gate.post("/totp/mo/recovery-codes").json()["codes"]
    assert len(fresh) == 10
    assert gate.post("/totp/verify", subject="mo", code=codes[1]).status_code == 401
    assert gate.client.delete("/v1/totp/mo", headers=gate.headers).status_code == 204
    assert gate.client.delete("/v1/totp/mo", headers=gate.headers).status_code == 404
    assert gate.post("/totp/verify", subject="mo", code=fresh[0]).status_code == 401


def test_a_secret_is_shown_once(gate: Gate) -> None:
    made = gate.post("/totp", subject="ana", name="ana").json()
    assert made["qr_svg"].startswith("<svg ")
    code = code_of(made["secret"])
    confirmed = gate.post("/totp/confirm", subject="ana", code=code)
    assert confirmed.status_code == 200
    state = gate.client.get("/v1/totp/ana", headers=gate.headers)
    assert made["secret"] not in confirmed.text + state.text
    assert gate.post("/totp", subject="ana", name="ana").status_code == 409


def test_five_wrong_codes_are_enough(gate: Gate) -> None:
    enrolled(gate, "guessed")
    for _ in range(5):
        assert gate.post("/totp/verify", subject="guessed", code="000000").status_code == 401
    refused = gate.post("/totp/verify", subject="guessed", code="000000")
    assert (refused.status_code, refused.json()["type"]) == (429, "/problems/quota-exceeded")
    assert int(refused.headers["retry-after"]) > 0


def test_somebody_unknown_is_answered_like_a_wrong_code(gate: Gate) -> None:
    enrolled(gate, "known")
    answers = [
        gate.post("/totp/verify", subject=subject, code="000000") for subject in ("known", "nobody")
    ]
    assert answers[0].status_code == answers[1].status_code == 401
    assert answers[0].json() == answers[1].json()


def test_another_tenants_people_are_nobody(gate: Gate) -> None:
    secret, _ = enrolled(gate, "theirs")
    headers = gate.elsewhere
    body = {"subject": "theirs", "code": code_of(secret)}
    assert gate.client.post("/v1/totp/verify", json=body, headers=headers).status_code == 401
    assert not gate.client.get("/v1/totp/theirs", headers=headers).json()["is_enrolled"]
    assert gate.client.delete("/v1/totp/theirs", headers=headers).status_code == 404


@pytest.mark.parametrize(
    "code",
    [
        "",
        "x" * 65,
        "\x00",
        "\uff11\uff12\uff13\uff14\uff15\uff16",
        "12345",
        "null",
        "999999 OR 1=1",
    ],
)
def test_hostile_codes_are_refused_and_break_nothing(gate: Gate, code: str) -> None:
    assert gate.post("/totp/verify", subject=f"h{len(code)}", code=code).status_code in {401, 422}


@pytest.mark.parametrize("subject", ["", "a/b", "a\nb", "x" * 257, 5, None])
def test_hostile_subjects_are_refused(gate: Gate, subject: object) -> None:
    assert gate.post("/totp", subject=subject, name="x").status_code == 422


ROUTES = [
    ("POST", "/v1/captchas"),
    ("POST", "/v1/captchas/verify"),
    ("POST", "/v1/totp"),
    ("POST", "/v1/totp/confirm"),
    ("POST", "/v1/totp/verify"),
    ("GET", "/v1/totp/mo"),
    ("DELETE", "/v1/totp/mo"),
    ("POST", "/v1/totp/mo/recovery-codes"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_only_a_key_for_the_gate_opens_it(gate: Gate, method: str, path: str) -> None:
    assert gate.client.request(method, path).status_code == 401
    assert gate.client.request(method, path, headers=gate.wrong).status_code == 403


def test_the_second_factor_of_an_account_is_its_owners(gate: Gate) -> None:
    body = {
        "username": "quiet_otter",
        "password": "seven otters in a canoe",
        "context": {"ip": "203.0.113.80"},
    }
    made = gate.client.post("/v1/accounts", json=body, headers=gate.wrong)
    account = made.json()["account"]["id"]
    assert gate.post("/totp", subject=account, name="thief").status_code == 403
    assert gate.client.delete(f"/v1/totp/{account}", headers=gate.headers).status_code == 403


def test_nothing_that_is_answered_or_asked_is_in_a_log_line(
    gate: Gate, capsys: pytest.CaptureFixture[str]
) -> None:
    secret, codes = enrolled(gate, "logged")
    typed = code_of(secret)
    gate.post("/totp/verify", subject="logged", code=typed)
    gate.post("/totp/verify", subject="logged", code=codes[0])
    said = capsys.readouterr()
    lines = said.out + said.err
    assert "second_factor_checked" in lines
    for hidden in (secret, typed, *codes, "logged"):
        assert hidden not in lines


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"captcha_secret": ""}, "SAFETY_CAPTCHA_SECRET"),
        ({"captcha_site_key": ""}, "SAFETY_CAPTCHA_SITE_KEY"),
        (
            {
                "environment": "production",
                "captcha_secret": "1x0000000000000000000000000000000AA",
                "captcha_verify_url": "",
            },
            "everybody passes",
        ),
        ({"environment": "production", "captcha_hostname": ""}, "SAFETY_CAPTCHA_HOSTNAME"),
        ({"environment": "production"}, "https"),
    ],
)
def test_a_captcha_that_would_let_anybody_pass_stops_the_start(
    tmp_path: Path, provider: FakeProvider, changes: Json, advice: str
) -> None:
    settings = Settings(data_dir=tmp_path / "data", **{**hosted_by(provider), **changes})
    with pytest.raises(ConfigurationError, match=advice):
        create_app(settings)


def test_a_captcha_task_carries_no_secret_of_ours(tmp_path: Path, provider: FakeProvider) -> None:
    for gate in a_gate(tmp_path, **hosted_by(provider)):
        assert SECRET not in json.dumps(gate.task())
