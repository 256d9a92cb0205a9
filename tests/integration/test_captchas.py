"""CAPTCHAs by themselves, for platforms with flows of their own: bound, spent once, never stuck."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine

from safety.decisions.captchas import Captchas
from safety.domain.challenges import CaptchaOutcome, Proof, WhenAway
from tests.captcha_fake import FakeProvider, running_provider
from tests.factories import Json
from tests.integration.accounts.factor_scene import NOON
from tests.integration.challenge_scene import Stage, a_stage
from tests.solver import solved

Make = Callable[..., AbstractContextManager[Stage]]
PASS, FAIL, AWAY = CaptchaOutcome.PASS, CaptchaOutcome.FAIL, CaptchaOutcome.UNAVAILABLE


@pytest.fixture(scope="module")
def provider() -> Iterator[FakeProvider]:
    with running_provider() as running:
        yield running


@pytest.fixture
def make(engine: Engine, tmp_path: Path, provider: FakeProvider) -> Make:
    provider.mode = "answer"
    return partial(a_stage, engine, tmp_path, provider)


@pytest.fixture
def own(make: Make) -> Iterator[Captchas]:
    with make(is_hosted=False) as stage:
        yield stage.challenges.captchas


def a_task(captchas: Captchas, action: str = "newsletter", subject: str = "") -> Json:
    task = captchas.task(action, subject, at=NOON)
    assert task is not None
    return task


def verified(
    captchas: Captchas, action: str = "newsletter", subject: str = "", **proof: str
) -> str:
    return captchas.verify(action, subject, Proof(**proof)).outcome


def test_an_answer_works_once(own: Captchas) -> None:
    payload = solved(a_task(own))
    assert verified(own, payload=payload) == PASS
    assert verified(own, payload=payload) == FAIL


def test_of_twenty_who_hand_in_an_answer_at_once_one_passes(own: Captchas) -> None:
    payload = solved(a_task(own))
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: verified(own, payload=payload), range(20)))
    assert outcomes.count(PASS) == 1


def test_an_answer_is_bound_to_its_action_and_subject(own: Captchas) -> None:
    payload = solved(a_task(own, subject="form-1"))
    assert verified(own, "login", "form-1", payload=payload) == FAIL
    assert verified(own, subject="form-2", payload=payload) == FAIL
    assert verified(own, subject="form-1", payload=payload) == PASS


def test_an_answer_to_a_decision_is_none_to_a_form(make: Make) -> None:
    with make(is_hosted=False) as stage:
        decision = stage.decide("work")
        payload = solved(decision["challenge"])
        captchas = stage.challenges.captchas
        assert verified(captchas, "comment", payload=payload) == FAIL


def test_no_answer_at_all_fails(own: Captchas) -> None:
    assert verified(own) == FAIL
    assert verified(own, token="no provider here") == FAIL


def test_a_providers_token_works_once(make: Make) -> None:
    with make() as stage:
        captchas = stage.challenges.captchas
        token = stage.provider.token(a_task(captchas))
        assert verified(captchas, token=token) == PASS
        assert verified(captchas, token=token) == FAIL


def test_an_outage_of_the_provider_is_told_and_the_next_task_is_our_own(make: Make) -> None:
    with make() as stage:
        captchas = stage.challenges.captchas
        before = a_task(captchas)
        stage.provider.mode = "500"
        for _ in range(3):
            assert verified(captchas, token=stage.provider.token(before)) == AWAY
        task = a_task(captchas)
        assert task["kind"] == "proof_of_work"
        assert verified(captchas, payload=solved(task)) == PASS
        assert verified(captchas, payload=solved(before)) == PASS
        stage.provider.mode = "answer"
        stage.timer.at += 10
        assert verified(captchas, token=stage.provider.token(before)) == PASS
        assert a_task(captchas)["kind"] == "captcha"


def test_tokens_pass_unseen_where_outages_are_configured_to_be_open(make: Make) -> None:
    with make(when_away=WhenAway.OPEN) as stage:
        captchas = stage.challenges.captchas
        token = stage.provider.token(a_task(captchas))
        stage.provider.mode = "500"
        result = captchas.verify("newsletter", "", Proof(token=token))
        assert (result.outcome, result.reason) == (PASS, "status-500")


def break_the_work(captchas: Captchas) -> None:
    for network in range(40):
        verified(captchas, payload="broken solver", remote_ip=f"198.51.100.{network}")


def test_a_broken_challenge_lets_everything_pass_until_people_pass_again(make: Make) -> None:
    with make(is_hosted=False) as stage:
        captchas = stage.challenges.captchas
        before = a_task(captchas)
        break_the_work(captchas)
        assert captchas.task("newsletter", "", at=NOON) is None
        result = captchas.verify("newsletter", "", Proof(payload="broken solver"))
        assert (result.outcome, result.reason) == (PASS, "challenge-open")
        for network in range(3):
            task = captchas.own.task("newsletter", "", at=NOON)
            verified(captchas, payload=solved(task), remote_ip=f"192.0.2.{network}")
        assert verified(captchas, payload="broken solver") == FAIL
        assert verified(captchas, payload=solved(before)) == PASS


def test_one_network_cannot_break_a_challenge(own: Captchas) -> None:
    for host in range(60):
        verified(own, payload="broken solver", remote_ip=f"2001:db8:1:{host:x}::1")
    assert verified(own, payload="broken solver") == FAIL


def test_a_provider_whose_captcha_nobody_passes_is_replaced_by_the_proof_of_work(
    make: Make,
) -> None:
    with make() as stage:
        captchas = stage.challenges.captchas
        for network in range(40):
            verified(captchas, token="broken", remote_ip=f"198.51.100.{network}")
        assert a_task(captchas)["kind"] == "proof_of_work"
