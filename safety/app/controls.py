"""Controls in the running service: read every second, obeyed by the judge, set by the breaker."""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, Engine

from safety.config import Settings
from safety.decisions.breaker import Breaker, Limits, Runaway, next_step
from safety.decisions.controls import ControlsInForce
from safety.decisions.judge import Judge, Judgement, Prepared
from safety.decisions.overturns import overturned
from safety.domain.controls import Control, ControlKind, Over
from safety.domain.rules import Rule
from safety.domain.verdicts import Verdict
from safety.store import audit, rule_controls
from safety.store.engine import read, write

log = structlog.get_logger()

_AUTHOR = "circuit breaker"
# Judgements between two rounds; in a busier second the rest is not counted.
_MOST_WAITING = 50_000
_OVERTURNS_SECONDS = 60.0
_OVERTURNS_SINCE = 7 * 86_400.0
_OVERTURNS_READ = 2_000
_HOUR = 3_600.0

# What the metrics show: a name, its meaning, and the kinds of controls that are counted.
CONTROLS_WATCHED = (
    ("safety_rules_demotions", "Demotions by the circuit breaker in force", ControlKind.BREAKER),
    ("safety_rules_snoozed", "Snoozes of rules in force", ControlKind.SNOOZE),
    ("safety_rules_switched_off", "Kill switches of rules in force", ControlKind.SWITCH),
)


@dataclass(frozen=True, slots=True)
class Bench:
    """What the controls of a service stand on."""

    engine: Engine
    clock: Callable[[], float]
    audit_key: bytes
    prepared: Callable[[], Prepared]
    demoted: Callable[[str], None]  # told of every demotion, for the metrics


class LiveControls:
    """The controls in force. Each process counts what it judges; all obey what any of them sets."""

    def __init__(self, settings: Settings, bench: Bench, judge: Judge) -> None:
        self._settings = settings
        self._bench = bench
        self._judge = judge
        self._limits = Limits(settings.breaker_share)
        self._breaker = Breaker(self._limits, self._baseline)
        self._waiting: deque[Judgement] = deque(maxlen=_MOST_WAITING)
        self._baselines = self._read_baselines()
        self._in_force: list[Control] = []
        self._overturns_at = 0.0
        self._obey()

    def noticed(self, judgement: Judgement) -> None:
        """Take note of a judgement; it is counted in the next round."""
        self._waiting.append(judgement)

    def refresh(self) -> None:
        """One round: obey what is in force, count what was judged, demote what ran away."""
        self._obey()
        now = self._bench.clock()
        judgements = [self._waiting.popleft() for _ in range(len(self._waiting))]
        self._breaker.fold(judgements, self._bench.prepared().lookups, now)
        found = self._breaker.runaways()
        if now - self._overturns_at >= _OVERTURNS_SECONDS:
            self._overturns_at = now
            self._baselines = self._read_baselines()
            found += self._overturned(now)
        for runaway in found:
            self._demote(runaway, now)

    def trouble(self) -> str | None:
        """How much the circuit breaker has demoted. Anybody may ask, so it is not told what."""
        demoted = sum(map(_is_breaker, self._in_force))
        if not demoted:
            return None
        return f"the circuit breaker demoted {demoted}: see `safety-gate rules controls`"

    def count(self, *kinds: ControlKind) -> float:
        """How many controls of these kinds are in force, for the metrics."""
        return float(sum(control.kind in kinds for control in self._in_force))

    def _obey(self) -> None:
        with read(self._bench.engine) as connection:
            controls = rule_controls.in_force(connection, self._bench.clock())
        for changed in set(controls) ^ set(self._in_force):
            self._breaker.forget(*_subject(changed))
        self._in_force = controls
        self._judge.controls = ControlsInForce(controls) or None

    def _demote(self, runaway: Runaway, now: float) -> None:
        """Take one step down, unless another process has taken it or an operator resumed it."""
        with write(self._bench.engine) as connection:
            current = self._current(connection, runaway, now)
            most = next_step(runaway, current, may_fall=self._settings.breaker_may_shadow)
            if most is None:
                return
            control = self._control(runaway, most, now)
            rule_controls.put(connection, control)
            audit.append(connection, _event(control), key=self._bench.audit_key)
        self._breaker.forget(runaway.over, runaway.subject)
        self._bench.demoted(runaway.over.value)
        log.warning(
            "rule_demoted",
            over=runaway.over.value,
            subject=runaway.subject if runaway.over is not Over.LIST_ENTRY else "",
            most=most.word,
            why=runaway.reason,
        )
        self._obey()

    def _current(self, connection: Connection, runaway: Runaway, now: float) -> Verdict | None:
        """What an earlier demotion leaves; ALLOW, of which nothing can be taken, when resumed."""
        same = [
            control
            for control in rule_controls.in_force(connection, now)
            if _subject(control) == (runaway.over, runaway.subject)
        ]
        if any(control.kind is ControlKind.RESUMED for control in same):
            return Verdict.ALLOW
        return next((control.most for control in same if _is_breaker(control)), None)

    def _control(self, runaway: Runaway, most: Verdict, now: float) -> Control:
        until = None if runaway.by_people else now + self._settings.breaker_hours * _HOUR
        return Control(
            kind=ControlKind.BREAKER,
            over=runaway.over,
            subject=runaway.subject,
            reason=runaway.reason,
            author=_AUTHOR,
            created_at=now,
            expires_at=until,
            most=most,
        )

    def _overturned(self, now: float) -> list[Runaway]:
        earliest = now - _OVERTURNS_SINCE
        with read(self._bench.engine) as connection:
            reviewed = rule_controls.reviewed_since(connection, earliest, limit=_OVERTURNS_READ)
        since = {c.subject: c.created_at for c in self._in_force if c.over is Over.RULE}
        fewest = self._limits.fewest_matched
        limit = self._settings.breaker_overturns
        return overturned(reviewed, limit, fewest, lambda rule: since.get(rule, earliest))

    def _baseline(self, rule: Rule) -> float | None:
        found = self._baselines.get((rule.id, rule.revision))
        return None if found is None else found.rate

    def _read_baselines(self) -> dict[tuple[str, str], rule_controls.Baseline]:
        with read(self._bench.engine) as connection:
            return dict(rule_controls.baselines(connection))


def _is_breaker(control: Control) -> bool:
    return control.kind is ControlKind.BREAKER


def _subject(control: Control) -> tuple[Over, str]:
    return control.over, control.subject


def _event(control: Control) -> audit.AuditEvent:
    details = {"over": control.over.value, "most": control.most.word, "reason": control.reason}
    return audit.AuditEvent(
        control.created_at,
        control.author,
        "rule.demoted",
        control.subject,
        json.dumps(details).encode(),
    )
