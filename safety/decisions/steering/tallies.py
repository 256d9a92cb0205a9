"""Counts what comes and what rules do about it, for all processes together."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import Engine

from safety.decisions.judge import Judgement
from safety.decisions.steering.list_use import ListUse
from safety.domain.features import Values
from safety.domain.verdicts import Verdict
from safety.ruleset.bundle import Bundle
from safety.store import rule_counts
from safety.store.engine import write
from safety.store.rule_counts import HourKey, MinuteKey

MINUTE: Final = 60
HOUR: Final = 3_600
VERDICTS: Final = "verdict"
RULES: Final = "rule"
# What an attack has in common: the features whose values are counted.
WATCHED: Final = (
    "net.ip",
    "content.link_domain",
    "actor.email_domain",
    "content.fingerprint",
    "device.id",
)
MINUTES_KEPT: Final = 24 * HOUR
HOURS_KEPT: Final = 35 * 24 * HOUR
# Judgements between two rounds; in a busier second the rest is not counted.
_MOST_WAITING: Final = 50_000
# Of one feature in one minute: whatever is frequent is among the last so many anyway.
_MOST_SUBJECTS: Final = 1_000
_KEPT_SUBJECTS: Final = 100
_LONGEST_SUBJECT: Final = 200
_ROUNDS_EACH: Final = 5
_PURGED_EACH: Final = 720  # rounds


class _Seen(NamedTuple):
    """What a round needs of a judgement."""

    judgement: Judgement
    verdict: Verdict


@dataclass(slots=True)
class Tally:
    """Counts of some judgements, ready to be added to those of other processes."""

    hours: Counter[HourKey]
    minutes: Counter[MinuteKey]
    hits: Counter[tuple[str, str]]

    @classmethod
    def empty(cls) -> "Tally":
        """Nothing counted yet."""
        return cls(Counter(), Counter(), Counter())

    def __bool__(self) -> bool:
        return bool(self.minutes or self.hours)

    def add(self, judgement: Judgement, verdict: Verdict, use: ListUse) -> None:
        """Count one judgement with the verdict that went out."""
        at = int(judgement.decided_at)
        minute, tenant, rank = at - at % MINUTE, judgement.tenant, int(verdict)
        self.minutes[minute, tenant, VERDICTS, judgement.event.type, rank] += 1
        for kind, subject in _subjects(judgement.values):
            self.minutes[minute, tenant, kind, subject, rank] += 1
        for fired in judgement.fired:
            rule = fired.rule
            self.hours[at - at % HOUR, rule.id, rule.revision, fired.is_live] += 1
            self.minutes[minute, tenant, RULES, rule.id, rank] += 1
            if use.bundle is judgement.bundle:
                self.hits.update(use.found(rule.id, judgement.values))

    def thinned(self) -> "Tally":
        """The same with only the most frequent subjects of each minute and kind."""
        groups: dict[tuple[int, str], Counter[MinuteKey]] = {}
        for key, number in self.minutes.items():
            groups.setdefault((key[0], key[2]), Counter())[key] = number
        kept: Counter[MinuteKey] = Counter()
        for (_, kind), group in groups.items():
            most = None if kind in {VERDICTS, RULES} else _KEPT_SUBJECTS
            kept.update(dict(group.most_common(most)))
        return Tally(self.hours, kept, self.hits)


class Tallying:
    """Counts for the pages of rules, lists and attacks. `refresh` is called every second.

    A flood of addresses cannot fill the memory or the database: of each kind only the most
    frequent are kept, minutes for a day and hours for five weeks.
    """

    def __init__(
        self, engine: Engine, clock: Callable[[], float], bundle: Callable[[], Bundle]
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._bundle = bundle
        self._waiting: deque[_Seen] = deque(maxlen=_MOST_WAITING)
        self._tally = Tally.empty()
        self._use = ListUse(bundle())
        self._round = 0

    def noticed(self, judgement: Judgement, verdict: Verdict) -> None:
        """Take note of a judgement; it is counted in the next round."""
        self._waiting.append(_Seen(judgement, verdict))

    def refresh(self) -> None:
        """One round: count what was judged, and every few rounds add it to the database."""
        bundle = self._bundle()
        if bundle is not self._use.bundle:
            self._use = ListUse(bundle)
        for _ in range(len(self._waiting)):
            seen = self._waiting.popleft()
            self._tally.add(seen.judgement, seen.verdict, self._use)
        if len(self._tally.minutes) > _MOST_SUBJECTS:
            self._tally = self._tally.thinned()
        if self._round % _ROUNDS_EACH == 0:
            self.flush()
        if self._round % _PURGED_EACH == 0:
            self._purge()
        self._round += 1

    def flush(self) -> None:
        """Add what was counted to the database; what cannot be added waits for the next time."""
        tally = self._tally.thinned()
        if not tally:
            return
        with write(self._engine) as connection:
            rule_counts.add_hours(connection, tally.hours)
            rule_counts.add_minutes(connection, tally.minutes)
            rule_counts.add_hits(connection, tally.hits, self._clock())
        self._tally = Tally.empty()

    def _purge(self) -> None:
        at = self._clock()
        with write(self._engine) as connection:
            rule_counts.purge(
                connection, minutes_before=at - MINUTES_KEPT, hours_before=at - HOURS_KEPT
            )


def _subjects(values: Values) -> list[tuple[str, str]]:
    found = ((kind, values.get(kind)) for kind in WATCHED)
    return [(kind, told[:_LONGEST_SUBJECT]) for kind, told in found if isinstance(told, str)]
