"""What every implementation of the Captcha port promises. Add an implementation to MAKERS."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safety.domain.challenges import CaptchaOutcome
from safety.domain.ports import Captcha
from safety.gates.captcha_pow import ProofOfWork
from safety.gates.captcha_providers import PROVIDERS
from safety.gates.captcha_remote import HostedCaptcha, Hosting
from tests.captcha_fake import HOSTNAME, SECRET, SITE_KEY, FakeProvider, running_provider
from tests.solver import solved

Json = dict[str, Any]
NOON = 1_795_366_800.0
KEY = b"k" * 32


@dataclass
class Door:
    """An implementation, and somebody who solves what it poses."""

    captcha: Captcha
    solve: Callable[[Json], str]
    knows_action: bool
    knows_subject: bool

    def task(self, action: str = "signup", subject: str = "dec_1") -> Json:
        return self.captcha.task(action, subject, at=NOON)

    def outcome(self, answer: str, action: str = "signup", subject: str = "dec_1") -> str:
        return self.captcha.verify(answer, action=action, subject=subject, at=NOON).outcome


def own(_provider: FakeProvider) -> Door:
    return Door(ProofOfWork(KEY, 300, 1), solved, knows_action=True, knows_subject=True)


def hosted(name: str) -> Callable[[FakeProvider], Door]:
    def make(provider: FakeProvider) -> Door:
        known = PROVIDERS[name]
        hosting = Hosting(SITE_KEY, SECRET, HOSTNAME, verify_url=provider.url)
        captcha = HostedCaptcha(known, hosting)
        return Door(captcha, provider.token, known.gives_action, known.gives_subject)

    return make


MAKERS: dict[str, Callable[[FakeProvider], Door]] = {
    "proof_of_work": own,
    **{name: hosted(name) for name in PROVIDERS},
}


@pytest.fixture(scope="module")
def provider() -> Iterator[FakeProvider]:
    with running_provider() as running:
        yield running


@pytest.fixture(params=sorted(MAKERS), scope="module")
def door(request: pytest.FixtureRequest, provider: FakeProvider) -> Iterator[Door]:
    made = MAKERS[request.param](provider)
    yield made
    if isinstance(made.captcha, HostedCaptcha):
        made.captcha.close()


def test_a_solved_task_passes_and_names_what_to_spend(door: Door) -> None:
    result = door.captcha.verify(
        door.solve(door.task()), action="signup", subject="dec_1", at=NOON, remote_ip="203.0.113.9"
    )
    assert result.outcome is CaptchaOutcome.PASS
    assert len(result.spend) == 64


def test_two_tasks_are_spent_apart(door: Door) -> None:
    spent = {
        door.captcha.verify(
            door.solve(door.task()), action="signup", subject="dec_1", at=NOON
        ).spend
        for _ in range(5)
    }
    assert len(spent) == 5


def test_an_answer_handed_in_again_never_counts_as_another(door: Door) -> None:
    answer = door.solve(door.task())
    first = door.captcha.verify(answer, action="signup", subject="dec_1", at=NOON)
    again = door.captcha.verify(answer, action="signup", subject="dec_1", at=NOON)
    assert again.outcome is CaptchaOutcome.FAIL or again.spend == first.spend


def test_an_answer_is_good_for_its_action(door: Door) -> None:
    outcome = door.outcome(door.solve(door.task("signup")), action="login")
    assert outcome == ("fail" if door.knows_action else "pass")


def test_an_answer_is_good_for_its_subject(door: Door) -> None:
    outcome = door.outcome(door.solve(door.task(subject="dec_1")), subject="dec_2")
    assert outcome == ("fail" if door.knows_subject else "pass")


@pytest.mark.parametrize("action", ["signup", "profile_update", "our.own-event", "名前", "a" * 64])
def test_every_action_can_be_bound(door: Door, action: str) -> None:
    assert door.outcome(door.solve(door.task(action)), action=action) == "pass"


def test_a_task_is_json_without_secrets(door: Door) -> None:
    sent = json.dumps(door.task())
    assert SECRET not in sent
    assert KEY.decode() not in sent


@pytest.mark.parametrize(
    "answer",
    [
        "",
        " ",
        "\x00",
        "\ud800",
        "x" * 4097,
        "x" * 1_000_000,
        "ünïcode",
        "two words",
        "line\nbreak",
        "token&secret=other",
        b64encode(b"{}").decode(),
    ],
)
def test_garbage_fails_and_raises_nothing(door: Door, answer: str) -> None:
    result = door.captcha.verify(answer, action="signup", subject="dec_1", at=NOON)
    assert result.outcome is CaptchaOutcome.FAIL
    assert result.reason
    assert result.detail
    assert not result.spend


@given(answer=st.text(max_size=60))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_fails(door: Door, answer: str) -> None:
    assert door.outcome(answer) == "fail"


def test_it_is_not_away_while_it_answers(door: Door) -> None:
    door.outcome("nonsense")
    assert not door.captcha.is_away()
    assert not door.captcha.is_away(within=300)
