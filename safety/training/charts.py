"""Where the shapes of a chart stand, as numbers: a page only has to draw them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

WIDTH, HEIGHT = 720.0, 220.0
_LEFT, _BOTTOM, _TOP = 48.0, 24.0, 8.0
_ROW, _NAMES = 26.0, 220.0
_GAP = 0.25  # of the room of one column
_MOST_NAMES = 8


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the chart with its label."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Name:
    """A label below the chart, centred at `x`."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle and what it stands for."""

    x: float
    y: float
    width: float
    height: float
    told: str


@dataclass(frozen=True, slots=True)
class ColumnChart:
    """One column for each label; `parts` stand in front, at the foot of `columns`."""

    columns: tuple[Box, ...]
    parts: tuple[Box, ...]
    ticks: tuple[Tick, ...]
    names: tuple[Name, ...]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = _LEFT


@dataclass(frozen=True, slots=True)
class Whisker:
    """A share with its interval at one place."""

    x: float
    y: float
    low: float
    high: float
    told: str


@dataclass(frozen=True, slots=True)
class IntervalChart:
    """A share between 0 and 1 at each label; labels without a share stay empty."""

    whiskers: tuple[Whisker, ...]
    ticks: tuple[Tick, ...]
    names: tuple[Name, ...]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = _LEFT


@dataclass(frozen=True, slots=True)
class RowChart:
    """One bar for each name, longest to the right; names stand left of `left`."""

    bars: tuple[Box, ...]
    names: tuple[str, ...]
    height: float
    width: float = WIDTH
    left: float = _NAMES


def column_chart(labels: Sequence[str], numbers: Sequence[tuple[int, int]]) -> ColumnChart:
    """Columns of whole numbers, each with a part of it: `(7, 2)` is 7, of which 2."""
    top = _round_up(max((whole for whole, _ in numbers), default=0))
    columns, parts = [], []
    for place, (label, (whole, part)) in enumerate(zip(labels, numbers, strict=True)):
        x, width = _room(place, len(labels))
        told = f"{label}: {whole}, of which {part}"
        columns.append(Box(x, _y(whole / top), width, _y(0) - _y(whole / top), told))
        parts.append(Box(x, _y(part / top), width, _y(0) - _y(part / top), told))
    ticks = tuple(Tick(_y(share), f"{top * share:g}") for share in (0, 0.5, 1))
    return ColumnChart(tuple(columns), tuple(parts), ticks, _names(labels))


def interval_chart(
    labels: Sequence[str], shares: Sequence[tuple[float, float, float] | None]
) -> IntervalChart:
    """Shares as (share, low, high), None where there is none."""
    whiskers = []
    for place, (label, known) in enumerate(zip(labels, shares, strict=True)):
        if known is not None:
            x, width = _room(place, len(labels))
            share, low, high = known
            told = f"{label}: {share:.0%}, between {low:.0%} and {high:.0%}"
            whiskers.append(Whisker(x + width / 2, _y(share), _y(low), _y(high), told))
    ticks = tuple(Tick(_y(share), f"{share:.0%}") for share in (0, 0.5, 1))
    return IntervalChart(tuple(whiskers), ticks, _names(labels))


def row_chart(names: Sequence[str], numbers: Sequence[int]) -> RowChart:
    """Bars from left to right, the longest over the whole width."""
    longest = max(numbers, default=0) or 1
    room = WIDTH - _NAMES - _LEFT
    bars = tuple(
        Box(_NAMES, place * _ROW + 4, room * number / longest, _ROW - 8, f"{name}: {number}")
        for place, (name, number) in enumerate(zip(names, numbers, strict=True))
    )
    return RowChart(bars, tuple(names), max(1, len(names)) * _ROW)


def _room(place: int, count: int) -> tuple[float, float]:
    """Where the column of a place begins and how wide it is."""
    each = (WIDTH - _LEFT) / count
    return _LEFT + each * (place + _GAP / 2), each * (1 - _GAP)


def _y(share: float) -> float:
    return _TOP + (HEIGHT - _TOP - _BOTTOM) * (1 - share)


def _names(labels: Sequence[str]) -> tuple[Name, ...]:
    """As many labels as fit beside each other, evenly chosen."""
    step = max(1, -(-len(labels) // _MOST_NAMES))
    places = [(_room(place, len(labels)), label) for place, label in enumerate(labels)]
    return tuple(Name(x + width / 2, label) for (x, width), label in places[::step])


def _round_up(number: int) -> int:
    """The next of 2, 4, 10, 20, 40, 100, ...: half of it is a whole number as well."""
    power = int(10 ** floor(log10(max(number, 1))))
    steps = (power, 2 * power, 4 * power, 10 * power)
    return next(step for step in steps if step >= number and step % 2 == 0)
