"""Auditing: a random sample of what rules stopped by themselves is shown to a person."""

from dataclasses import dataclass
from typing import Final

from safety.review.rechecks import Rechecks
from safety.review.room import Room
from safety.store import searching
from safety.store.engine import read, write

_WORK: Final = "audit"
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Auditing:
    """Walks the ledger behind the decisions and draws by the decision's own id.

    Several processes may each do so: every decision is drawn once, or not at all.
    """

    room: Room
    rechecks: Rechecks

    def run(self) -> int:
        """Look at what was decided since the last round; how many were drawn."""
        if self.rechecks.rates.audit <= 0:
            return 0
        with read(self.room.engine) as connection:
            reached = searching.reached(connection, _WORK)
            newer = searching.newer(connection, reached, at=self.room.clock(), limit=_AT_ONCE)
        if not newer:
            return 0
        with write(self.room.engine) as connection:
            place, at = newer[-1][0], self.room.clock()
            if not searching.advance(connection, _WORK, reached, place, at):
                return 0
            return sum(self.rechecks.audit(connection, decision) for _, decision in newer)
