"""CAPTCHAs: which one is posed, what an answer is worth, and what happens while one is out."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import structlog
from sqlalchemy import Connection, Engine

from safety.domain.challenges import CaptchaOutcome, CaptchaResult, ChallengeKind, Proof, WhenAway
from safety.domain.ports import Captcha
from safety.gates.addresses import UNKNOWN, wider_subject_of
from safety.gates.outage import ChallengeWatch
from safety.store import spent
from safety.store.engine import write

log = structlog.get_logger(__name__)

Json = dict[str, Any]

# Providers' tokens live five minutes at most; afterwards they refuse them themselves.
_SPENT_FOR = 15 * 60.0
_FALLBACK = "fallback:"


@dataclass(frozen=True, slots=True)
class Captchas:
    """Our own proof of work, and a hosted provider if one is configured.

    `lasts` is how long a task may be answered, in seconds. A hosted task carries a proof of work
    beside it, which is accepted only while the provider is out: when it does not answer, or when
    nearly nobody passes any more. When nearly nobody passes the proof of work either, challenges
    are open. What happens while the provider is out may differ by action, such as an event's type.
    """

    engine: Engine
    own: Captcha
    now: Callable[[], float]
    lasts: float
    hosted: Captcha | None = None
    when_away: WhenAway = WhenAway.PROOF_OF_WORK
    away_by_action: Mapping[str, WhenAway] = field(default_factory=dict)
    watch: ChallengeWatch = field(default_factory=lambda: ChallengeWatch(time.monotonic))
    raised: Callable[[], int] = lambda: 1  # times the usual price, while the level is raised

    def task(
        self,
        action: str,
        subject: str,
        *,
        at: float,
        wanted: ChallengeKind | None = None,
        effort: int = 1,
    ) -> Json | None:
        """What a page needs to pose the challenge, or None while challenges are open.

        `wanted` asks for a kind; without it the hosted one is taken, where there is one.
        """
        effort *= self.raised()
        hosted = None if wanted is ChallengeKind.PROOF_OF_WORK else self.hosted
        if hosted is None or (self._is_out() and self._away(action) is WhenAway.PROOF_OF_WORK):
            if self.is_open(ChallengeKind.PROOF_OF_WORK, action):
                return None
            task = self.own.task(action, subject, at=at, effort=effort)
            return {"kind": ChallengeKind.PROOF_OF_WORK, **task}
        if self._is_out() and self._away(action) is WhenAway.OPEN:
            return None
        posed = {"kind": ChallengeKind.CAPTCHA, **hosted.task(action, subject, at=at)}
        if self._away(action) is WhenAway.PROOF_OF_WORK:
            posed |= self.own.task(_FALLBACK + action, subject, at=at, effort=effort)
        return posed

    def check(self, action: str, subject: str, proof: Proof) -> CaptchaResult:
        """How an answer went, without using it up. Takes up to two seconds."""
        address = proof.remote_ip or None
        if proof.token is not None:
            result = self._ask_provider(action, subject, proof.token, address)
            self._vote(ChallengeKind.CAPTCHA, address, result)
        else:
            result = self._check_work(action, subject, proof.payload or "")
            self._vote(ChallengeKind.PROOF_OF_WORK, address, result)
        return result

    def spend(self, connection: Connection, result: CaptchaResult) -> bool:
        """Use a passed answer up. True once, however many hand it in at the same moment."""
        until = self.now() + max(self.lasts, _SPENT_FOR)
        return not result.spend or spent.spend(connection, result.spend, until)

    def verify(self, action: str, subject: str, proof: Proof) -> CaptchaResult:
        """How an answer went, used up if it passed. Open challenges pass whatever comes."""
        result = self.check(action, subject, proof)
        if result.is_pass:
            with write(self.engine) as connection:
                is_first = self.spend(connection, result)
            return result if is_first else _fail("already-used", "This answer was used before.")
        kind = ChallengeKind.PROOF_OF_WORK if proof.token is None else ChallengeKind.CAPTCHA
        if result.outcome is CaptchaOutcome.FAIL and self.is_open(kind, action):
            return CaptchaResult(CaptchaOutcome.PASS, "challenge-open")
        return result

    def is_open(self, kind: ChallengeKind, action: str) -> bool:
        """Whether this challenge is broken and nothing takes its place for this action."""
        if kind is ChallengeKind.CAPTCHA and self._away(action) is not WhenAway.OPEN:
            return False
        return self.watch.is_open(kind)

    def close(self) -> None:
        """Ask the provider nothing more."""
        if self.hosted is not None:
            self.hosted.close()

    def _ask_provider(
        self, action: str, subject: str, token: str, address: str | None
    ) -> CaptchaResult:
        if self.hosted is None:
            return _fail("not-configured", "No CAPTCHA provider is configured.")
        at = self.now()
        result = self.hosted.verify(token, action=action, subject=subject, at=at, remote_ip=address)
        if result.outcome is CaptchaOutcome.UNAVAILABLE and self._away(action) is WhenAway.OPEN:
            log.error("captcha_passed_unseen", provider=self.hosted.name, why=result.reason)
            return replace(result, outcome=CaptchaOutcome.PASS)
        return result

    def _check_work(self, action: str, subject: str, payload: str) -> CaptchaResult:
        """A proof of work that was posed alone, or one beside a provider that is out."""
        at = self.now()
        result = self.own.verify(payload, action=action, subject=subject, at=at)
        if result.is_pass or self.hosted is None or not self._is_out(within=self.lasts):
            return result
        return self.own.verify(payload, action=_FALLBACK + action, subject=subject, at=at)

    def _away(self, action: str) -> WhenAway:
        return self.away_by_action.get(action, self.when_away)

    def _is_out(self, *, within: float = 0.0) -> bool:
        if self.hosted is None:
            return False
        return self.hosted.is_away(within=within) or self.watch.is_open(ChallengeKind.CAPTCHA)

    def _vote(self, kind: ChallengeKind, address: str | None, result: CaptchaResult) -> None:
        """One network, one vote. Without an address anybody could vote as often as they like."""
        voter = wider_subject_of(address) if address else UNKNOWN
        if voter != UNKNOWN and result.outcome is not CaptchaOutcome.UNAVAILABLE:
            self.watch.record(kind, voter, is_pass=result.is_pass)


def _fail(reason: str, detail: str) -> CaptchaResult:
    return CaptchaResult(CaptchaOutcome.FAIL, reason, detail)
