"""The memory of behaviour beside the counters: habits, schedules and steps of one process."""

from collections import OrderedDict
from typing import NamedTuple
from zlib import crc32

from safety.domain.features import Value, Values
from safety.domain.habits import (
    AT_ONCE,
    DELIVERED_SHARE,
    DELIVERS,
    HABITS,
    LEAST_ACTIONS,
    LOCKSTEP_PARTNERS,
    OF_CONTENT,
    OF_TIMES,
    PACKED,
    QUICK_GAPS,
    SCHEDULE_TWINS,
    Watch,
    packed,
)  # fmt: skip
from safety.state.deliveries import Deliveries
from safety.state.first_actions import is_enough, trace_of, with_action, with_delete
from safety.state.habits import content_of, times_of
from safety.state.lockstep import Lockstep
from safety.state.schedule import Schedules
from safety.state.trace import Trace

_HOUR = 3_600.0
_DIGITS = 4
_MARK = "content.simhash"
_TARGET = "target.id"
_FRESH = 4  # habits are made anew when a sixteenth (2 to the 4th) of what is known is new
_READY_WATCHES = 1024
_ACROSS = frozenset((SCHEDULE_TWINS, LOCKSTEP_PARTNERS, DELIVERS, DELIVERED_SHARE))


class _Reads(NamedTuple):
    """What a watch reads, by the part that answers it. Holding the watch keeps its `id` its own."""

    watch: Watch
    packed: bool
    times: tuple[str, ...]
    content: frozenset[str]
    twins: bool
    partners: bool
    delivers: bool
    delivered: bool
    is_traced: bool  # any of it is read from an actor's trace
    is_across: bool  # any of it is read from what is remembered across accounts
    adds_across: bool  # the watch adds to that

    @classmethod
    def of(cls, watch: Watch) -> "_Reads":
        every = frozenset(watch.reads)
        content = frozenset(f"actor.{name}" for name in OF_CONTENT)
        return cls(
            watch,
            PACKED in every,
            tuple(name for name in watch.reads if name in HABITS - content),
            content & every,
            SCHEDULE_TWINS in every,
            LOCKSTEP_PARTNERS in every,
            DELIVERS in every,
            DELIVERED_SHARE in every,
            is_traced=bool(every & (HABITS | {PACKED})),
            is_across=bool(every & _ACROSS),
            adds_across=watch.schedule or watch.lockstep or watch.deliveries,
        )


class _Across:
    """What is remembered across the accounts of one tenant."""

    __slots__ = ("deliveries", "lockstep", "schedules")

    def __init__(self, most: int) -> None:
        self.schedules = Schedules(most)
        self.lockstep = Lockstep(most)
        self.deliveries = Deliveries(most)

    def act(self, watch: Watch, actor: str, target: Value | None, at: float) -> None:
        if watch.schedule:
            self.schedules.act(actor, at)
        if type(target) is str:
            if watch.lockstep:
                self.lockstep.act(actor, target, at)
            if watch.deliveries:
                self.deliveries.act(actor, target, at)

    def show(
        self, reads: _Reads, actor: str, target: Value | None, at: float, shown: dict[str, Value]
    ) -> None:
        if reads.twins:
            shown[SCHEDULE_TWINS] = self.schedules.twins(actor)
        if reads.partners:
            shown[LOCKSTEP_PARTNERS] = self.lockstep.partners(actor, at)
        if reads.delivers:
            shown[DELIVERS] = int(self.deliveries.delivers(actor))
        if reads.delivered and type(target) is str:
            share = self.deliveries.share(target)
            if share is not None:
                shown[DELIVERED_SHARE] = round(share, _DIGITS)


class Behaviour:
    """What is remembered of actors, of every tenant; at most `most` actors in each part.

    The actors that acted least recently are forgotten first. Not safe for several threads: the
    counters hold their lock around it.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._ready: dict[int, _Reads] = {}
        # An actor with few actions has them as they came.
        self._traces: OrderedDict[tuple[str, str], Trace | bytes] = OrderedDict()
        self._across: dict[str, _Across] = {}

    def __len__(self) -> int:
        return len(self._traces)

    def observe(self, tenant: str, watch: Watch, values: Values, at: float) -> dict[str, Value]:
        """Add one action at `at` (Unix seconds), then read what the watch reads and is known."""
        actor = values.get("actor.id")
        if type(actor) is not str:
            return {}
        reads = self._reads_of(watch)
        shown: dict[str, Value] = {}
        if watch.habits or watch.deletes or reads.is_traced:
            trace = self._traced((tenant, actor), watch, values, at)
            if trace is not None and reads.is_traced:
                _show(trace, reads, shown)
        if reads.adds_across:
            self._across_of(tenant).act(watch, actor, values.get(_TARGET), at)
        if reads.is_across:
            self._across_of(tenant).show(reads, actor, values.get(_TARGET), at, shown)
        return shown

    def retract(self, tenant: str, watch: Watch, values: Values) -> None:
        """Take back one action: the actor's next one counts as this one did."""
        key = (tenant, str(values.get("actor.id")))
        known = self._traces.get(key)
        if known is not None and watch.habits:
            trace = self._traces[key] = known if isinstance(known, Trace) else trace_of(known)
            trace.owed += 1

    def _traced(
        self, key: tuple[str, str], watch: Watch, values: Values, at: float
    ) -> Trace | None:
        """The actor's trace with this event in it, or None while there is none that could show."""
        traces = self._traces
        known = traces.get(key)
        if known is not None:
            traces.move_to_end(key)
            if isinstance(known, Trace):
                _remember(known, watch, values, at)
                return known
        elif watch.habits:
            known = b""
            if len(traces) >= self._most:
                traces.popitem(last=False)
        else:
            return None
        if watch.habits:
            mark, target = values.get(_MARK), values.get(_TARGET)
            known = with_action(
                known,
                at,
                int(mark, 16) if type(mark) is str else None,
                _hash(target) if type(target) is str else None,
            )
        if watch.deletes:
            known = with_delete(known, quick=_is_quick(values))
        if not is_enough(known):
            traces[key] = known
            return None
        trace = traces[key] = trace_of(known)
        return trace

    def _across_of(self, tenant: str) -> _Across:
        found = self._across.get(tenant)
        if found is None:
            found = self._across[tenant] = _Across(self._most)
        return found

    def _reads_of(self, watch: Watch) -> _Reads:
        """What a watch reads, worked out once for each rule set."""
        known = self._ready.get(id(watch))
        if known is None:
            if len(self._ready) >= _READY_WATCHES:
                self._ready.clear()
            known = self._ready[id(watch)] = _Reads.of(watch)
        return known


def _show(trace: Trace, reads: _Reads, shown: dict[str, Value]) -> None:
    """Add what one actor's trace shows of what is read."""
    if trace.actions < LEAST_ACTIONS:
        return
    if reads.content:
        shown.update((name, n) for name, n in content_of(trace) if name in reads.content)
    if reads.packed or reads.times:
        numbers = latest(trace)
        if reads.packed and numbers:
            shown[PACKED] = trace.packed
        if reads.times and numbers:
            every = named(numbers)
            shown.update((name, every[name]) for name in reads.times if name in every)


def latest(trace: Trace) -> list[float]:
    """The habits of an actor's times, made anew once it has acted a sixteenth more than then."""
    if trace.seen - trace.shown_at >= max(1, trace.actions >> _FRESH):
        trace.shown_at = trace.seen
        trace.shown = times_of(trace) or []
        trace.packed = packed(trace.shown) if trace.shown else ""
    return trace.shown


def named(numbers: list[float]) -> dict[str, Value]:
    """The habits of times under their feature names, in the units of the catalogue.

    What cannot be known yet is left out.
    """
    found: dict[str, Value] = {
        f"actor.{name}": round(number, _DIGITS)
        for name, number in zip(OF_TIMES, numbers, strict=True)
        if number == number  # noqa: PLR0124  NaN is unknown
    }
    quick = (
        numbers[OF_TIMES.index("gaps_within_second")] + numbers[OF_TIMES.index("gaps_of_seconds")]
    )
    found[QUICK_GAPS] = round(quick, _DIGITS)
    found["actor.actions_seen"] = int(numbers[0])
    found["actor.longest_awake"] = numbers[OF_TIMES.index("longest_awake")] * _HOUR
    return found


def _is_quick(values: Values) -> bool:
    age = values.get("target.age")
    return type(age) is float and age < AT_ONCE


def _remember(trace: Trace, watch: Watch, values: Values, at: float) -> None:
    if watch.habits:
        if trace.owed:  # counted at an attempt that was taken back
            trace.owed -= 1
        else:
            trace.act(at)
            if type(mark := values.get(_MARK)) is str:
                trace.write(int(mark, 16))
            if type(target := values.get(_TARGET)) is str:
                trace.reach(_hash(target))
    if watch.deletes:
        trace.delete(quick=_is_quick(values))


def _hash(target: str) -> int:
    return crc32(target.encode("utf-8", "surrogatepass"))
