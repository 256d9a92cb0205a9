"""The memory of behaviour beside the counters: habits, schedules and steps of one process."""

from collections import OrderedDict
from typing import NamedTuple
from zlib import crc32

from safety.domain.features import Value, Values
from safety.domain.habits import (
    AT_ONCE,
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
from safety.state.habits import content_of, times_of
from safety.state.lockstep import Lockstep
from safety.state.schedule import Schedules
from safety.state.trace import Trace

_HOUR = 3_600.0
_DIGITS = 4
_FRESH = 4  # habits are made anew when a sixteenth (2 to the 4th) of what is known is new
_READY_WATCHES = 1024


class _Reads(NamedTuple):
    """What a watch reads, by the part that answers it. Holding the watch keeps its `id` its own."""

    watch: Watch
    packed: bool
    times: tuple[str, ...]
    content: frozenset[str]
    twins: bool
    partners: bool

    @classmethod
    def of(cls, watch: Watch) -> "_Reads":
        content = frozenset(f"actor.{name}" for name in OF_CONTENT)
        return cls(
            watch,
            PACKED in watch.reads,
            tuple(name for name in watch.reads if name in HABITS - content),
            content & frozenset(watch.reads),
            SCHEDULE_TWINS in watch.reads,
            LOCKSTEP_PARTNERS in watch.reads,
        )

    @property
    def traced(self) -> bool:
        """Whether any of it is read from an actor's trace."""
        return self.packed or bool(self.times) or bool(self.content)


class Behaviour:
    """What is remembered of actors, of every tenant; at most `most` actors in each part.

    The actors that acted least recently are forgotten first. Not safe for several threads: the
    counters hold their lock around it.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._ready: dict[int, _Reads] = {}
        self._traces: OrderedDict[tuple[str, str], Trace] = OrderedDict()
        self._schedules: dict[str, Schedules] = {}
        self._lockstep: dict[str, Lockstep] = {}

    def __len__(self) -> int:
        return len(self._traces)

    def observe(self, tenant: str, watch: Watch, values: Values, at: float) -> dict[str, Value]:
        """Add one action at `at` (Unix seconds), then read what the watch reads and is known."""
        actor = values.get("actor.id")
        if type(actor) is not str:
            return {}
        reads = self._reads_of(watch)
        trace = None
        if watch.habits or watch.deletes or reads.traced:
            trace = self._trace((tenant, actor), opens=watch.habits)
        if trace is not None and watch.habits:
            if trace.owed:  # counted at an attempt that was taken back
                trace.owed -= 1
            else:
                _remember(trace, values, at)
        if watch.deletes and trace is not None:
            trace.delete(quick=_is_quick(values))
        if watch.schedule:
            self._schedules_of(tenant).act(actor, at)
        if watch.lockstep and type(target := values.get("target.id")) is str:
            self._lockstep_of(tenant).act(actor, target, at)
        return self._read(tenant, actor, trace, reads, at) if watch.reads else {}

    def retract(self, tenant: str, watch: Watch, values: Values) -> None:
        """Take back one action: the actor's next one counts as this one did."""
        trace = self._traces.get((tenant, str(values.get("actor.id"))))
        if trace is not None and watch.habits:
            trace.owed += 1

    def _trace(self, key: tuple[str, str], *, opens: bool) -> Trace | None:
        trace = self._traces.get(key)
        if trace is not None:
            self._traces.move_to_end(key)
        elif opens:
            trace = self._traces[key] = Trace()
            if len(self._traces) > self._most:
                self._traces.popitem(last=False)
        return trace

    def _schedules_of(self, tenant: str) -> Schedules:
        found = self._schedules.get(tenant)
        if found is None:
            found = self._schedules[tenant] = Schedules(self._most)
        return found

    def _lockstep_of(self, tenant: str) -> Lockstep:
        found = self._lockstep.get(tenant)
        if found is None:
            found = self._lockstep[tenant] = Lockstep(self._most)
        return found

    def _read(
        self, tenant: str, actor: str, trace: Trace | None, reads: _Reads, at: float
    ) -> dict[str, Value]:
        shown: dict[str, Value] = {}
        if reads.twins:
            shown[SCHEDULE_TWINS] = self._schedules_of(tenant).twins(actor)
        if reads.partners:
            shown[LOCKSTEP_PARTNERS] = self._lockstep_of(tenant).partners(actor, at)
        if trace is None or trace.actions < LEAST_ACTIONS:
            return shown
        if reads.content:
            shown |= {name: n for name, n in content_of(trace) if name in reads.content}
        if reads.packed or reads.times:
            numbers = latest(trace)
            if reads.packed and numbers:
                shown[PACKED] = trace.packed
            if reads.times and numbers:
                every = named(numbers)
                shown |= {name: every[name] for name in reads.times if name in every}
        return shown

    def _reads_of(self, watch: Watch) -> _Reads:
        """What a watch reads, worked out once for each rule set."""
        known = self._ready.get(id(watch))
        if known is None:
            if len(self._ready) >= _READY_WATCHES:
                self._ready.clear()
            known = self._ready[id(watch)] = _Reads.of(watch)
        return known


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


def _remember(trace: Trace, values: Values, at: float) -> None:
    trace.act(at)
    mark = values.get("content.simhash")
    if type(mark) is str:
        trace.write(int(mark, 16))
    target = values.get("target.id")
    if type(target) is str:
        trace.reach(crc32(target.encode("utf-8", "surrogatepass")))
