"""What the owner of a bot may do about the model: disguises, and how much recall they cost."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from safety.classifiers.curve_sum import CurveSum
from safety.training import quality
from safety.training.behaviour.fit import raw_scores
from safety.training.behaviour.machines import INVISIBLE
from safety.training.behaviour.people import DAY, HOUR, REGIMES, Random, Times, person
from safety.training.behaviour.rows import Account, rows_of_last

_ACTIONS: Final = 200
_NOISE: Final = 0.4  # of the logarithm of a gap
_NIGHT: Final = 8.0  # hours
_BY_HAND: Final = 0.3  # share of actions
_DIGITS: Final = 4

Disguise = Callable[[Random, Times], Times]


def noise(random: Random, times: Times) -> Times:
    """Every gap is longer or shorter by a random part."""
    gaps = np.diff(times) * np.exp(random.normal(0, _NOISE, len(times) - 1))
    return np.concatenate([times[:1], times[0] + np.cumsum(gaps)])


def nights_off(random: Random, times: Times) -> Times:
    """Nothing for some hours of each day: what is due then is done the next morning."""
    begin = random.uniform(0, 24)
    since = (times / HOUR - begin) % 24
    late = np.where(
        since < _NIGHT, (_NIGHT - since) * HOUR + random.uniform(0, HOUR, len(times)), 0
    )
    return np.sort(times + late)


def by_hand(random: Random, times: Times) -> Times:
    """The owner acts as well, now and then."""
    regime = REGIMES[int(random.integers(len(REGIMES)))]
    own = person(random, regime, max(2, int(len(times) * _BY_HAND)))
    span = max(DAY, float(times[-1] - times[0]))
    own = times[0] + (own - own[0]) * min(1.0, span / max(1.0, float(own[-1] - own[0])))
    return np.sort(np.concatenate([times, own]))


DISGUISES: Final[Mapping[str, Disguise]] = MappingProxyType(
    {"noise": noise, "nights off": nights_off, "by hand": by_hand}
)


def evasion_figures(
    weights: CurveSum, bots: Sequence[Account], threshold: float, seed: int
) -> dict[str, Any]:
    """Recall at the threshold under each disguise, as a share of recall without one."""
    seen = [bot for bot in bots if bot.kind not in INVISIBLE]
    cut = float(np.log(threshold / (1 - threshold)))
    plain = _recall(weights, seen, cut)
    kept: dict[str, float] = {}
    for name, disguise in DISGUISES.items():
        random = np.random.default_rng([seed, len(kept)])
        hidden = [Account(disguise(random, bot.times), 1, bot.kind) for bot in seen]
        kept[name] = round(_recall(weights, hidden, cut) / plain, _DIGITS) if plain else 0.0
    return {"recall_plain": round(plain, _DIGITS), "recall_kept": kept}


def _recall(weights: CurveSum, bots: Sequence[Account], cut: float) -> float:
    rows = rows_of_last(bots, _ACTIONS)
    return quality.flagged(raw_scores(weights, rows.values), cut) or 0.0
