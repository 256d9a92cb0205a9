"""Challenges: posed with a decision, proved once, and the decision is upgraded."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection, Engine

from safety.decisions.captchas import Captchas
from safety.decisions.effort import effort_of, kind_of
from safety.decisions.judge import Judgement
from safety.decisions.record import iso
from safety.domain.challenges import CaptchaOutcome, CaptchaResult, ChallengeKind, Proof
from safety.domain.decisions import Amendment, AmendmentKind
from safety.domain.errors import CodeRejected, NotFound, ProofRejected, Unavailable
from safety.domain.verdicts import Verdict
from safety.store import ledger, spent
from safety.store.accounts import get_account
from safety.store.engine import read, write
from safety.store.ledger import StoredDecision

log = structlog.get_logger(__name__)

Json = dict[str, Any]

_RETRY_SECONDS = 2
_LOGIN = "login"
# Of what is left of the deadline, for finding out whether an actor has an app; then the commit.
_LOOK_UP_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class ActorCodes:
    """The second factor of actors, as their tenant enrolled it.

    Both take the tenant and the actor. `check` raises `CodeRejected` or `TooManyRequests`.
    """

    is_enrolled: Callable[[str, str], bool]
    check: Callable[[str, str, str], object]


@dataclass(frozen=True, slots=True)
class Challenges:
    """Poses challenges bound to one decision and accepts each answer once.

    Which kind: what the rules ask for, else what is configured. A code is asked for only where the
    actor has enrolled an app; codes never open themselves, whatever fails.

    Whoever signs in to an account of ours is not asked for a code here: nobody has seen their
    password yet, so a stranger would learn who has an app, and use up the owner's tries. The second
    step asks for it.
    """

    engine: Engine
    captchas: Captchas
    now: Callable[[], float]
    codes: ActorCodes | None = None

    async def pose(self, judgement: Judgement, within: float) -> Json | None:
        """The task that goes out with a decision whose verdict is `challenge`.

        None while challenges are broken: then nobody should be held up by one. Waits only where a
        rule asks for a code, for less than `within` seconds.
        """
        wanted, subject = kind_of(judgement), judgement.id
        if wanted is ChallengeKind.TOTP:
            if await self._has_app(judgement, within * _LOOK_UP_SHARE):
                return self._posed(judgement, {"kind": ChallengeKind.TOTP})
            wanted = None
        task = self.captchas.task(
            judgement.event.type,
            subject,
            at=judgement.decided_at,
            wanted=wanted,
            effort=effort_of(judgement),
        )
        return None if task is None else self._posed(judgement, task)

    def prove(self, tenant: str, decision_id: str, proof: Proof) -> bytes:
        """Accept an answer: the upgraded decision, as JSON. Proving twice answers the same.

        Raises `NotFound`, `ProofRejected` with what is wrong with the proof, `TooManyRequests`
        after too many wrong codes, or `Unavailable` while nobody can tell.
        """
        with read(self.engine) as connection:
            stored = ledger.get(connection, tenant, decision_id)
            if stored is None:
                raise NotFound
            upgraded = _proved(connection, decision_id)
        if upgraded is not None:
            return upgraded
        now = self.now()
        result = self._checked(stored, proof, now)
        body = _upgraded(stored.answer, now)
        with write(self.engine) as connection:
            # Two different answers to one challenge may come at once: one upgrade, never two.
            if not spent.spend(connection, f"proved:{decision_id}", now + self.captchas.lasts):
                upgraded = _proved(connection, decision_id)
                if upgraded is not None:
                    return upgraded
            if not self.captchas.spend(connection, result):
                raise ProofRejected("this proof was used before")
            ledger.amend(
                connection, Amendment(decision_id, AmendmentKind.PROOF, now, Verdict.ALLOW, body)
            )
        return body

    def _posed(self, judgement: Judgement, task: Json) -> Json:
        return {
            **task,
            "expires_at": iso(judgement.decided_at + self.captchas.lasts),
            "proof_url": f"/v1/decisions/{judgement.id}/proof",
        }

    async def _has_app(self, judgement: Judgement, within: float) -> bool:
        if self.codes is None:
            return False
        looking = asyncio.to_thread(self._may_ask, self.codes, judgement)
        try:
            return await asyncio.wait_for(looking, within)
        except (TimeoutError, Unavailable):
            log.warning("second_factor_not_found_in_time", decision=judgement.id)
            return False

    def _may_ask(self, codes: ActorCodes, judgement: Judgement) -> bool:
        tenant, actor = judgement.tenant, judgement.event.actor_id
        has_app = codes.is_enrolled(tenant, actor)
        if judgement.event.type != _LOGIN:
            return has_app
        with read(self.engine) as connection:
            return get_account(connection, tenant, actor) is None and has_app

    def _checked(self, stored: StoredDecision, proof: Proof, now: float) -> CaptchaResult:
        kind = _kind(stored)
        if now >= stored.decided_at + self.captchas.lasts:
            raise ProofRejected("The challenge has expired: ask for a new decision.")
        if kind is ChallengeKind.TOTP:
            return self._check_code(stored, proof)
        if kind is ChallengeKind.PROOF_OF_WORK and proof.payload is None:
            raise ProofRejected("This challenge wants the `payload` of a proof of work.")
        if proof.payload is None and proof.token is None:
            raise ProofRejected("This challenge wants the `token` of the CAPTCHA provider.")
        known = replace(proof, remote_ip=proof.remote_ip or _address(stored.event))
        result = self.captchas.check(stored.event_type, stored.id, known)
        if result.outcome is CaptchaOutcome.UNAVAILABLE:
            raise Unavailable(result.detail, retry_after=_RETRY_SECONDS)
        if not result.is_pass:
            raise ProofRejected(result.detail)
        return result

    def _check_code(self, stored: StoredDecision, proof: Proof) -> CaptchaResult:
        if proof.code is None or self.codes is None:
            raise ProofRejected("This challenge wants the `code` of an authenticator app.")
        try:
            self.codes.check(stored.tenant, stored.actor_id, proof.code)
        except CodeRejected as error:
            raise ProofRejected(error.detail) from None
        return CaptchaResult(CaptchaOutcome.PASS, "code")  # spent already: the step was


def _kind(stored: StoredDecision) -> ChallengeKind:
    posed = msgspec.json.decode(stored.answer)["challenge"]
    if stored.verdict is not Verdict.CHALLENGE or posed is None:
        raise ProofRejected("this decision has no challenge to prove")
    return ChallengeKind(posed["kind"])


def _address(event: bytes) -> str | None:
    """Where the event came from, if the platform said so."""
    net = msgspec.json.decode(event).get("net")
    address = net.get("ip") if isinstance(net, dict) else None
    return address if isinstance(address, str) else None


def _proved(connection: Connection, decision_id: str) -> bytes | None:
    amendments = ledger.amendments(connection, decision_id)
    return next((a.body for a in amendments if a.kind is AmendmentKind.PROOF), None)


def _upgraded(answer: bytes, now: float) -> bytes:
    document: Json = msgspec.json.decode(answer)
    # Rules that asked for a challenge have what they asked for; nothing stricter had spoken.
    document |= {
        "verdict": Verdict.ALLOW.word,
        "challenge": None,
        "message": None,
        "proved_at": iso(now),
    }
    return msgspec.json.encode(document)
