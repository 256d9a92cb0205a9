"""Proof of work in ALTCHA's format, bound to one decision and one purpose.

A proof is a price, not evidence of a person: it makes many attempts dear and one attempt cheap.
"""

from base64 import b64decode
from hashlib import sha256
from json import loads
from typing import Any

from altcha import (
    Challenge,
    ChallengeParameters,
    Payload,
    Solution,
    VerifySolutionResult,
    create_challenge,
    verify_solution,
)

from safety.domain.errors import ProofRejected

ALGORITHM = "PBKDF2/SHA-256"  # what browsers' WebCrypto computes natively

# The derived key must start with this byte: 256 tries on average, each of `cost` iterations.
KEY_PREFIX = "00"

# Real payloads have 600 to 900 bytes.
MAX_PAYLOAD = 4096


class _Received(ChallengeParameters):
    """Parameters as they came back: signed over exactly what was received.

    The package compares `expires_at` with the machine's clock. Here it stays unset, because expiry
    is judged by the time that is handed in.
    """

    def __init__(self, received: dict[str, Any]) -> None:
        super().__init__(
            algorithm=received["algorithm"],
            nonce=received["nonce"],
            salt=received["salt"],
            cost=received["cost"],
            key_length=received["keyLength"],
            key_prefix=received["keyPrefix"],
        )
        self.received = received

    def to_dict(self) -> dict[str, Any]:
        """What the signature covers."""
        return self.received


def challenge(
    decision_id: str, purpose: str, *, key: bytes, at: float, lasts: float, cost: int
) -> dict[str, Any]:
    """A signed task as an ALTCHA client expects it, good until `at + lasts` (whole seconds).

    `cost` is the number of PBKDF2 iterations of one try. Making one takes less than a tenth of a
    millisecond and stores nothing. Raises `ValueError` for an empty key: nothing would be signed.
    """
    if not key:
        raise ValueError("a challenge needs a key to sign it")
    made: dict[str, Any] = create_challenge(
        ALGORITHM,
        cost,
        key_prefix=KEY_PREFIX,
        expires_at=int(at + lasts),
        data=_binding(decision_id, purpose),
        hmac_secret=key,
    ).to_dict()
    return made


def verify(payload: str, *, decision_id: str, purpose: str, key: bytes, at: float) -> str:
    """Check a solved task: the hash under which the caller must spend it, so it works only once.

    Takes about two milliseconds at a cost of 1,000, nearly all of them once the signature was found
    genuine: call it from a worker thread. Raises `ProofRejected` with the reason for anything but a
    proof of this decision and purpose that is in time.
    """
    proof, received = _read(payload)
    expires_at = received.get("expiresAt")
    if received.get("data") != _binding(decision_id, purpose):
        raise ProofRejected("The proof answers another challenge than this decision's.")
    if not isinstance(expires_at, int) or at >= expires_at:
        raise ProofRejected("The challenge has expired: ask for a new decision.")
    result: VerifySolutionResult = verify_solution(proof, key)
    if result.invalid_signature:
        raise ProofRejected("The proof was not made for a challenge of this service.")
    if not result.verified:
        raise ProofRejected("The proof does not solve the challenge.")
    return sha256(str(proof.challenge.signature).encode("ascii")).hexdigest()


def _read(payload: str) -> tuple[Payload, dict[str, Any]]:
    if len(payload) > MAX_PAYLOAD:
        raise ProofRejected(f"The proof is longer than {MAX_PAYLOAD} characters.")
    try:
        sent = loads(b64decode(payload, validate=True))
        received = dict(sent["challenge"]["parameters"])
        task = Challenge(_Received(received), sent["challenge"]["signature"])
        return Payload(task, Solution.from_dict(sent["solution"])), received
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ProofRejected("The proof is not a payload in ALTCHA's format.") from error


def _binding(decision_id: str, purpose: str) -> dict[str, str]:
    return {"decision": decision_id, "purpose": purpose}
