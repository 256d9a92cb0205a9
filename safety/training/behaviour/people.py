"""Times of simulated people: sessions that come and go with the day, and gaps of many sizes.

The shape is that of cascading non-homogeneous Poisson processes (Malmgren and others, PNAS 2008):
sessions begin with a rate that follows the hour and the weekday, a session brings a few actions,
and every person has their own numbers for all of it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]
Random = np.random.Generator

DAY = 86_400.0
HOUR = 3_600.0
# Sequences begin somewhere within ten years, so that nothing is learned from dates.
_FIRST, _LAST = 1.4e9, 1.7e9


@dataclass(frozen=True, slots=True)
class Regime:
    """How a platform is used: ranges that each person's own numbers are drawn from.

    `gap` is the mean and `spread` the deviation of the logarithm of gaps in seconds within a
    session, `sessions` how many a day, `actions` how many in one.
    """

    name: str
    gap: tuple[float, float]
    spread: tuple[float, float]
    sessions: tuple[float, float]
    actions: tuple[float, float]


REGIMES: tuple[Regime, ...] = (
    Regime("forum", (3.6, 6.2), (0.8, 1.6), (0.3, 12.0), (1.2, 8.0)),
    Regime("feed", (0.6, 2.8), (0.7, 1.5), (0.7, 8.0), (4.0, 40.0)),
    Regime("swipes", (0.0, 1.6), (0.4, 1.1), (0.4, 5.0), (8.0, 80.0)),
    Regime("chat", (2.0, 4.2), (0.8, 1.5), (0.4, 8.0), (2.0, 25.0)),
    Regime("blog", (4.5, 7.0), (0.9, 1.8), (0.15, 4.0), (1.05, 2.5)),
)


def person(random: Random, regime: Regime, actions: int) -> Times:
    """The times of one person's actions, sorted, in Unix seconds."""
    profile = _profile(random)
    rate = _between(random, regime.sessions)
    in_session = _between(random, regime.actions)
    gap = random.uniform(*regime.gap)
    spread = random.uniform(*regime.spread)
    mood = random.uniform(0.1, 0.9)  # how much the pace differs between sessions
    days = int(min(4000, 1.6 * actions / (rate * in_session) + 20))
    starts = _session_starts(random, profile, rate, days)
    sizes = random.geometric(1 / max(1.01, in_session), len(starts))
    gaps = np.exp(
        np.repeat(random.normal(gap, mood, len(starts)), sizes)
        + random.normal(0, spread, int(sizes.sum()))
    )
    times = _laid_out(starts, sizes, gaps)[:actions]
    return _as_recorded(random, times)


def _between(random: Random, ends: tuple[float, float]) -> float:
    low, high = ends
    return float(np.exp(random.uniform(np.log(low), np.log(high))))


def _profile(random: Random) -> NDArray[np.float64]:
    """How busy each of the 168 hours of a week is; the largest is 1."""
    hours = np.arange(24.0)
    wake = random.uniform(0, 24)  # the time zone and the person together
    awake = random.uniform(12, 20)
    since = (hours - wake) % 24
    day = np.where(since < awake, np.sin(np.pi * (since + 0.5) / (awake + 1)), 0.0)
    evening = random.uniform(0.3, 3.0) * np.exp(
        -0.5 * ((since - random.uniform(0.5, 0.9) * awake) / random.uniform(1, 3)) ** 2
    )
    lunch = random.uniform(0.0, 1.5) * np.exp(-0.5 * ((since - random.uniform(3, 7)) / 1.2) ** 2)
    night = random.choice([0.0, 0.01, 0.04, 0.12])
    profile = day + (evening + lunch) * (since < awake) + night
    week = np.concatenate(
        [profile * factor for factor in (*[1.0] * 5, *random.lognormal(0, 0.4, 2))]
    )
    return np.asarray(week / week.max(), np.float64)


def _session_starts(random: Random, profile: NDArray[np.float64], rate: float, days: int) -> Times:
    hourly = rate * profile / profile.mean() / 24
    first_day = np.floor(random.uniform(_FIRST, _LAST) / DAY)
    keen = np.repeat(_days_on(random, days), 24)
    expected = np.tile(hourly, days // 7 + 2)[: days * 24] * keen
    counts = random.poisson(expected)
    starts = np.repeat(np.arange(days * 24.0), counts) * HOUR
    starts += random.uniform(0, HOUR, len(starts))
    # Nobody gets up at the same time every day, and some live by no clock at all.
    shifts = random.normal(0, _between(random, (0.2, 4.0)) * HOUR, days)
    starts += shifts[np.minimum(starts // DAY, days - 1).astype(int)]
    return np.asarray(np.sort(starts) + first_day * DAY, np.float64)


def _days_on(random: Random, days: int) -> NDArray[np.float64]:
    """How keen the person is on each day: moods, and times away with a heavy tail."""
    pull = random.uniform(0.3, 0.95)  # how much of a mood is left the day after
    steps = random.normal(0, random.uniform(0.3, 1.2) * np.sqrt(1 - pull * pull), days)
    moods = np.zeros(days)
    for today in range(1, days):
        moods[today] = pull * moods[today - 1] + steps[today]
    keen = np.exp(moods)
    tail = random.uniform(1.2, 2.2)
    day = 0.0
    while (day := day + random.exponential(30)) < days:
        away = random.pareto(tail) + 1
        keen[int(day) : int(day + away)] = 0.0
        day += away
    return keen


def _laid_out(starts: Times, sizes: NDArray[np.int64], gaps: Times) -> Times:
    """Each session's actions after its start; the first gap of a session is none."""
    ends = np.cumsum(sizes)
    walked = np.cumsum(gaps)
    before = np.concatenate([[0.0], walked])[ends - sizes]
    offsets = walked - np.repeat(before, sizes) - np.repeat(gaps[ends - sizes], sizes)
    return np.asarray(np.sort(np.repeat(starts, sizes) + offsets), np.float64)


def _as_recorded(random: Random, times: Times) -> Times:
    """Some platforms keep whole seconds, others milliseconds."""
    is_whole = random.random() < 0.5  # noqa: PLR2004 - half of all platforms keep whole seconds
    return np.floor(times) if is_whole else np.round(times, 3)
