"""The circuit breaker: which rules, list entries and models match far more than they should.

It counts people, not events: whoever is loud counts once, and a share must be exceeded among actors
and among networks alike. So a flood from few addresses disarms nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from safety.decisions.controls import Lookups
from safety.decisions.judge import Judgement
from safety.domain.controls import Over
from safety.domain.rules import Rule
from safety.domain.shares import at_least
from safety.domain.verdicts import Mode, Verdict

# A rule that hardly ever matched in its backtest does not run away at its first few matches.
_SMALLEST_LIMIT = 0.01
_TIMES_BACKTEST = 5.0
# Actors and networks kept for one window; a fuller one ends early.
_MOST_MARKS = 200_000

Baseline = Callable[[Rule], float | None]


@dataclass(frozen=True, slots=True)
class Limits:
    """When something runs away. `share` is for what declares nothing and has no backtest.

    Nothing is said before `fewest_actors` were seen and `fewest_matched` of them matched in a
    window of `seconds`.
    """

    share: float
    seconds: float = 600.0
    fewest_actors: int = 200
    fewest_matched: int = 20


@dataclass(frozen=True, slots=True)
class Runaway:
    """Something to demote, and why. `by_people` says that moderators overturned it."""

    over: Over
    subject: str
    verdict: Verdict
    is_final: bool
    reason: str
    by_people: bool = False


def next_step(runaway: Runaway, current: Verdict | None, *, may_fall: bool) -> Verdict | None:
    """The strictest verdict that is to remain, or None when nothing changes.

    Strangers bring a rule down to a challenge and no further, unless an operator has agreed
    (`may_fall`); moderators may bring it into shadow. What is final always challenges.
    """
    may_fall = (may_fall or runaway.by_people) and not runaway.is_final
    if current is None:
        is_mild = runaway.verdict <= Verdict.CHALLENGE
        return Verdict.ALLOW if may_fall and is_mild else Verdict.CHALLENGE
    return Verdict.ALLOW if may_fall and current is Verdict.CHALLENGE else None


def limit_of(rule: Rule, baseline: float | None, otherwise: float) -> float:
    """The share of actors beyond which a rule runs away: declared, else by backtest, else this."""
    if rule.max_match_rate is not None:
        return rule.max_match_rate
    if baseline is not None:
        return max(_TIMES_BACKTEST * baseline, _SMALLEST_LIMIT)
    return otherwise


@dataclass(slots=True)
class _Crowd:
    """Who was seen, with the event types of each as bits, and how many share the same ones."""

    types: dict[int, int] = field(default_factory=dict)
    counts: Counter[int] = field(default_factory=Counter)

    def see(self, who: int, event_type: int) -> None:
        before = self.types.get(who, 0)
        if not before & event_type:
            self.types[who] = before | event_type
            self.counts[before | event_type] += 1
            if before:
                self.counts[before] -= 1

    def of(self, event_types: int) -> int:
        """How many were seen with any of these types."""
        return sum(count for types, count in self.counts.items() if types & event_types)


@dataclass(slots=True)
class _Hits:
    """Who matched one thing, and the event types in which it may match."""

    limit: float
    verdict: Verdict
    is_final: bool = False
    event_types: int = 0
    actors: set[int] = field(default_factory=set)
    networks: set[int] = field(default_factory=set)


class Breaker:
    """Counts what one process judged, in one window after another. Not for several threads."""

    def __init__(self, limits: Limits, baseline: Baseline) -> None:
        self._limits = limits
        self._baseline = baseline
        self._bits: dict[str, int] = {}
        self._start(0.0)

    def fold(self, judgements: Iterable[Judgement], lookups: Lookups, now: float) -> None:
        """Count these judgements."""
        if now - self._began >= self._limits.seconds or self._marks >= _MOST_MARKS:
            self._start(now)
        for judgement in judgements:
            self._count(judgement, lookups)

    def runaways(self) -> list[Runaway]:
        """What exceeds its limit in this window."""
        return [
            Runaway(
                over,
                subject,
                hits.verdict,
                hits.is_final,
                f"matched at least {share:.1%} of actors and networks, of at most {hits.limit:.1%}",
            )
            for (over, subject), hits in self._hits.items()
            if (share := self._share(hits)) > hits.limit
        ]

    def forget(self, over: Over, subject: str) -> None:
        """Begin again with this one, because it has just been demoted or resumed."""
        self._hits.pop((over, subject), None)

    def _start(self, now: float) -> None:
        self._began = now
        self._marks = 0
        self._actors, self._networks = _Crowd(), _Crowd()
        self._hits: dict[tuple[Over, str], _Hits] = {}

    def _share(self, hits: _Hits) -> float:
        """The share of actors that surely matched, or of networks where that is less."""
        seen = self._actors.of(hits.event_types)
        matched = len(hits.actors)
        if seen < self._limits.fewest_actors or matched < self._limits.fewest_matched:
            return 0.0
        share = at_least(matched, seen)
        if not self._networks.types:  # the platform tells no addresses
            return share
        if len(hits.networks) < self._limits.fewest_matched:
            return 0.0
        return min(share, at_least(len(hits.networks), self._networks.of(hits.event_types)))

    def _count(self, judgement: Judgement, lookups: Lookups) -> None:
        event_type = self._bit(judgement.event.type)
        actor = hash((judgement.tenant, judgement.event.actor_id))
        network = _network(judgement)
        self._actors.see(actor, event_type)
        if network is not None:
            self._networks.see(network, event_type)
        for hits, event_types in self._hit(judgement, lookups):
            hits.event_types |= event_types
            hits.actors.add(actor)
            if network is not None:
                hits.networks.add(network)
            self._marks += 2
        self._marks += 2

    def _hit(self, judgement: Judgement, lookups: Lookups) -> Iterator[tuple[_Hits, int]]:
        """Everything that this judgement counts for, with its event types."""
        is_same = judgement.bundle is lookups.bundle  # it may have been replaced meanwhile
        for rule in (one.rule for one in judgement.fired):
            if rule.mode is Mode.SHADOW or rule.override:
                continue
            types = sum(map(self._bit, rule.events))
            yield self._rule_hits(rule), types
            if is_same:
                for entry in lookups.entries(rule.id, judgement.values):
                    hits = self._other_hits(Over.LIST_ENTRY, entry)
                    hits.is_final = hits.is_final or rule.final
                    yield hits, types
        for name, score in judgement.scores.items():
            if score >= lookups.thresholds.get(name, float("inf")):
                yield self._other_hits(Over.MODEL, name), self._bit(judgement.event.type)

    def _rule_hits(self, rule: Rule) -> _Hits:
        key = (Over.RULE, rule.id)
        if key not in self._hits:
            limit = limit_of(rule, self._baseline(rule), self._limits.share)
            self._hits[key] = _Hits(limit, rule.verdict, rule.final)
        return self._hits[key]

    def _other_hits(self, over: Over, subject: str) -> _Hits:
        key = (over, subject)
        if key not in self._hits:
            self._hits[key] = _Hits(self._limits.share, Verdict.BLOCK)
        return self._hits[key]

    def _bit(self, event_type: str) -> int:
        return self._bits.setdefault(event_type, 1 << len(self._bits))


def _network(judgement: Judgement) -> int | None:
    """The network of an event: the /24 of an IPv4 address; IPv6 addresses are a /64 already."""
    address = judgement.values.get("net.ip")
    if not isinstance(address, str):
        return None
    return hash(address.rpartition(".")[0] or address)
