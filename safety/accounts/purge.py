"""What is over is deleted: sessions, tokens, counts of tries, proofs, devices not seen again."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from safety.accounts.gate_limits import GateLimits
from safety.store import erasure, one_time, sessions, spent, throttle
from safety.store.engine import write

# Longer than any window that is counted.
_TRIES_KEPT = 86400.0
# A clock that jumps ahead for a moment must not delete what is still in use.
_GRACE = 3600.0


@dataclass(frozen=True, slots=True)
class Purge:
    """To be run now and then, by one process or by several."""

    engine: Engine
    clock: Callable[[], float]
    limits: GateLimits

    def run(self) -> int:
        """Delete what is over; how many rows. What was erased leaves the files with it."""
        at = self.clock()
        rows = sum(
            self._purge(purge, before)
            for purge, before in (
                (sessions.purge_sessions, at - _GRACE),
                (sessions.purge_devices, at - self.limits.known_for),
                (one_time.purge_tokens, at - _GRACE),
                (throttle.purge_throttles, at - _TRIES_KEPT),
                (spent.purge, at - _GRACE),
            )
        )
        erasure.scrub(self.engine)
        return rows

    def _purge(self, purge: Callable[[Connection, float], int], before: float) -> int:
        """One kind in a transaction of its own: others who write get their turn in between."""
        with write(self.engine) as connection:
            return purge(connection, before)
