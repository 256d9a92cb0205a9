"""The three kinds of rooms: for counting events, adding up amounts and telling values apart."""

from array import array
from bisect import bisect_right, insort
from collections.abc import Hashable
from math import inf, isfinite

from safety.domain.features import Value
from safety.domain.velocity import Measure, Series
from safety.state.room import EMPTY, SPARE, Reads, Room, close_if_empty, count_inside, find


class CountRoom(Room["array[float]"]):
    """Counts events: a log is a sorted array of stamps."""

    def record(self, entity: Hashable, value: Value, at: float) -> int:  # noqa: ARG002 - a count reads no value
        """Add one stamp."""
        log = self._logs.get(entity)
        if log is None:
            return self._open(entity, array("d", (at,)), at)
        if at >= log[-1]:
            log.append(at)
        else:
            insort(log, at)
        if len(log) > self.limit + SPARE:
            del log[0]
        self._logs.move_to_end(entity)
        return 0

    def forget(self, entity: Hashable, value: Value, at: float) -> int:  # noqa: ARG002 - a count reads no value
        """Take back one stamp."""
        log = self._logs.get(entity)
        if log is None or (place := find(log, at)) is None:
            return 0
        del log[place]
        return close_if_empty(self._logs, entity, log)

    def read(self, entity: Hashable, at: float, reads: Reads, numbers: list[float]) -> None:
        """Count the stamps inside each window."""
        count_inside(self._logs.get(entity, EMPTY), at, reads, numbers, self.limit)

    @staticmethod
    def _newest(log: "array[float]") -> float:
        return log[-1]


class SumRoom(Room["tuple[array[float], array[float]]"]):
    """Adds up amounts: a log is sorted stamps with the amount of each.

    The total is exact while a window holds no more events than the limit. An amount that is not a
    finite number is not recorded; a total too large for a float reads as infinity.
    """

    def record(self, entity: Hashable, value: Value, at: float) -> int:
        """Add one amount."""
        amount = _amount(value)
        if not amount:
            return 0  # nothing to add up
        log = self._logs.get(entity)
        if log is None:
            return self._open(entity, (array("d", (at,)), array("d", (amount,))), at)
        stamps, amounts = log
        place = bisect_right(stamps, at)
        stamps.insert(place, at)
        amounts.insert(place, amount)
        if len(stamps) > self.limit + SPARE:
            del stamps[0], amounts[0]
        self._logs.move_to_end(entity)
        return 0

    def forget(self, entity: Hashable, value: Value, at: float) -> int:
        """Take back one amount of that moment, the last to come: the others keep their order."""
        log = self._logs.get(entity)
        if log is None:
            return 0
        stamps, amounts = log
        place = bisect_right(stamps, at) - 1
        while place >= 0 and stamps[place] == at:
            if amounts[place] == _amount(value):
                del stamps[place], amounts[place]
                return close_if_empty(self._logs, entity, stamps)
            place -= 1
        return 0

    def read(self, entity: Hashable, at: float, reads: Reads, numbers: list[float]) -> None:
        """Add up the amounts inside each window."""
        log = self._logs.get(entity)
        for place, within in reads:
            if log is None:
                numbers[place] = 0.0
                continue
            stamps, amounts = log
            first = max(bisect_right(stamps, at - within), len(stamps) - self.limit)
            numbers[place] = float(sum(amounts[first:]))

    @staticmethod
    def _newest(log: "tuple[array[float], array[float]]") -> float:
        return log[0][-1]


# Different values by when each was last seen, oldest first: the stamps, the stamps of the sightings
# before those (minus infinity for none), and the values. Taking back a sighting falls back to the
# one before. Arrays and tuples of texts cost the garbage collector nothing, however many there are.
Seen = tuple["array[float]", "array[float]", tuple[Value, ...]]


class DistinctRoom(Room[Seen]):
    """Counts different values: a log keeps the most recently seen ones."""

    def record(self, entity: Hashable, value: Value, at: float) -> int:
        """Note that the value was seen."""
        log = self._logs.get(entity)
        if log is None:
            return self._open(entity, (array("d", (at,)), array("d", (-inf,)), (value,)), at)
        log, (seen, before) = _taken(log, value)
        log = _put(log, value, (max(seen, at), max(before, min(seen, at))))
        if len(log[2]) > self.limit + SPARE:
            del log[0][0], log[1][0]
            log = (log[0], log[1], log[2][1:])
        self._logs[entity] = log
        self._logs.move_to_end(entity)
        return 0

    def forget(self, entity: Hashable, value: Value, at: float) -> int:
        """Take back one sighting: the value falls back to the one before."""
        log = self._logs.get(entity)
        if log is None:
            return 0
        log, (seen, before) = _taken(log, value)
        if seen == at:
            seen, before = before, -inf
        elif before == at:
            before = -inf
        if seen != -inf:
            log = _put(log, value, (seen, before))
        self._logs[entity] = log
        return close_if_empty(self._logs, entity, log[2])

    def read(self, entity: Hashable, at: float, reads: Reads, numbers: list[float]) -> None:
        """Count the values last seen inside each window."""
        log = self._logs.get(entity)
        count_inside(log[0] if log else EMPTY, at, reads, numbers, self.limit)

    @staticmethod
    def _newest(log: Seen) -> float:
        return log[0][-1]


def _put(log: Seen, value: Value, sightings: tuple[float, float]) -> Seen:
    """The log with a value that it did not hold."""
    stamps, before, values = log
    place = bisect_right(stamps, sightings[0])
    stamps.insert(place, sightings[0])
    before.insert(place, sightings[1])
    return stamps, before, (*values[:place], value, *values[place:])


def _taken(log: Seen, value: Value) -> tuple[Seen, tuple[float, float]]:
    """The log without a value, and when that was seen last and before (minus infinity: never)."""
    stamps, before, values = log
    if value not in values:
        return log, (-inf, -inf)
    place = values.index(value)
    log = (stamps, before, values[:place] + values[place + 1 :])
    return log, (stamps.pop(place), before.pop(place))


def _amount(value: Value) -> float | None:
    if isinstance(value, str | tuple):
        return None
    try:
        amount = float(value)
    except OverflowError:
        return None
    return amount if isfinite(amount) else None


AnyRoom = CountRoom | SumRoom | DistinctRoom

_ROOMS: dict[Measure, type[CountRoom] | type[SumRoom] | type[DistinctRoom]] = {
    Measure.COUNT: CountRoom,
    Measure.SUM: SumRoom,
    Measure.DISTINCT: DistinctRoom,
}


def room_for(series: Series) -> AnyRoom:
    """An empty room for a series."""
    return _ROOMS[series.measure](series)
