"""Whose followers are delivered: surges, however slow, that the same accounts join together.

An order that trickles in over two weeks makes no burst. It makes a target that gains several times
what it used to, and the same accounts do so for other targets. Two surges that many accounts
joined, and far more than would by chance, are the work of one hand. Whoever follows everybody
joins every surge: so each follow has one vote, shared among all the surges joined before it.
"""

from collections import OrderedDict
from math import exp
from typing import Final
from zlib import crc32

from safety.state.recent import Recent

_DAY: Final = 86_400.0
# What a target gains now, and what it used to gain: sums that forget at these paces.
NOW: Final = 3 * _DAY
USUAL: Final = 30 * _DAY
LEAST_GAIN: Final = 10.0  # lately, or it is no surge
# How many times the usual. An even delivery of two weeks is still 2.7 times the usual at its end.
LEAST_RISE: Final = 2.5
SURGES: Final = 8  # remembered for each account
LEAST_VOTES: Final = 2.0  # of accounts that joined the same two surges
LEAST_LIFT: Final = 5.0  # how many times more votes than chance would bring
LEAST_FOLLOWERS: Final = 20  # of a surge, before anything is said of it

_LATEST: Final = 100  # followers that a share is about
# For each actor whose habits are remembered, which takes ten times as much. Orders of one seller
# lie weeks apart: who is forgotten between two of them is never seen in step.
_FOLLOWERS_EACH: Final = 4
_TARGETS_EACH: Final = 4
_PAIRS_EACH: Final = 8
_HASH_BITS: Final = 32


class _Target:
    """What one target gains, and who it is that joins while it is more than usual."""

    __slots__ = ("at", "joined", "now", "share", "surges", "usual")

    def __init__(self, at: float) -> None:
        self.at = at
        self.now = self.usual = 0.0
        self.surges = False
        self.joined = 0  # followers of its surges
        self.share = 0.0  # of the latest of them, those in step

    def gain(self, at: float) -> None:
        """One more follows."""
        passed = max(0.0, at - self.at)
        self.at = max(at, self.at)
        self.now = self.now * exp(-passed / NOW) + 1.0
        self.usual = self.usual * exp(-passed / USUAL) + 1.0

    def is_surging(self, remembered: float) -> bool:
        """Whether it gains far more than usual, if the memory goes so many seconds back."""
        if self.now < LEAST_GAIN or remembered < NOW:
            return False
        # Both sums are still growing while the memory is young, and would not be comparable.
        lately = NOW * (1.0 - exp(-remembered / NOW))
        before = USUAL * (1.0 - exp(-remembered / USUAL)) - lately
        return self.now >= LEAST_RISE * ((self.usual - self.now) / before * lately + 1.0)


class _Follower:
    """One account: the surges that it joined last, and whether others joined the same ones."""

    __slots__ = ("is_in_step", "surges")

    def __init__(self) -> None:
        self.surges: list[int] = []
        self.is_in_step = False


class Deliveries:
    """The surges of one tenant's targets, and four accounts that follow for each of `most`."""

    def __init__(self, most: int) -> None:
        self._most = _FOLLOWERS_EACH * most
        self._since: float | None = None
        self._targets: Recent[int, _Target] = Recent(_TARGETS_EACH * most)
        # Most accounts have joined no surge: they are counted, because chance depends on how many.
        self._followers: OrderedDict[str, _Follower | None] = OrderedDict()
        self._votes: Recent[int, float] = Recent(_PAIRS_EACH * most)

    def __len__(self) -> int:
        return len(self._followers)

    def act(self, actor: str, target: str, at: float) -> None:
        """Remember that the actor followed the target at `at` (Unix seconds)."""
        if self._since is None:
            self._since = at
        own = self._follower(actor)
        name = _name(target)
        known = self._targets.get(name)
        if known is None:
            known = _Target(at)
            self._targets.put(name, known)
        known.gain(at)
        known.surges = known.is_surging(at - self._since)
        if known.surges:
            if own is None:
                own = self._followers[actor] = _Follower()
            self._join(own, name, known)

    def share(self, target: str) -> float | None:
        """Of those who join the target's surge, the share that joins surges together.

        None while there is no surge, or too few have joined it.
        """
        known = self._targets.get(_name(target))
        if known is None or not known.surges or known.joined < LEAST_FOLLOWERS:
            return None
        return known.share

    def delivers(self, actor: str) -> bool:
        """Whether the actor joined surges together with others."""
        own = self._followers.get(actor)
        return own is not None and own.is_in_step

    def _follower(self, actor: str) -> _Follower | None:
        followers = self._followers
        if actor in followers:
            followers.move_to_end(actor)
            return followers[actor]
        followers[actor] = None
        if len(followers) > self._most:
            followers.popitem(last=False)
        return None

    def _join(self, own: _Follower, name: int, known: _Target) -> None:
        surges = own.surges
        if name in surges:
            return
        known.joined += 1
        for other in surges:
            self._vote(own, name, other, 1.0 / len(surges))
        surges.append(name)
        if len(surges) > SURGES:
            del surges[0]
        known.share += (own.is_in_step - known.share) / min(known.joined, _LATEST)

    def _vote(self, own: _Follower, name: int, other: int, weight: float) -> None:
        pair = min(name, other) << _HASH_BITS | max(name, other)
        votes = (self._votes.get(pair) or 0.0) + weight
        self._votes.put(pair, votes)
        if own.is_in_step or votes < LEAST_VOTES:
            return
        one, two = self._targets.get(name), self._targets.get(other)
        if one is not None and two is not None:
            chance = one.joined * two.joined / len(self._followers)
            own.is_in_step = votes >= LEAST_LIFT * chance


def _name(target: str) -> int:
    return crc32(target.encode("utf-8", "surrogatepass"))
