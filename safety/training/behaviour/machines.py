"""Times of simulated bots: each kind is a program that somebody would write."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from safety.training.behaviour.people import DAY, HOUR, Random, Times

# A maker gets the times of a person to hide behind and how many actions to make.
Maker = Callable[[Random, Times, int], Times]

_MINUTE = 60.0


def _begin(random: Random) -> float:
    return float(random.uniform(1.4e9, 1.7e9))


def _spread(random: Random, low: float, high: float) -> float:
    return float(np.exp(random.uniform(np.log(low), np.log(high))))


def _walk(random: Random, gaps: Times) -> Times:
    return np.asarray(_begin(random) + np.cumsum(np.maximum(gaps, 0.0)), np.float64)


def periodic(random: Random, _person: Times, actions: int) -> Times:
    """Acts every so often, give or take."""
    period = _spread(random, 15, 6 * HOUR)
    jitter = random.uniform(0, 0.3) * period
    noise = random.normal(0, jitter, actions)
    if random.random() < 0.5:  # noqa: PLR2004 - half keep to a grid, half drift
        return np.asarray(np.sort(_begin(random) + period * np.arange(actions) + noise), np.float64)
    return _walk(random, period + noise)


def uniform_sleep(random: Random, _person: Times, actions: int) -> Times:
    """Sleeps for a random time between two bounds."""
    low = _spread(random, 1, 20 * _MINUTE)
    return _walk(random, random.uniform(low, low * _spread(random, 1.2, 12), actions))


def cron(random: Random, _person: Times, actions: int) -> Times:
    """Is started by the clock, takes a while to begin and sometimes has nothing to do."""
    step = float(random.choice([1, 2, 5, 10, 15, 20, 30, 60, 120])) * _MINUTE
    ticks = np.cumsum(random.geometric(random.uniform(0.05, 1.0), actions)) * step
    begin = np.floor(_begin(random) / step) * step
    return np.asarray(begin + ticks + random.exponential(_spread(random, 0.5, 15), actions))


def poisson(random: Random, _person: Times, actions: int) -> Times:
    """Acts at random, day and night."""
    return _walk(random, random.exponential(_spread(random, 30, 4 * HOUR), actions))


def office_poisson(random: Random, _person: Times, actions: int) -> Times:
    """Acts at random between two hours of the day."""
    hours = random.uniform(7, 17)
    wake = random.uniform(0, 24)
    busy = np.cumsum(random.exponential(_spread(random, 60, 2 * HOUR), actions)) / HOUR
    day, hour = np.divmod(busy, hours)
    first = np.floor(_begin(random) / DAY) * DAY
    return np.asarray(first + day * DAY + (wake + hour) * HOUR, np.float64)


def machine_gaps(random: Random, person: Times, actions: int) -> Times:
    """Runs when its owner is there, and then at its own pace."""
    gaps = np.diff(person[:actions], prepend=person[0])
    pace = _spread(random, 1, 180)
    spread = random.choice([0.0, 0.1, 0.3])
    own = np.maximum(0.2, random.normal(pace, spread * pace, len(gaps)))
    if random.random() < 0.5:  # noqa: PLR2004 - half draw their gap between two bounds
        own = random.uniform(pace, pace * _spread(random, 1.2, 6), len(gaps))
    inside = gaps < 30 * _MINUTE
    return np.asarray(person[0] + np.cumsum(np.where(inside, own, gaps)), np.float64)


def half_periodic(random: Random, person: Times, actions: int) -> Times:
    """A person acts by hand and a program acts for the same account."""
    own = person[: max(2, int(actions * random.uniform(0.35, 0.65)))]
    period = max((own[-1] - own[0]) / max(1, actions - len(own)), 5.0)
    ticks = own[0] + period * np.arange(actions - len(own))
    noise = random.normal(0, random.uniform(0, 0.05) * period, len(ticks))
    return np.asarray(np.sort(np.concatenate([own, ticks + noise])), np.float64)


def resampled(random: Random, person: Times, actions: int) -> Times:
    """Draws its gaps from those of a person."""
    return _walk(random, random.choice(np.diff(person), actions))


def shuffled(random: Random, person: Times, actions: int) -> Times:
    """Uses a person's gaps in another order."""
    gaps = np.diff(person[: actions + 1])
    return np.asarray(person[0] + np.cumsum(random.permutation(gaps)), np.float64)


def replayed(random: Random, person: Times, actions: int) -> Times:
    """Does what a person did, later: nothing in one account's times can tell."""
    shift = random.uniform(1, 60) * DAY
    return np.asarray(person[:actions] + shift + random.normal(0, 1, len(person[:actions])))


def reacting(random: Random, _person: Times, actions: int) -> Times:
    """Answers what others do, which comes by day and by night and in waves, at its own pace."""
    busy = random.uniform(0.0, 0.8)
    mean = _spread(random, 20, DAY)
    raw = np.cumsum(random.exponential(mean, 4 * actions) * _waves(random, 4 * actions))
    raw += _begin(random)
    hour = (raw % DAY) / HOUR
    kept = random.random(len(raw)) < (1 + busy * np.sin(hour / 24 * 2 * np.pi)) / (1 + busy)
    heard = raw[kept][:actions]
    poll = random.choice([0.0, 10.0, 30.0, 60.0, 300.0, 900.0])
    if poll:
        heard = np.ceil(heard / poll) * poll
    return _queued(heard, _spread(random, 0.5, 60)) + random.exponential(1.0, len(heard))


def _waves(random: Random, actions: int) -> Times:
    """How slowly things come: what is talked about comes fast for a while."""
    length = _spread(random, 3, 50)
    waves = random.normal(0, random.uniform(0, 1.5), actions)
    number = np.cumsum(random.random(actions) < 1 / length)
    return np.asarray(np.exp(waves[number]), np.float64)


def batches(random: Random, _person: Times, actions: int) -> Times:
    """Is started now and then and works through a list as fast as it is let."""
    sizes = random.geometric(1 / _spread(random, 3, 100), actions)
    begins = np.cumsum(random.exponential(_spread(random, HOUR, 2 * DAY), actions))
    if random.random() < 0.5:  # noqa: PLR2004 - half are started by the clock
        begins = np.ceil(begins / HOUR) * HOUR
    pace = _spread(random, 0.3, 60)
    noise = random.exponential(random.uniform(0, 0.5) * pace, actions)
    starts = np.repeat(begins, sizes)[:actions]
    return np.asarray(_begin(random) + np.sort(_queued(starts, pace) + noise), np.float64)


def taken_over(random: Random, person: Times, actions: int) -> Times:
    """Is a person's account for a while, and then a program's."""
    own = person[: max(2, int(actions * random.uniform(0.1, 0.5)))]
    names = ("periodic", "uniform_sleep", "poisson", "reacting", "batches", "cron")
    later = KINDS[names[random.integers(len(names))]](random, person, actions - len(own))
    later = later - later[0] + own[-1] + random.exponential(DAY)
    return np.asarray(np.concatenate([own, later]), np.float64)


def _queued(due: Times, pace: float) -> Times:
    """One after the other, at least `pace` seconds apart."""
    places = np.arange(len(due)) * pace
    return np.asarray(np.maximum.accumulate(due - places) + places, np.float64)


# The ten kinds of the literature, and three that are at work everywhere.
KINDS: Final[Mapping[str, Maker]] = MappingProxyType({
    maker.__name__: maker
    for maker in (
        periodic, uniform_sleep, cron, poisson, office_poisson, machine_gaps, half_periodic,
        resampled, shuffled, replayed, reacting, batches, taken_over,
    )
})  # fmt: skip
# One account's times cannot give these away, so no model is taught that they do.
INVISIBLE: Final = frozenset({"replayed"})


def bot(random: Random, kind: str, person: Times, actions: int) -> Times:
    """The times of one bot of a kind, as a platform keeps them."""
    times = np.sort(KINDS[kind](random, person, actions))[:actions]
    is_whole = random.random() < 0.5  # noqa: PLR2004 - half of all platforms keep whole seconds
    return np.floor(times) if is_whole else np.round(times, 3)
