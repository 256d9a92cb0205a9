"""Who keeps another's schedule: accounts that share rare runs of pauses are one script.

One account's times cannot give away a bot that replays a person's day. Two accounts can: of the
runs of pauses that one has, the other has many as well, and hardly anybody else has them. Runs are
looked at twice: five pauses between actions, and four between the beginnings of sessions, which
stay what they are when a script adds noise to every action or leaves some out.
"""

from collections import OrderedDict
from math import log2
from typing import Final, NamedTuple

from safety.state.recent import Recent

_BITS: Final = 8
_MOST_STEPS: Final = (1 << _BITS) - 1
_LEAST_KINDS: Final = 3  # different pauses in a run: anybody may do the same thing again and again
_SESSION_GAP: Final = 15 * 60.0
_KNOWN: Final = 8  # accounts remembered for a run
_PARTNERS: Final = 24  # accounts whose shared runs are counted
_FORGETS_AT: Final = 512
_RUNS_EACH: Final = 10  # how many runs are remembered for each account that may be


class Grid(NamedTuple):
    """How runs are made and how many shared ones tell: `steps` of a pause for each doubling.

    Twins share at least `least` runs and at least `share` of all runs of the one that comes later.
    """

    pauses: int
    steps: float
    blur: float  # seconds added to a pause: shorter ones are much alike
    long_pauses: int  # how many pauses of a run last `long` seconds or more
    long: float
    least: int
    share: float


# The figures are those at which one pair of strangers in ten thousand, and fewer, look like twins:
# see docs/bot-model.md.
ACTIONS: Final = Grid(5, 2.0, 8.0, 2, 30.0, 8, 0.1)
SESSIONS: Final = Grid(4, 8.0, 60.0, 4, 0.0, 4, 0.12)


class _Runs:
    """What one account's runs on one grid are compared by."""

    __slots__ = ("made", "partners", "pauses", "run")

    def __init__(self) -> None:
        self.run = 0  # the latest pauses, a byte each
        self.pauses = 0
        self.made = 0
        self.partners: dict[str, int] | None = None  # most accounts share no run with anybody

    def forget(self) -> None:
        """Give everything half its weight."""
        self.made >>= 1
        if self.partners:
            self.partners = {
                other: count >> 1 for other, count in self.partners.items() if count > 1
            }


class _Shelf:
    """Which accounts made a run of one grid last; at most so many runs."""

    def __init__(self, grid: Grid, most: int) -> None:
        self.grid = grid
        self._mask = (1 << _BITS * grid.pauses) - 1
        self._least_long = int(grid.steps * log2(grid.blur + grid.long))
        self._known: Recent[int, str | list[str]] = Recent(most)

    def add(self, actor: str, own: _Runs, pause: float) -> None:
        """A pause of the actor: does it end a run that others have made?"""
        grid = self.grid
        step = min(_MOST_STEPS, int(grid.steps * log2(grid.blur + pause)))
        own.run = (own.run << _BITS | step) & self._mask
        own.pauses += 1
        if own.pauses >= grid.pauses and self._is_telling(own.run):
            own.made += 1
            self._meet(actor, own)
            if own.made >= _FORGETS_AT:
                own.forget()

    def twins(self, own: _Runs) -> list[str]:
        """The accounts that share enough runs."""
        if own.partners is None or own.made < self.grid.least:
            return []
        least = max(self.grid.least, self.grid.share * own.made)
        return [other for other, shared in own.partners.items() if shared >= least]

    def _is_telling(self, run: int) -> bool:
        """Whether a run is rare enough: several different pauses, and long ones among them."""
        kinds, long = set(), 0
        for _ in range(self.grid.pauses):
            step = run & _MOST_STEPS
            kinds.add(step)
            long += step >= self._least_long
            run >>= _BITS
        return len(kinds) >= _LEAST_KINDS and long >= self.grid.long_pauses

    def _meet(self, actor: str, own: _Runs) -> None:
        known = self._known.get(own.run)
        if known is None or known == actor:
            self._known.put(own.run, actor)  # most runs are made by one account, and need no list
            return
        if isinstance(known, str):
            known = [known]
            self._known.put(own.run, known)
        if own.partners is None:
            own.partners = {}
        for other in known:
            if other != actor:
                _count(own.partners, other)
        if actor not in known:
            known.append(actor)
            if len(known) > _KNOWN:
                del known[0]


class _Schedule:
    """One account: when it acted last, when its session began, and its runs on both grids."""

    __slots__ = ("actions", "began", "last", "sessions")

    def __init__(self, at: float) -> None:
        self.last = self.began = at
        self.actions = _Runs()
        self.sessions: _Runs | None = None  # until the first one ends


class Schedules:
    """The schedules of one tenant's accounts, at most so many."""

    def __init__(self, most: int) -> None:
        self._most = most
        # Of an account that acted once, when it did.
        self._accounts: OrderedDict[str, _Schedule | float] = OrderedDict()
        self._actions = _Shelf(ACTIONS, _RUNS_EACH * most)
        self._sessions = _Shelf(SESSIONS, _RUNS_EACH * most)

    def __len__(self) -> int:
        return len(self._accounts)

    def act(self, actor: str, at: float) -> None:
        """Remember that the actor did something at `at` (Unix seconds), unless it comes late."""
        own = self._accounts.get(actor)
        if own is None:
            self._accounts[actor] = at
            if len(self._accounts) > self._most:
                self._accounts.popitem(last=False)
            return
        self._accounts.move_to_end(actor)
        if not isinstance(own, _Schedule):
            own = self._accounts[actor] = _Schedule(own)
        pause = at - own.last
        if pause < 0:
            return
        own.last = at
        self._actions.add(actor, own.actions, pause)
        if pause > _SESSION_GAP:
            if own.sessions is None:
                own.sessions = _Runs()
            self._sessions.add(actor, own.sessions, at - own.began)
            own.began = at

    def twins(self, actor: str) -> int:
        """How many other accounts the actor shares its schedule with."""
        own = self._accounts.get(actor)
        if not isinstance(own, _Schedule):
            return 0
        found = self._actions.twins(own.actions)
        if own.sessions is not None and own.sessions.partners:
            return len({*found, *self._sessions.twins(own.sessions)})
        return len(found)


def _count(partners: dict[str, int], other: str) -> None:
    shared = partners.get(other)
    if shared is not None:
        partners[other] = shared + 1
        return
    if len(partners) >= _PARTNERS:  # whoever was met once was met by chance
        for once in [name for name, count in partners.items() if count == 1]:
            del partners[once]
    if len(partners) < _PARTNERS:
        partners[other] = 1
