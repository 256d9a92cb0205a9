"""Notices that a challenge is broken: when nearly nobody passes any more, it opens itself.

A challenge that fails everybody shuts a platform. One that can be made to open is no challenge. So
not answers are counted but people: each network has one vote, which a single pass turns into a
pass. Whoever wants to open a challenge on purpose needs more than four networks of their own for
each honest one that still passes, and thirty at least, within ten minutes, again and again.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from math import sqrt
from threading import Lock

import structlog

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WatchLimits:
    """When a challenge counts as broken. Times are in seconds.

    It opens when at least `voters` networks voted within `window` and the failure rate is certain
    (`z` standard deviations) to be above both `least` and `times` its calm rate. It stays open for
    `rest`; then challenges are posed again, and `passes` who pass close it for good while `fails`
    who fail open it again.
    """

    window: float = 600.0
    voters: int = 30
    least: float = 0.8
    times: float = 3.0
    z: float = 2.58  # 99 of 100 times
    rest: float = 60.0
    passes: int = 3
    fails: int = 10
    remembered: int = 10_000  # networks per challenge; a flood forgets the oldest


_CALM = 0.05  # what fails on a quiet day, until it was seen
_LEARNED = 0.1  # how much of one window goes into the calm rate
_HIGHEST = 0.95  # a calm rate that was driven up must not make an outage invisible


class _State(Enum):
    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"


@dataclass(slots=True)
class _Kind:
    state: _State = _State.CLOSED
    votes: "OrderedDict[str, tuple[float, bool]]" = field(default_factory=OrderedDict)
    changed_at: float = 0.0
    calm: float = _CALM
    learned_at: float = 0.0


class ChallengeWatch:
    """Counts how challenges go, by kind. `timer` answers seconds and never jumps."""

    def __init__(self, timer: Callable[[], float], limits: WatchLimits | None = None) -> None:
        self._timer = timer
        self._limits = limits or WatchLimits()
        self._kinds: dict[str, _Kind] = {}
        self._lock = Lock()

    def record(self, kind: str, voter: str, *, is_pass: bool) -> None:
        """Somebody from this network answered a challenge."""
        with self._lock:
            now = self._timer()
            known = self._kinds.setdefault(kind, _Kind(learned_at=now))
            self._wake(known, now)
            self._vote(known, voter, now, is_pass=is_pass)
            before, counted = known.state, _count(known)
            self._judge(known, now)
        if known.state is not before:
            _tell(kind, known.state, *counted)

    def is_open(self, kind: str) -> bool:
        """Whether this challenge is broken, so that nobody should be held up by it."""
        with self._lock:
            known = self._kinds.get(kind)
            if known is None:
                return False
            self._wake(known, self._timer())
            return known.state is _State.OPEN

    def _vote(self, known: _Kind, voter: str, now: float, *, is_pass: bool) -> None:
        _, passed_before = known.votes.pop(voter, (0.0, False))
        known.votes[voter] = (now, is_pass or passed_before)
        while len(known.votes) > self._limits.remembered:
            known.votes.popitem(last=False)
        while known.votes:
            oldest = next(iter(known.votes))
            if now - known.votes[oldest][0] <= self._limits.window:
                break
            del known.votes[oldest]

    def _wake(self, known: _Kind, now: float) -> None:
        """An open challenge is tried again after its rest, with a clean slate."""
        if known.state is _State.OPEN and now - known.changed_at >= self._limits.rest:
            _turn(known, _State.PROBING, now)

    def _judge(self, known: _Kind, now: float) -> None:
        passed, failed = _count(known)
        if known.state is _State.CLOSED:
            if self._is_broken(known, passed, failed):
                _turn(known, _State.OPEN, now)
            else:
                self._learn(known, now, passed, failed)
        elif passed >= self._limits.passes:
            _turn(known, _State.CLOSED, now)
        elif known.state is _State.PROBING and failed >= self._limits.fails:
            _turn(known, _State.OPEN, now)

    def _is_broken(self, known: _Kind, passed: int, failed: int) -> bool:
        limits = self._limits
        if passed + failed < limits.voters:
            return False
        line = max(limits.least, min(limits.times * known.calm, _HIGHEST))
        return lower_bound(failed, passed + failed, limits.z) > line

    def _learn(self, known: _Kind, now: float, passed: int, failed: int) -> None:
        if now - known.learned_at >= self._limits.window and passed + failed:
            known.learned_at = now
            known.calm += _LEARNED * (failed / (passed + failed) - known.calm)


def lower_bound(hits: int, of: int, z: float) -> float:
    """The rate that `hits` of so many stand for at least (Wilson's score interval)."""
    if of == 0:
        return 0.0
    rate, share = hits / of, z * z / of
    middle = rate + share / 2
    spread = z * sqrt((rate * (1 - rate) + share / 4) / of)
    return (middle - spread) / (1 + share)


def _count(known: _Kind) -> tuple[int, int]:
    passed = sum(is_pass for _, is_pass in known.votes.values())
    return passed, len(known.votes) - passed


def _turn(known: _Kind, state: _State, now: float) -> None:
    known.state, known.changed_at = state, now
    known.votes.clear()


def _tell(kind: str, state: _State, passed: int, failed: int) -> None:
    if state is _State.OPEN:
        log.error("challenge_opened", kind=kind, passed=passed, failed=failed)
    else:
        log.warning("challenge_closed", kind=kind, passed=passed, failed=failed)
