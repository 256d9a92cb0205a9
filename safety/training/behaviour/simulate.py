"""A made-up population: people of several platforms, bots of every kind."""

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np

from safety.training.behaviour.machines import KINDS, bot
from safety.training.behaviour.people import REGIMES, Random, Regime, person
from safety.training.behaviour.rows import Account

LONGEST: Final = 400
PERSON: Final = "person:"


def population(
    seed: Sequence[int],
    people: int,
    bots: int,
    *,
    regimes: Sequence[Regime] = REGIMES,
    kinds: Collection[str] = tuple(KINDS),
) -> list[Account]:
    """So many people in all and so many bots of each kind, the same for the same seed."""
    random = np.random.default_rng(seed)
    made = [_person(random, regimes[number % len(regimes)]) for number in range(people)]
    for kind in kinds:
        for number in range(bots):
            hidden = person(random, regimes[number % len(regimes)], LONGEST + 1)
            made.append(Account(bot(random, kind, hidden, LONGEST), 1, kind))
    return made


def _person(random: Random, regime: Regime) -> Account:
    return Account(person(random, regime, LONGEST), 0, f"{PERSON}{regime.name}")
