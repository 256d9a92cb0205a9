"""CAPTCHAs of hosted providers: the page gets a token from them, and they tell us what it is worth.

Turnstile, hCaptcha and reCAPTCHA speak nearly the same protocol, `siteverify`.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import uuid4

import httpx2
import structlog

from safety.domain.challenges import CaptchaOutcome, CaptchaResult
from safety.gates.breaker import Breaker
from safety.gates.captcha_providers import Provider, is_our_fault

log = structlog.get_logger(__name__)

Json = dict[str, Any]

DEADLINE_SECONDS = 2.0  # for the whole question, with its retry
MAX_TOKEN = 4096  # the longest that is documented has 2048 characters
_MAX_ANSWER = 64 * 1024
_PHASE_SECONDS = 1.0  # for connecting, and for each piece of the answer
_ASKED_AT_ONCE = 16

_TOKEN = re.compile(r"[!-~]{1,4096}")
_NOT_IN_ACTION = re.compile(r"[^A-Za-z0-9_]")
_LONGEST_ACTION = 32  # Turnstile's bound, the smallest


@dataclass(frozen=True, slots=True)
class Hosting:
    """What an operator configures: the keys, and what an answer must say.

    `verify_url` replaces the provider's address; an empty `hostname` accepts every host.
    """

    site_key: str
    secret: str = field(repr=False)
    hostname: str
    minimum_score: float = 0.5
    verify_url: str = ""


class _NobodyAnswers(Exception):
    """The provider did not say anything that can be understood, in time."""


class HostedCaptcha:
    """One provider, asked over HTTPS with a deadline, and not asked while it does not answer."""

    def __init__(
        self,
        provider: Provider,
        hosting: Hosting,
        *,
        timer: Callable[[], float] = time.monotonic,
        breaker: Breaker | None = None,
        deadline: float = DEADLINE_SECONDS,
    ) -> None:
        self._provider = provider
        self._hosting = hosting
        self._url = hosting.verify_url or provider.verify_url
        self._timer = timer
        self._breaker = breaker or Breaker(timer)
        self._deadline = deadline
        # No proxies from the environment, no redirects: the secret goes to this address only.
        self._client = httpx2.Client(
            timeout=min(_PHASE_SECONDS, deadline), follow_redirects=False, trust_env=False
        )
        # Own threads, because looking up a name has no deadline: the caller leaves, they stay.
        self._askers = ThreadPoolExecutor(_ASKED_AT_ONCE, thread_name_prefix="captcha")

    @property
    def name(self) -> str:
        """The provider's name."""
        return self._provider.name

    def close(self) -> None:
        """Ask nothing more."""
        self._askers.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def task(self, action: str, subject: str, *, at: float, effort: int = 1) -> Json:
        """What the provider's widget is started with."""
        del at, effort
        task = {"provider": self.name, "site_key": self._hosting.site_key}
        task["action"] = action_name(action)
        if self._provider.gives_subject:
            task["cdata"] = _subject_name(subject)
        return task

    def verify(
        self, answer: str, *, action: str, subject: str, at: float, remote_ip: str | None = None
    ) -> CaptchaResult:
        """What the provider says of a token, and whether it was solved for this."""
        del at
        if not _TOKEN.fullmatch(answer):
            return _fail("malformed", "This is not a provider's token.")
        if not self._breaker.may_try():
            return _unavailable("provider-away")
        try:
            said = self._ask(answer, remote_ip)
        except _NobodyAnswers as error:
            if self._breaker.failed():
                log.error("captcha_provider_away", provider=self.name, why=str(error))  # noqa: TRY400  no stack wanted
            return _unavailable(str(error))
        self._breaker.succeeded()
        return self._judge(said, answer, action, subject)

    def is_away(self, *, within: float = 0.0) -> bool:
        """Whether the provider has not answered several times in a row."""
        return self._breaker.is_open(within=within)

    def _ask(self, token: str, remote_ip: str | None) -> Json:
        """The provider's answer. A token that may be asked about twice is, if time allows."""
        until = self._timer() + self._deadline
        form = self._form(token, remote_ip)
        try:
            return self._ask_once(form, until)
        except _NobodyAnswers:
            if not self._provider.takes_retry or self._timer() >= until:
                raise
            return self._ask_once(form, until)

    def _ask_once(self, form: Mapping[str, str], until: float) -> Json:
        asking: Future[Json] = self._askers.submit(self._post, form, until)
        try:
            said = asking.result(timeout=max(0.0, until - self._timer()))
        except TooLate:
            asking.cancel()
            raise _NobodyAnswers("timeout") from None
        codes = _codes(said)
        blamed = next((code for code in codes if is_our_fault(code)), None)
        if blamed is not None:
            log.error("captcha_refused_us", provider=self.name, code=blamed)
            raise _NobodyAnswers(blamed)
        return said

    def _post(self, form: Mapping[str, str], until: float) -> Json:
        try:
            with self._client.stream("POST", self._url, data=form) as response:
                body = bytearray()
                for piece in response.iter_raw():
                    body += piece
                    if len(body) > _MAX_ANSWER or self._timer() >= until:
                        raise _NobodyAnswers("answer-too-long")
                status = response.status_code
        except httpx2.TimeoutException:
            raise _NobodyAnswers("timeout") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, RuntimeError) as error:
            raise _NobodyAnswers(type(error).__name__) from None
        return _read(status, bytes(body))

    def _form(self, token: str, remote_ip: str | None) -> dict[str, str]:
        form = {"secret": self._hosting.secret, "response": token}
        if remote_ip:
            form["remoteip"] = remote_ip
        if self._provider.takes_retry:
            form["idempotency_key"] = str(uuid4())
        if self._provider.takes_site_key:
            form["sitekey"] = self._hosting.site_key
        return form

    def _judge(self, said: Json, token: str, action: str, subject: str) -> CaptchaResult:
        provider, hosting = self._provider, self._hosting
        if said["success"] is not True:
            return _fail((_codes(said) or ["not-solved"])[0], "The provider does not accept it.")
        if hosting.hostname and said.get("hostname") != hosting.hostname:
            return _fail("wrong-hostname", "It was solved on another site.")
        if provider.gives_action and said.get("action") != action_name(action):
            return _fail("wrong-action", "It was solved for something else.")
        if provider.gives_subject and said.get("cdata") != _subject_name(subject):
            return _fail("wrong-subject", "It was solved for something else.")
        if provider.gives_score and not _is_enough(said.get("score"), hosting.minimum_score):
            return _fail("low-score", "The provider takes this for a program.")
        spend = sha256(f"{provider.name}:{token}".encode("ascii")).hexdigest()
        return CaptchaResult(CaptchaOutcome.PASS, "solved", spend=spend)


def action_name(action: str) -> str:
    """An action in the letters that every provider takes."""
    return _NOT_IN_ACTION.sub("_", action)[:_LONGEST_ACTION]


def _subject_name(subject: str) -> str:
    """A subject as it may travel to a provider and back: nobody there learns who it is."""
    return sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _read(status: int, body: bytes) -> Json:
    # Some answer 4xx to a wrong token, with a body that says so: the body decides.
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise _NobodyAnswers(f"status-{status}") from None
    if not isinstance(said, dict) or not isinstance(said.get("success"), bool):
        raise _NobodyAnswers(f"status-{status}")
    return said


def _codes(said: Json) -> list[str]:
    codes = said.get("error-codes")
    return [str(code)[:64] for code in codes[:8]] if isinstance(codes, list) else []


def _is_enough(score: object, minimum: float) -> bool:
    return isinstance(score, int | float) and not isinstance(score, bool) and score >= minimum


def _fail(reason: str, detail: str) -> CaptchaResult:
    return CaptchaResult(CaptchaOutcome.FAIL, reason, detail)


def _unavailable(reason: str) -> CaptchaResult:
    detail = "The CAPTCHA provider cannot be asked at the moment."
    return CaptchaResult(CaptchaOutcome.UNAVAILABLE, reason, detail)
