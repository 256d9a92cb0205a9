"""The challenge level: raised by a person for a while, obeyed by every process."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, Engine

from safety.domain.attack import NEW_SECONDS, RAISED_EFFORT, AttackLevel
from safety.domain.decisions import Signal, SignalSource
from safety.domain.errors import FieldError, InvalidInput
from safety.domain.features import Values
from safety.domain.verdicts import Verdict
from safety.store import attack_levels, audit
from safety.store.attack_levels import Raised
from safety.store.engine import read, write

SHORTEST_SECONDS: Final = 60.0
LONGEST_SECONDS: Final = 24 * 3_600.0
LONGEST_REASON: Final = 500
REASON: Final = "ATTACK_LEVEL"
_SIGNUP = "signup"


def raised_signal(
    level: AttackLevel, event_type: str, values: Values, signals: tuple[Signal, ...], at: float
) -> Signal | None:
    """What the level adds to a judgement: a challenge for whom it concerns, or None.

    Whoever a rule trusts is left alone, and so are test values.
    """
    if level is AttackLevel.DEARER or any(map(_is_decided, signals)):
        return None
    if level is AttackLevel.NEWCOMERS and not _is_new(event_type, values, at):
        return None
    return Signal(SignalSource.ATTACK, level.value, Verdict.CHALLENGE, REASON)


def _is_decided(signal: Signal) -> bool:
    return (signal.live and signal.override) or signal.source is SignalSource.TEST_VALUE


def _is_new(event_type: str, values: Values, at: float) -> bool:
    """Whoever signs up, or whose account is young; one of unknown age is not taken for new."""
    made = values.get("actor.created_at")
    return event_type == _SIGNUP or (isinstance(made, int | float) and at - made < NEW_SECONDS)


@dataclass(slots=True)
class Raising:
    """Raises and lowers the level. `refresh` is called every second: all processes obey by then."""

    engine: Engine
    clock: Callable[[], float]
    ids: Callable[[str], str]
    audit_key: bytes = field(repr=False)
    _now: Raised | None = None

    @property
    def now(self) -> Raised | None:
        """What is raised at this moment, as this process knows it."""
        raised = self._now
        return raised if raised is not None and raised.is_live(self.clock()) else None

    def signal(
        self, event_type: str, values: Values, signals: tuple[Signal, ...], at: float
    ) -> Signal | None:
        """What is added to a judgement at this moment; see `raised_signal`."""
        raised = self._now
        if raised is None or not raised.is_live(at):
            return None
        return raised_signal(raised.level, event_type, values, signals, at)

    def effort(self) -> int:
        """Times the price of a proof of work, at this moment."""
        return 1 if self.now is None else RAISED_EFFORT

    def height(self) -> float:
        """How high the level is raised: 0 for not at all, 3 for the strictest; for the metrics."""
        return 0.0 if self.now is None else 1.0 + self.now.level.rank

    def refresh(self) -> None:
        """Read what is raised."""
        with read(self.engine) as connection:
            self._now = attack_levels.in_force(connection, self.clock())

    def raise_to(self, level: AttackLevel, *, lasts: float, reason: str, author: str) -> Raised:
        """Raise the level for a while, in place of what was raised before.

        Raises `InvalidInput` without a reason or for more than a day.
        """
        if not reason.strip():
            raise InvalidInput(errors=[FieldError("reason", "Say why: the audit log keeps it.")])
        if not SHORTEST_SECONDS <= lasts <= LONGEST_SECONDS:
            raise InvalidInput(errors=[FieldError("for", "A minute at least, a day at most.")])
        at = self.clock()
        told = reason.strip()[:LONGEST_REASON]
        raised = Raised(self.ids("lvl"), level, told, author, at, at + lasts)
        with write(self.engine) as connection:
            attack_levels.end_all(connection, at, author)
            attack_levels.add(connection, raised)
            details = {"reason": told, "until": raised.expires_at}
            self._audit(connection, author, "attack.raised", level.value, details)
        self._now = raised
        return raised

    def lower(self, *, author: str) -> bool:
        """End what is raised. False when nothing is."""
        at = self.clock()
        with write(self.engine) as connection:
            ended = attack_levels.end_all(connection, at, author)
            if ended:
                self._audit(connection, author, "attack.lowered", "", {})
        self._now = None
        return bool(ended)

    def history(self, *, limit: int = 10) -> list[Raised]:
        """The latest times it was raised, newest first."""
        with read(self.engine) as connection:
            return attack_levels.history(connection, limit=limit)

    def _audit(
        self, connection: Connection, author: str, action: str, subject: str, details: object
    ) -> None:
        event = audit.AuditEvent(
            self.clock(), author, action, subject, json.dumps(details).encode()
        )
        audit.append(connection, event, key=self.audit_key)
