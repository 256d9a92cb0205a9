"""The latest decisions in which a rule fired, found by the hours in which it did."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine

from safety.decisions.steering.causes import rules_of
from safety.decisions.steering.tallies import HOUR
from safety.domain.undos import Cause
from safety.domain.verdicts import Verdict
from safety.store import rule_counts, undos
from safety.store.engine import read

_READ: Final = 500


@dataclass(frozen=True, slots=True)
class Match:
    """A decision in which a rule fired. `verdict` is the one that counts by now."""

    decision: str
    tenant: str
    event_type: str
    actor_id: str
    decided_at: float
    verdict: Verdict
    revision: str
    is_live: bool


@dataclass(frozen=True, slots=True)
class Matches:
    """Finds matches in the ledger."""

    engine: Engine
    clock: Callable[[], float]

    def latest(self, rule: str, *, limit: int) -> list[Match]:
        """The latest of the last hour in which the rule matched, newest first."""
        with read(self.engine) as connection:
            hour = rule_counts.last_hour_of(connection, rule)
            if hour is None:
                return []
            cause = Cause(rule, since=hour, until=hour + HOUR)
            found = undos.suspects(connection, cause, (0.0, 0), limit=_READ, newest_first=True)
        seen = []
        for one in found:
            own = [each for each in rules_of(one.signals) if each[0] == rule]
            for _, revision, is_live in own[:1]:
                seen.append(
                    Match(
                        decision=one.id,
                        tenant=one.tenant,
                        event_type=one.event_type,
                        actor_id=one.actor_id,
                        decided_at=one.decided_at,
                        verdict=one.verdict,
                        revision=revision,
                        is_live=is_live,
                    )
                )
        return seen[:limit]
