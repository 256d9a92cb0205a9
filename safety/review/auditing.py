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
            at = self.room.clock()
            last, stopped = searching.stopped(connection, reached, at=at, limit=_AT_ONCE)
        if last == reached:
            return 0
        with write(self.room.engine, is_redone=True) as connection:
            if not searching.advance(connection, _WORK, reached, last, at):
                return 0
            return sum(self.rechecks.audit(connection, decision) for decision in stopped)
