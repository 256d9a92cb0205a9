"""Decisions that challenge, over a real database, with a provider, phones, and rules by words."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from time import perf_counter
from types import MappingProxyType
from typing import Any

from sqlalchemy import Engine

from safety.decisions.captchas import Captchas
from safety.decisions.challenge import ActorCodes, Challenges
from safety.decisions.decide import Caller, Decider, Limits
from safety.decisions.judge import Judge, Prepared
from safety.domain.challenges import Proof, WhenAway
from safety.gates.breaker import Breaker
from safety.gates.captcha_pow import ProofOfWork
from safety.gates.captcha_providers import PROVIDERS
from safety.gates.captcha_remote import HostedCaptcha, Hosting
from safety.gates.outage import ChallengeWatch
from safety.state.memory import MemoryCounters
from safety.store.group_commit import Ledger
from tests.captcha_fake import HOSTNAME, SECRET, SITE_KEY, FakeProvider
from tests.factories import Json, a_bundle, an_event, raw
from tests.integration.accounts.factor_scene import Phone, Scene

COST = 10
LASTS = 300.0
TENANT = "acme"


def _rule(word: str, then: str) -> str:
    return f"""
rule: says-{word}
title: Says {word}
owner: abuse
policy: spam.commercial
events: [comment]
when: content.text.contains("{word}")
then: {{verdict: challenge, {then}}}
rollout: {{mode: enforce}}
tests:
  - {{name: it does, expect: match, given: {{content.text: "{word}"}}}}
  - {{name: it does not, expect: no match, given: {{content.text: "hello"}}}}
"""


_LOGIN_RULE = """
rule: login-elsewhere
title: Somebody signs in from somewhere new
owner: abuse
policy: spam.commercial
events: [login]
when: not default(login.known_device, false)
then: {verdict: challenge, severity: medium, challenge: totp}
rollout: {mode: enforce}
tests:
  - {name: from somewhere new, expect: match, given: {login.known_device: false}}
  - {name: at home, expect: no match, given: {login.known_device: true}}
"""

RULES = "---".join(
    (
        _LOGIN_RULE,
        _rule("anything", "severity: medium"),
        _rule("work", "challenge: proof_of_work"),
        _rule("captcha", "challenge: captcha"),
        _rule("code", "challenge: totp"),
        _rule("minor", "severity: low"),
        _rule("grave", "severity: high"),
        _rule("critical", "severity: critical"),
        _rule("again", "severity: medium, label: {suspect: 7d}"),
    )
)


@dataclass
class Stage:
    """What happens here: comments are decided, and challenges are answered."""

    decider: Decider
    challenges: Challenges
    factors: Scene
    provider: FakeProvider
    timer: "Timer"
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def decide(self, says: str, *, actor: str = "mo", ip: str | None = "203.0.113.9") -> Json:
        """The decision on a comment."""
        return self._decided(
            an_event(
                id=f"comment-{next(self._numbers)}",
                content={"text": says},
                actor={"id": actor},
                net={"ip": ip} if ip else None,
            )
        )

    def log_in(self, actor: str) -> Json:
        """The decision on a sign-in from a device that nobody knows."""
        number = next(self._numbers)
        return self._decided({"id": f"login-{number}", "type": "login", "actor": {"id": actor}})

    def _decided(self, event: Json) -> Json:
        read = self.decider.read(raw(event), lambda: "evt")
        answer = self.decider.decide(Caller(TENANT), read, perf_counter())
        document: Json = json.loads(asyncio.run(answer))
        return document

    def prove(self, decision: Json, **proof: Any) -> Json:
        """The decision after an answer to its challenge."""
        upgraded = self.challenges.prove(TENANT, decision["id"], Proof(**proof))
        document: Json = json.loads(upgraded)
        return document


@dataclass
class Timer:
    at: float = 0.0

    def __call__(self) -> float:
        return self.at


@contextmanager
def a_stage(
    engine: Engine,
    tmp_path: Path,
    provider: FakeProvider,
    *,
    is_hosted: bool = True,
    when_away: WhenAway = WhenAway.PROOF_OF_WORK,
    away_by_action: Mapping[str, WhenAway] = MappingProxyType({}),
    codes: ActorCodes | None = None,
) -> Iterator[Stage]:
    """The parts, put together and running until the end of the block."""
    factors, timer = Scene(engine), Timer()
    captchas = Captchas(
        engine=engine,
        own=ProofOfWork(b"p" * 32, LASTS, COST),
        now=factors.clock,
        lasts=LASTS,
        hosted=_hosted(provider, timer) if is_hosted else None,
        when_away=when_away,
        away_by_action=away_by_action,
        watch=ChallengeWatch(timer),
    )
    found = codes or ActorCodes(factors.factor.is_enrolled, factors.factor.check_code)
    challenges = Challenges(engine, captchas, factors.clock, found)
    prepared, counters, kept = (
        Prepared(a_bundle(tmp_path, RULES), []),
        MemoryCounters(),
        Ledger(engine),
    )
    numbers = count(1)
    decider = Decider(
        engine=engine,
        ledger_writer=kept,
        counters=counters,
        judge=Judge(counters, lambda prefix: f"{prefix}_{next(numbers):08x}"),
        challenges=challenges,
        prepared=lambda: prepared,
        now=factors.clock,
        timer=perf_counter,
        limits=Limits(deadline=20, queue=1000),
        noticed=lambda *_: None,
    )
    kept.start()
    try:
        yield Stage(decider, challenges, factors, provider, timer)
    finally:
        kept.stop()
        captchas.close()
        factors.pool.stop()


def _hosted(provider: FakeProvider, timer: Timer) -> HostedCaptcha:
    hosting = Hosting(SITE_KEY, SECRET, HOSTNAME, verify_url=provider.url)
    return HostedCaptcha(PROVIDERS["turnstile"], hosting, breaker=Breaker(timer), deadline=0.5)


def a_phone(stage: Stage, actor: str = "mo") -> Phone:
    """An actor's authenticator app, enrolled."""
    return stage.factors.enrolled(actor, TENANT)
