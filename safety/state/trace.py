"""What is remembered of one actor's actions: three kilobytes, brought up to date in O(1)."""

from array import array
from math import cos, log, log2, sin, tau

# Half of what is known is forgotten at this many actions, so that a change of habits shows.
FORGETS_AT = 1024
GAP_BINS = 25  # of the gap in whole seconds by powers of two: 0, 1, 2-3, 4-7, ... 97 days
PAIR_BINS = 18  # pairs of gaps lump everything above a day and a half together
HOURS = 24
PERIODS = (60.0, 300.0, 3600.0)
SESSION_GAP = 30 * 60.0  # a longer pause begins a new session
REST = 3 * 3600.0  # a longer pause may have been sleep
COMMON_GAPS = 8  # candidates for the gap that comes most often
REMEMBERED_TEXTS = 8
REMEMBERED_TARGETS = 16
NEAR = 8  # bits in which the marks of two texts may differ: a word in twenty changes six

_TURNS = tuple(tau / period for period in PERIODS)
_HOUR = 3600.0
# x log2 x for the counts that occur: entropies are kept up to date by differences of it.
_WEIGHTED = (0.0, *(count * log2(count) for count in range(1, 2 * FORGETS_AT + 2)))
_FIRST_FOUR = range(4)


class Trace:
    """One actor's past in counts and sums. Fields are read by `habits` and by nobody else.

    Times are Unix seconds and nearly in order; an action that comes late adds its hour and what it
    says, and no gap.
    """

    __slots__ = (
        "actions", "awake_since", "close", "cosines", "deletes", "gap_sum", "gap_weight", "gaps",
        "hours", "inside", "inside_squares", "inside_sum", "lags", "last", "last_bin", "last_log",
        "longest", "memory", "moments", "owed", "packed", "pair_weight", "pairs", "quick_deletes",
        "repeats", "same", "seen", "sessions", "shown", "shown_at", "sines", "square_sum",
        "target_repeats", "targeted", "targets", "texts", "written",
    )  # fmt: skip

    def __init__(self) -> None:
        self.seen = 0  # ever
        self.actions = 0  # remembered, older ones at half their weight
        self.owed = 0  # actions to come that are counted already
        self.shown: list[float] = []  # its habits as they were last worked out, and when
        self.packed = ""
        self.shown_at = 0
        self.last = 0.0
        self.last_bin = -1
        self.last_log = 0.0
        self.gaps = array("H", bytes(2 * GAP_BINS))
        self.pairs = array("H", bytes(2 * PAIR_BINS * PAIR_BINS))
        self.hours = array("H", bytes(2 * HOURS))
        self.gap_weight = self.pair_weight = 0.0
        self.gap_sum = self.square_sum = 0.0
        self.moments = [0.0] * 4  # sums of the powers of log gaps
        self.inside = 0  # gaps within sessions, and sums of the first powers of their logs
        self.inside_sum = self.inside_squares = 0.0
        self.memory = 0.0  # sum of products of neighbouring log gaps
        self.lags = 0  # how many products
        self.cosines = [0.0] * len(PERIODS)
        self.sines = [0.0] * len(PERIODS)
        self.same: dict[int, int] = {}
        self.close: dict[int, int] = {}
        self.sessions = 0
        self.awake_since = 0.0
        self.longest = 0.0
        self.texts: list[int] = []
        self.written = self.repeats = 0
        self.targets: list[int] = []
        self.targeted = self.target_repeats = 0
        self.deletes = self.quick_deletes = 0

    def act(self, at: float) -> None:
        """Remember that the actor did something."""
        if self.actions >= FORGETS_AT:
            self._forget()
        self.seen += 1
        self.actions += 1
        self.hours[int(at // _HOUR) % HOURS] += 1
        cosines, sines = self.cosines, self.sines
        for place, turn in enumerate(_TURNS):
            angle = at * turn
            cosines[place] += cos(angle)
            sines[place] += sin(angle)
        if self.seen == 1:
            self.last = self.awake_since = at
            self.sessions = 1
            return
        gap = at - self.last
        if gap < 0:
            return
        self.last = at
        if gap > REST:
            self.awake_since = at
        elif at - self.awake_since > self.longest:
            self.longest = at - self.awake_since
        self._gap(gap)

    def write(self, mark: int) -> None:
        """Remember the mark of a text: has one like it been written lately?"""
        texts = self.texts
        self.written += 1
        for known in texts:
            if (known ^ mark).bit_count() <= NEAR:
                self.repeats += 1
                return
        texts.append(mark)
        if len(texts) > REMEMBERED_TEXTS:
            del texts[0]

    def reach(self, target: int) -> None:
        """Remember whom or what an action was about, by a hash: was it reached lately?"""
        targets = self.targets
        self.targeted += 1
        if target in targets:
            self.target_repeats += 1
            return
        targets.append(target)
        if len(targets) > REMEMBERED_TARGETS:
            del targets[0]

    def delete(self, *, quick: bool) -> None:
        """Remember that the actor took something of its own away, and whether at once."""
        self.deletes += 1
        self.quick_deletes += quick

    def _gap(self, gap: float) -> None:
        whole = int(gap)
        self.gap_sum += gap
        self.square_sum += gap * gap
        number = log(1.0 + gap)
        self._sums(number, inside=gap <= SESSION_GAP)
        place = min(whole.bit_length(), GAP_BINS - 1)
        count = self.gaps[place]
        self.gaps[place] = count + 1
        self.gap_weight += _WEIGHTED[count + 1] - _WEIGHTED[count]
        _count_common(self.same, int(gap + 0.5))
        _count_common(self.close, whole // 10)
        place = min(place, PAIR_BINS - 1)
        if self.last_bin >= 0:
            pair = self.last_bin * PAIR_BINS + place
            count = self.pairs[pair]
            self.pairs[pair] = count + 1
            self.pair_weight += _WEIGHTED[count + 1] - _WEIGHTED[count]
            self.memory += number * self.last_log
            self.lags += 1
        self.last_bin = place
        self.last_log = number

    def _sums(self, number: float, *, inside: bool) -> None:
        square = number * number
        moments = self.moments
        moments[0] += number
        moments[1] += square
        moments[2] += square * number
        moments[3] += square * square
        if inside:
            self.inside += 1
            self.inside_sum += number
            self.inside_squares += square
        else:
            self.sessions += 1

    def _forget(self) -> None:
        """Give everything half its weight."""
        gaps_then, lags_then = sum(self.gaps), self.lags
        self.gaps, self.pairs, self.hours = map(_halved, (self.gaps, self.pairs, self.hours))
        gaps, self.lags = sum(self.gaps), sum(self.pairs)
        self.gap_weight = sum(_WEIGHTED[count] for count in self.gaps)
        self.pair_weight = sum(_WEIGHTED[count] for count in self.pairs)
        kept = gaps / max(1, gaps_then)
        self.gap_sum *= kept
        self.square_sum *= kept
        for place in _FIRST_FOUR:
            self.moments[place] *= kept
        inside = self.inside
        self.inside = int(inside * kept)
        self.inside_sum *= self.inside / max(1, inside)
        self.inside_squares *= self.inside / max(1, inside)
        self.memory *= self.lags / max(1, lags_then)
        self.actions = gaps + 1
        self.cosines = [0.5 * number for number in self.cosines]
        self.sines = [0.5 * number for number in self.sines]
        self.same, self.close = _halved_common(self.same), _halved_common(self.close)
        self.sessions = max(1, gaps - self.inside)
        self.longest *= 0.75  # what was long ago need not be a habit any more
        self.written, self.repeats = self.written >> 1, self.repeats >> 1
        self.targeted, self.target_repeats = self.targeted >> 1, self.target_repeats >> 1
        self.deletes, self.quick_deletes = self.deletes >> 1, self.quick_deletes >> 1


def _halved(counts: "array[int]") -> "array[int]":
    return array("H", [count >> 1 for count in counts])


def _halved_common(counts: dict[int, int]) -> dict[int, int]:
    return {value: count >> 1 for value, count in counts.items() if count > 1}


def _count_common(counts: dict[int, int], value: int) -> None:
    """Count a value among those that may be the most common (Misra and Gries, 1982)."""
    known = counts.get(value)
    if known is not None:
        counts[value] = known + 1
    elif len(counts) < COMMON_GAPS:
        counts[value] = 1
    else:
        for other in [one for one, count in counts.items() if count == 1]:
            del counts[other]
        for other in counts:
            counts[other] -= 1
