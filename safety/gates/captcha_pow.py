"""The CAPTCHA that needs nobody else: a proof of work in ALTCHA's format, signed by us."""

from dataclasses import dataclass, field
from typing import Any

from safety.domain.challenges import CaptchaOutcome, CaptchaResult
from safety.domain.errors import ProofRejected
from safety.gates import pow as proof_of_work


@dataclass(frozen=True, slots=True)
class ProofOfWork:
    """`key` signs the tasks, `lasts` is in seconds, `cost` in hash iterations of one try."""

    key: bytes = field(repr=False)
    lasts: float
    cost: int

    @property
    def name(self) -> str:
        """The word of the settings."""
        return "proof_of_work"

    def task(self, action: str, subject: str, *, at: float, effort: int = 1) -> dict[str, Any]:
        """A signed task; it costs `effort` times the usual."""
        task = proof_of_work.challenge(
            subject, action, key=self.key, at=at, lasts=self.lasts, cost=self.cost * effort
        )
        return {"altcha": task}

    def verify(
        self, answer: str, *, action: str, subject: str, at: float, remote_ip: str | None = None
    ) -> CaptchaResult:
        """How a solved task went. The address does not matter."""
        del remote_ip
        try:
            spend = proof_of_work.verify(
                answer, decision_id=subject, purpose=action, key=self.key, at=at
            )
        except ProofRejected as error:
            return CaptchaResult(CaptchaOutcome.FAIL, "not-solved", error.detail)
        return CaptchaResult(CaptchaOutcome.PASS, "solved", spend=spend)

    def close(self) -> None:
        """Nothing is held."""

    def is_away(self, *, within: float = 0.0) -> bool:
        """Never: nobody else is asked."""
        del within
        return False
