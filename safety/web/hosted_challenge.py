"""A challenge that one of the hosted forms brings back solved."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Form

from safety.accounts.visitor import Visitor
from safety.domain.challenges import Proof
from safety.web.services import Services


@dataclass(frozen=True, slots=True)
class AnsweredChallenge:
    """A challenge that the page has solved: which decision's, and with what."""

    decision_id: Annotated[str, Form(max_length=64, pattern="^[a-z0-9_]*$")] = ""
    payload: Annotated[str, Form(max_length=4096)] = ""
    code: Annotated[str, Form(max_length=64)] = ""

    def proved(self, services: Services, visitor: Visitor) -> str | None:
        """The decision's id, once it is proved. Raises `ProofRejected`."""
        if not self.decision_id:
            return None
        proof = Proof(payload=self.payload or None, code=self.code or None, remote_ip=visitor.ip)
        services.challenges.prove(services.hosted_tenant, self.decision_id, proof)
        return self.decision_id


Answered = Annotated[AnsweredChallenge, Depends()]
