"""A challenge that was proved lets the same request through once, within a quarter of an hour."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from safety.decisions.ask import Asking, Standing
from safety.domain.errors import NotFound, ProofRejected
from safety.domain.verdicts import Verdict
from safety.store import spent

# Somebody who solved it still has to come back with their password.
FRESH_FOR = 15 * 60.0


@dataclass(frozen=True, slots=True)
class Proofs:
    """Says whether a decision is a proved challenge, and uses it up."""

    asking: Asking
    clock: Callable[[], float]

    def find(self, tenant: str, decision_id: str, event_type: str) -> Standing:
        """A decision of this kind whose challenge was proved a moment ago.

        Raises `ProofRejected` for any other. What it was about, the caller holds against its
        request.
        """
        try:
            standing = self.asking.recall(tenant, decision_id)
        except NotFound:
            raise ProofRejected("there is no such decision") from None
        if standing.decision.event_type != event_type:
            raise ProofRejected(f"this decision is not about a {event_type}")
        if standing.proved_at is None or standing.verdict is not Verdict.ALLOW:
            raise ProofRejected("this decision's challenge was not proved")
        if not 0 <= self.clock() - standing.proved_at <= FRESH_FOR:
            raise ProofRejected("this decision's challenge was proved too long ago")
        return standing

    def spend(self, connection: Connection, decision_id: str) -> None:
        """Use a proof up, in the transaction of what it is used for. Raises `ProofRejected`."""
        # Kept for longer than `find` accepts it, or a purge would bring it back.
        if not spent.spend(connection, f"used:{decision_id}", self.clock() + 2 * FRESH_FOR):
            raise ProofRejected("this proof was used before")
