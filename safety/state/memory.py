"""Counters and labels in this process's memory."""

from dataclasses import dataclass
from hashlib import blake2b
from math import nan
from threading import Lock
from typing import NamedTuple

from safety.domain.features import Value, Values
from safety.domain.labels import Label
from safety.domain.ports import Observation
from safety.domain.velocity import CountingPlan, Series
from safety.state.behaviour import Behaviour
from safety.state.kinds import AnyRoom, room_for
from safety.state.labels import LabelBook
from safety.state.room import Reads

# Plans whose look-ups are kept ready; a reload of the rules brings one new plan per event type.
_READY_PLANS = 1024

# Longer texts are told apart by a hash, so that what one event can store is bounded.
_LONGEST_TEXT = 64

# Actors whose behaviour is remembered: up to ten kilobytes each.
_ACTORS = 10_000

# A full memory drops this share of it at once, so that finding the fullest room stays rare.
_DROPPED_SHARE = 1000


class _Step(NamedTuple):
    """What one event does to one series: maybe add to it, then read some windows of it."""

    room: AnyRoom
    by: str
    of: str | None
    adds: bool
    reads: Reads


@dataclass(frozen=True, slots=True)
class _Ready:
    """A plan with its rooms found. Holding the plan keeps its `id` from being used again."""

    plan: CountingPlan
    steps: tuple[_Step, ...]


class MemoryCounters:
    """Implements `domain.ports.Counters` in memory, for one process.

    At most `max_entities` logs are held over all tenants and series. When they are full, the series
    of the tenant that holds the most logs gives up those it wrote least recently: whoever cycles
    through made-up entities pushes out entities of their own kind, not those of every other series.
    Logs whose windows have long passed go on their own. One lock guards everything; it is held for
    microseconds. What is known of behaviour is held for the `max_actors` latest actors.
    """

    def __init__(self, *, max_entities: int = 1_000_000, max_actors: int = _ACTORS) -> None:
        self._max_entities = max_entities
        self._behaviour = Behaviour(max_actors)
        self._rooms: dict[tuple[str, str], AnyRoom] = {}
        self._ready: dict[tuple[str, int], _Ready] = {}
        self._labels = LabelBook(max_entities)
        self._size = 0
        self._lock = Lock()

    @property
    def size(self) -> int:
        """How many logs are held."""
        return self._size

    def observe(self, tenant: str, plan: CountingPlan, values: Values, at: float) -> Observation:
        """Record this event at `at` (Unix seconds), then read. Reads include the event itself."""
        numbers = [nan] * len(plan.windows)
        with self._lock:
            grown = 0
            for room, by, of, adds, reads in self._steps(tenant, plan):
                entity = values.get(by)
                if entity is None:
                    continue
                if type(entity) is str and len(entity) > _LONGEST_TEXT:
                    entity = _digest(entity)
                if adds:
                    if of is None:
                        grown += room.record(entity, entity, at)
                    elif (value := values.get(of)) is not None:
                        grown += room.record(entity, _compact(value), at)
                if reads:
                    room.read(entity, at, reads, numbers)
            if grown:
                self._grow(grown)
            labels = {
                name: self._labels.live(tenant, entity_feature, str(values[entity_feature]), at)
                for name, entity_feature in plan.labelled
                if entity_feature in values
            }
            if plan.watch is not None:
                shown = self._behaviour.observe(tenant, plan.watch, values, at)
                return Observation(numbers, labels, shown)
        return Observation(numbers, labels)

    def retract(self, tenant: str, plan: CountingPlan, values: Values, at: float) -> None:
        """Take back one `observe` of the same arguments: the event turned out to be a retry."""
        with self._lock:
            for step in self._steps(tenant, plan):
                entity, value = values.get(step.by), values.get(step.of or step.by)
                if step.adds and entity is not None and value is not None:
                    grown = step.room.forget(_compact(entity), _compact(value), at)
                    self._size += grown
            if plan.watch is not None:
                self._behaviour.retract(tenant, plan.watch, values)

    def mark(self, tenant: str, label: Label) -> None:
        """Remember a label, replacing an earlier one of the same name on the same entity."""
        with self._lock:
            self._labels.put(tenant, label)

    def _steps(self, tenant: str, plan: CountingPlan) -> tuple[_Step, ...]:
        key = (tenant, id(plan))
        ready = self._ready.get(key)
        if ready is None:
            if len(self._ready) >= _READY_PLANS:
                self._ready.clear()
            ready = self._ready[key] = _Ready(plan, self._prepare(tenant, plan))
        return ready.steps

    def _prepare(self, tenant: str, plan: CountingPlan) -> tuple[_Step, ...]:
        series = {series.key: series for series in plan.hits}
        added = set(series)
        reads: dict[str, list[tuple[int, float]]] = {}
        for place, window in enumerate(plan.windows):
            series.setdefault(window.series.key, window.series)
            reads.setdefault(window.series.key, []).append((place, window.within))
        return tuple(
            _Step(
                room=self._room(tenant, one),
                by=one.by,
                of=one.of,
                adds=key in added,
                reads=tuple(reads.get(key, ())),
            )
            for key, one in series.items()
        )

    def _room(self, tenant: str, series: Series) -> AnyRoom:
        room = self._rooms.setdefault((tenant, series.key), room_for(series))
        room.widen(series)
        return room

    def _grow(self, logs: int) -> None:
        self._size += logs
        while self._size > self._max_entities:
            fullest = max(self._rooms.values(), key=len)
            self._size += fullest.drop_oldest(self._max_entities // _DROPPED_SHARE + 1)


def _compact(value: Value) -> Value:
    if type(value) is str and len(value) > _LONGEST_TEXT:
        return _digest(value)
    return value


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
