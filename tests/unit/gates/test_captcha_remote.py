"""What a hosted CAPTCHA promises: checked to the letter, in time, and no secret goes elsewhere."""

import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from safety.domain.challenges import CaptchaOutcome, CaptchaResult
from safety.gates.breaker import Breaker
from safety.gates.captcha_providers import PROVIDERS, is_test_secret
from safety.gates.captcha_remote import HostedCaptcha, Hosting, action_name
from tests.captcha_fake import HOSTNAME, SECRET, SITE_KEY, FakeProvider, running_provider

NOON = 1_795_366_800.0
DEADLINE = 0.5


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with running_provider() as running:
        yield running


class Scene:
    def __init__(self, provider: FakeProvider, name: str = "turnstile", **hosting: Any) -> None:
        self.provider = provider
        self.now = 0.0
        self.breaker = Breaker(lambda: self.now, failures=3, rest=10)
        keys: dict[str, Any] = {"site_key": SITE_KEY, "secret": SECRET, "hostname": HOSTNAME}
        self.captcha = HostedCaptcha(
            PROVIDERS[name],
            Hosting(**{**keys, "verify_url": provider.url, **hosting}),
            breaker=self.breaker,
            deadline=DEADLINE,
        )

    def answer(self, *, ip: str | None = None, **changes: Any) -> CaptchaResult:
        token = self.provider.token(self.captcha.task("signup", "dec_1", at=NOON), **changes)
        return self.captcha.verify(token, action="signup", subject="dec_1", at=NOON, remote_ip=ip)


@pytest.fixture
def scene(provider: FakeProvider) -> Iterator[Scene]:
    made = Scene(provider)
    yield made
    made.captcha.close()


def test_the_question_carries_what_the_protocol_asks_for(scene: Scene) -> None:
    assert scene.answer(ip="203.0.113.9").is_pass
    asked = scene.provider.asked[0]
    assert asked["secret"] == SECRET
    assert asked["remoteip"] == "203.0.113.9"
    assert len(asked["idempotency_key"]) == 36


def test_without_an_address_none_is_sent(scene: Scene) -> None:
    assert scene.answer().is_pass
    assert "remoteip" not in scene.provider.asked[0]


def test_hcaptcha_is_asked_for_our_site_key(provider: FakeProvider) -> None:
    scene = Scene(provider, "hcaptcha")
    assert scene.answer().is_pass
    assert provider.asked[0]["sitekey"] == SITE_KEY
    assert "idempotency_key" not in provider.asked[0]
    scene.captcha.close()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"success": False, "error-codes": ["timeout-or-duplicate"]}, "timeout-or-duplicate"),
        ({"success": False, "error-codes": []}, "not-solved"),
        ({"success": False, "error-codes": "odd"}, "not-solved"),
        ({"hostname": "evil.example"}, "wrong-hostname"),
        ({"hostname": f"{HOSTNAME}.evil.example"}, "wrong-hostname"),
        ({"hostname": None}, "wrong-hostname"),
        ({"action": "login"}, "wrong-action"),
        ({"action": None}, "wrong-action"),
        ({"cdata": "other"}, "wrong-subject"),
    ],
)
def test_everything_an_answer_says_must_fit(
    scene: Scene, changes: dict[str, Any], reason: str
) -> None:
    result = scene.answer(**changes)
    assert (result.outcome, result.reason) == (CaptchaOutcome.FAIL, reason)


@pytest.mark.parametrize(
    ("score", "is_enough"),
    [(0.5, True), (1, True), (0.49, False), (None, False), ("0.9", False), (True, False)],
)
def test_a_low_score_does_not_pass(provider: FakeProvider, score: object, is_enough: bool) -> None:
    scene = Scene(provider, "recaptcha_v3")
    assert scene.answer(score=score).is_pass is is_enough
    scene.captcha.close()


def test_any_host_will_do_where_none_is_configured(provider: FakeProvider) -> None:
    scene = Scene(provider, hostname="")
    assert scene.answer(hostname="anywhere.example").is_pass
    scene.captcha.close()


def test_a_token_works_once(scene: Scene) -> None:
    token = scene.provider.token(scene.captcha.task("signup", "dec_1", at=NOON))
    outcomes = [
        scene.captcha.verify(token, action="signup", subject="dec_1", at=NOON).outcome
        for _ in range(2)
    ]
    assert outcomes == [CaptchaOutcome.PASS, CaptchaOutcome.FAIL]


MISBEHAVIOURS = [
    "500", "503", "garbage", "html", "list", "true", "no success", "success as text",
    "success as number", "deep", "huge", "redirect", "cut", "internal error", "hang", "drip",
]  # fmt: skip


@pytest.mark.parametrize("mode", MISBEHAVIOURS)
def test_a_provider_that_misbehaves_is_unavailable_in_time(scene: Scene, mode: str) -> None:
    scene.provider.mode = mode
    began = time.monotonic()
    result = scene.answer()
    assert result.outcome is CaptchaOutcome.UNAVAILABLE
    assert not result.spend
    assert time.monotonic() - began < DEADLINE + 1


def test_a_redirect_is_not_followed(scene: Scene) -> None:
    scene.provider.mode = "redirect"
    scene.answer()
    assert {"redirected": True} not in scene.provider.asked


def test_a_wrong_secret_of_ours_fails_nobody_and_is_logged_without_it(
    provider: FakeProvider,
) -> None:
    scene = Scene(provider, secret="mistyped-secret")
    with capture_logs() as lines:
        result = scene.answer()
    assert (result.outcome, result.reason) == (
        CaptchaOutcome.UNAVAILABLE,
        "invalid-input-secret",
    )
    assert [line["event"] for line in lines] == ["captcha_refused_us"] * 2
    assert "mistyped-secret" not in repr(lines)
    scene.captcha.close()


def test_turnstile_is_asked_once_more_about_the_same_token(scene: Scene) -> None:
    scene.provider.modes = ["cut"]
    assert scene.answer().is_pass
    first, second = scene.provider.asked
    assert first["idempotency_key"] == second["idempotency_key"]


def test_a_provider_that_cannot_be_asked_again_is_not(provider: FakeProvider) -> None:
    scene = Scene(provider, "recaptcha_v2")
    provider.modes = ["500"]
    assert scene.answer().outcome is CaptchaOutcome.UNAVAILABLE
    assert len(provider.asked) == 1
    scene.captcha.close()


def test_after_three_times_it_is_away_and_not_asked_until_it_has_rested(scene: Scene) -> None:
    scene.provider.mode = "500"
    with capture_logs() as lines:
        for _ in range(3):
            assert scene.answer().outcome is CaptchaOutcome.UNAVAILABLE
    assert [line["event"] for line in lines] == ["captcha_provider_away"]
    assert scene.captcha.is_away()
    asked = len(scene.provider.asked)
    assert scene.answer().reason == "provider-away"
    assert len(scene.provider.asked) == asked
    scene.provider.mode = "answer"
    scene.now += 10
    assert scene.answer().is_pass
    assert not scene.captcha.is_away()
    assert scene.captcha.is_away(within=300)
    scene.now += 300
    assert not scene.captcha.is_away(within=300)


def test_wrong_tokens_do_not_make_a_provider_seem_away(scene: Scene) -> None:
    for number in range(20):
        scene.captcha.verify(f"wrong-{number}", action="signup", subject="dec_1", at=NOON)
    assert not scene.captcha.is_away()


def test_tokens_of_another_sites_widget_fail_and_do_not_make_a_provider_seem_away(
    provider: FakeProvider,
) -> None:
    scene = Scene(provider, "hcaptcha")
    refusal: dict[str, Any] = {"success": False, "error-codes": ["sitekey-secret-mismatch"]}
    outcomes = {scene.answer(**refusal).outcome for _ in range(4)}
    assert outcomes == {CaptchaOutcome.FAIL}
    assert not scene.captcha.is_away()
    scene.captcha.close()


def test_a_host_that_does_not_listen_is_unavailable(provider: FakeProvider) -> None:
    scene = Scene(provider, verify_url="http://127.0.0.1:9/siteverify")
    assert scene.answer().outcome is CaptchaOutcome.UNAVAILABLE
    scene.captcha.close()


def test_no_proxy_of_the_environment_sees_the_secret(
    provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setitem(os.environ, name, "http://127.0.0.1:9")
    scene = Scene(provider)
    assert scene.answer().is_pass
    scene.captcha.close()


def test_a_secret_is_not_shown_by_accident() -> None:
    assert "hush" not in repr(Hosting("site", "hush", ""))


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("turnstile", "1x0000000000000000000000000000000AA"),
        ("turnstile", "2x0000000000000000000000000000000AA"),
        ("turnstile", "3x0000000000000000000000000000000AA"),
        ("hcaptcha", "0x0000000000000000000000000000000000000000"),
        ("recaptcha_v2", "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe"),
        ("recaptcha_v3", "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe"),
    ],
)
def test_secrets_published_for_tests_are_known(name: str, secret: str) -> None:
    assert is_test_secret(name, secret)
    assert not is_test_secret(name, "0x4AAAAAAAprivatelookingsecret000000")
    assert not is_test_secret("proof_of_work", secret)


def test_an_action_is_spelt_so_that_every_provider_takes_it() -> None:
    assert action_name("profile_update") == "profile_update"
    assert action_name("our.own-event") == "our_own_event"
    assert len(action_name("a" * 100)) == 32
