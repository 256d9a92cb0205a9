"""The clerk: what the desk does by itself, so that decisions need not wait for it."""

from collections.abc import Callable
from dataclasses import dataclass

from safety.review.auditing import Auditing
from safety.review.indexing import Indexing
from safety.review.room import Room
from safety.review.settle import Settling
from safety.review.triage import Triage
from safety.store import likeness, settling
from safety.store.engine import write
from safety.store.waiting import SKIPPED_FOR

# Labels of other processes are looked for again this far back: their clocks differ a little.
_OVERLAP = 5.0
_LIKENESS_KEPT = 14 * 86_400.0
_ROWS = 500


@dataclass(slots=True)
class Clerk:
    """Several processes may each have one: whatever is due is done once.

    `timer` answers seconds that never go back. What a killed one leaves, another one does.
    """

    room: Room
    settling: Settling
    triage: Triage
    indexing: Indexing
    auditing: Auditing
    timer: Callable[[], float]
    _told_until: float | None = None

    def run(self) -> None:
        """One round: effects first, then what is new and late, then the search index."""
        self.settling.run()
        self._tell()
        self.triage.run()
        self.indexing.run(timer=self.timer)
        self.auditing.run()

    def tidy(self) -> None:
        """Forget what is over, and leave nothing behind of what was erased."""
        at = self.room.clock()
        with write(self.room.engine) as connection:
            settling.forget_skips(connection, at - SKIPPED_FOR)
            likeness.forget(connection, at - _LIKENESS_KEPT, limit=_ROWS)
        self.indexing.tidy()

    def _tell(self) -> None:
        """Labels that any process has set reach the counters of this one."""
        now = self.room.clock()
        if self._told_until is None:  # the counters were restored from the database just now
            self._told_until = now
        since = min(self._told_until, now) - _OVERLAP
        self._told_until = max(now - _OVERLAP, self.settling.tell_settled(since))
