"""Who moves in step: accounts that reach the same targets in the same hours, again and again.

Time is cut into six hours, twice, the second cut half a piece later, so that a burst lies whole in
one of them. A mark is one target in one such piece. Two marks that many accounts share, and far
more than would by chance, are the work of one hand. Marks are counted in twos, so that a group of a
thousand costs each of its members no more than a group of three.
"""

from collections import OrderedDict
from typing import Final
from zlib import crc32

from safety.state.recent import Recent

PIECE: Final = 6 * 3600.0
MARKS: Final = 8  # remembered for each account and cut
LEAST_LIFT: Final = 5.0  # how many times more accounts than chance would bring together
KEPT: Final = 7 * 86_400.0  # how long it counts that somebody moved in step

_CUTS: Final = (0.0, PIECE / 2)
_PAIRS_EACH: Final = 12
_MARKS_EACH: Final = 4
_CLOCK_BITS: Final = 20
_MARK_BITS: Final = 52  # a target's hash and the time


class _Steps:
    """One account's latest marks on each cut, and the most partners it had."""

    __slots__ = ("at", "marks", "partners")

    def __init__(self) -> None:
        # Tuples, which the garbage collector need not visit: there is a pair for every account.
        self.marks: list[tuple[int, ...]] = [()] * len(_CUTS)
        self.partners = 0
        self.at = 0.0


class Lockstep:
    """The steps of one tenant's accounts, at most so many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._accounts: OrderedDict[str, _Steps] = OrderedDict()
        self._pairs: Recent[int, int] = Recent(_PAIRS_EACH * most)
        self._reached: Recent[int, int] = Recent(_MARKS_EACH * most)  # accounts for each mark

    def __len__(self) -> int:
        return len(self._accounts)

    def act(self, actor: str, target: str, at: float) -> None:
        """Remember that the actor reached the target at `at` (Unix seconds)."""
        own = self._accounts.get(actor)
        if own is None:
            own = self._accounts[actor] = _Steps()
            if len(self._accounts) > self._most:
                self._accounts.popitem(last=False)
        else:
            self._accounts.move_to_end(actor)
        name = crc32(target.encode("utf-8", "surrogatepass"))
        for cut, offset in enumerate(_CUTS):
            piece = (int((at + offset) // PIECE) << 1 | cut) & ((1 << _CLOCK_BITS) - 1)
            self._mark(own, cut, name << _CLOCK_BITS | piece, at)

    def partners(self, actor: str, at: float) -> int:
        """How many others moved in step with the actor at two targets, lately and at most."""
        own = self._accounts.get(actor)
        return own.partners if own is not None and at - own.at <= KEPT else 0

    def _mark(self, own: _Steps, cut: int, mark: int, at: float) -> None:
        marks = own.marks[cut]
        if mark in marks:
            return
        reached = _add(self._reached, mark)
        if reached > 1:  # whom nobody else reached in these hours brings nobody together
            for other in marks:
                self._meet(own, mark, other, reached, at)
        own.marks[cut] = (*marks[-MARKS + 1 :], mark)

    def _meet(self, own: _Steps, mark: int, other: int, reached: int, at: float) -> None:
        reached_other = self._reached.get(other) or 0
        if reached_other <= 1:
            return
        # The first to reach either mark was not counted, so this is how many the others are.
        both = _add(self._pairs, _pair(mark, other))
        chance = reached * reached_other / len(self._accounts)
        if both > own.partners and both >= LEAST_LIFT * chance:
            own.partners, own.at = both, at


def _pair(one: int, other: int) -> int:
    """One number for two marks, whichever came first."""
    low, high = (one, other) if one < other else (other, one)
    return low << _MARK_BITS | high


def _add(counts: Recent[int, int], key: int) -> int:
    """Count once more; the count."""
    count = (counts.get(key) or 0) + 1
    counts.put(key, count)
    return count
