"""Challenges: posed with a decision, proved once, and the decision is upgraded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Engine

from safety.decisions.record import iso
from safety.domain.decisions import Amendment, AmendmentKind
from safety.domain.errors import NotFound, ProofRejected
from safety.domain.verdicts import Verdict
from safety.gates import pow as proof_of_work
from safety.store import ledger, spent
from safety.store.engine import read, write

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Challenges:
    """Poses proofs of work bound to one decision and accepts each answer once.

    `lasts` is in seconds, `cost` in hash iterations per try.
    """

    engine: Engine
    key: bytes
    lasts: float
    cost: int
    now: Callable[[], float]

    def pose(self, decision_id: str, event_type: str, at: float) -> Json:
        """The task that goes out with a decision whose verdict is `challenge`."""
        return {
            "kind": "proof_of_work",
            "altcha": proof_of_work.challenge(
                decision_id, event_type, key=self.key, at=at, lasts=self.lasts, cost=self.cost
            ),
            "expires_at": iso(at + self.lasts),
            "proof_url": f"/v1/decisions/{decision_id}/proof",
        }

    def prove(self, tenant: str, decision_id: str, payload: str) -> bytes:
        """Accept a solved task: the upgraded decision, as JSON. Proving twice answers the same.

        Raises `NotFound`, or `ProofRejected` with what is wrong with the proof.
        """
        with read(self.engine) as connection:
            stored = ledger.get(connection, tenant, decision_id)
            if stored is None:
                raise NotFound
            upgraded = _proved(ledger.amendments(connection, decision_id))
        if upgraded is not None:
            return upgraded
        if stored.verdict is not Verdict.CHALLENGE:
            raise ProofRejected("this decision has no challenge to prove")
        now = self.now()
        used = proof_of_work.verify(
            payload, decision_id=decision_id, purpose=stored.event_type, key=self.key, at=now
        )
        body = _upgraded(stored.answer, now)
        with write(self.engine) as connection:
            if not spent.spend(connection, used, expires_at=now + self.lasts):
                upgraded = _proved(ledger.amendments(connection, decision_id))
                if upgraded is not None:  # the same proof, handed in twice at once
                    return upgraded
                raise ProofRejected("this proof was used before")
            ledger.amend(
                connection, Amendment(decision_id, AmendmentKind.PROOF, now, Verdict.ALLOW, body)
            )
        return body


def _proved(amendments: list[Amendment]) -> bytes | None:
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
