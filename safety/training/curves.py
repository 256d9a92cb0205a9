"""A curve of shares over shares, as places on a page: precision over recall, true over said."""

from collections.abc import Sequence
from dataclasses import dataclass

from safety.training.charts import Name, Tick

_WIDTH, _HEIGHT = 480.0, 320.0
_LEFT, _BOTTOM, _TOP, _RIGHT = 52.0, 28.0, 10.0, 14.0
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a curve and what it stands for."""

    x: float
    y: float
    told: str


@dataclass(frozen=True, slots=True)
class CurveChart:
    """One curve; `line` is what an SVG polyline takes, `dots` are drawn on it where asked for."""

    line: str
    dots: tuple[Dot, ...]
    diagonal: str
    ticks: tuple[Tick, ...]
    names: tuple[Name, ...]
    width: float = _WIDTH
    height: float = _HEIGHT
    left: float = _LEFT


def curve_chart(
    points: Sequence[tuple[float, float]], *, is_dotted: bool = False, diagonal: bool = False
) -> CurveChart:
    """Points (across, up), both shares between 0 and 1, in the order in which they are joined."""
    places = [(_x(across), _y(up)) for across, up in points]
    told = [f"{across:.1%}, {up:.1%}" for across, up in points]
    dots = tuple(Dot(x, y, said) for (x, y), said in zip(places, told, strict=True))
    return CurveChart(
        line=_joined(places),
        dots=dots if is_dotted else (),
        diagonal=_joined([(_x(0), _y(0)), (_x(1), _y(1))]) if diagonal else "",
        ticks=tuple(Tick(_y(share), f"{share:.0%}") for share in _SHARES),
        names=tuple(Name(_x(share), f"{share:.0%}") for share in _SHARES),
    )


def _joined(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _x(share: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * min(1.0, max(0.0, share))


def _y(share: float) -> float:
    return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - min(1.0, max(0.0, share)))
