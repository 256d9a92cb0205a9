"""Profiles of made-up accounts on made-up platforms: what may be shipped to learn from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from safety.domain.features import Value
from safety.training.profiles.attacks import ATTACKS
from safety.training.profiles.regimes import FAKES, PEOPLE, Regime, Spread

# How firmly a platform's mixture of people keeps to the shares, and that of fakes: sellers differ.
_PEOPLE_FIRMNESS: Final = 3.0
_FAKE_FIRMNESS: Final = 1.2
# Platforms differ in how much is posted, followed and liked there (sigma of a log-normal factor).
_PLATFORM_SPREAD: Final = {"posts": 1.0, "followers": 0.8, "following": 0.5, "likes": 1.0}
_AGE_SPREAD: Final = 0.5
_ANY_AGE_MEDIAN: Final = 900.0
_OLDEST: Final = 6_000.0
# On some platforms many people never press "like" (Beta).
_NEVER_LIKES: Final = (0.7, 2.0)
_LISTS_PER_FOLLOWER: Final = 0.008
_FAKE_LISTS: Final = 0.2
_BIO: Final = Spread(55, 0.8)
_LONGEST_BIO: Final = 160.0
# How much of the name is digits, where there are any (Beta): chosen names, and generated ones.
_CHOSEN_DIGITS: Final = (2.0, 4.0)
_GENERATED_DIGITS: Final = (3.0, 5.0)
_MANY_DIGITS: Final = 0.3
_DAY: Final = 86_400.0
# What a platform may not send, as groups that are missing together.
_GROUPS: Final = (
    ("actor.likes_given", "actor.listed"), ("actor.account_age",), ("actor.bio_length",),
    ("actor.name_digits",), ("actor.has_avatar",), ("actor.has_link",),
)  # fmt: skip
_MISSING_CHANCE: Final = 0.35
# Some sellers already do what a filter makes worth doing.
_DRESSED_UP_CHANCE: Final = 0.2


@dataclass(frozen=True, slots=True)
class Profile:
    """One account: its features, whether it is fake, and where and how it was made up."""

    values: dict[str, Value]
    is_fake: bool
    regime: str
    platform: int


@dataclass(frozen=True, slots=True)
class _Platform:
    """What all accounts of one platform share: factors on counters, and habits."""

    factors: dict[str, float]
    age: float
    never_likes: float


def simulate(
    platforms: Sequence[int], accounts: int, seed: int, without: Collection[str] = ()
) -> list[Profile]:
    """`accounts` profiles of each platform, half of them fake. The same seed, the same profiles.

    Regimes named in `without` are left out.
    """
    made: list[Profile] = []
    for number in platforms:
        chance = np.random.default_rng([seed, number])
        platform = _platform(chance)
        for regimes, firmness in ((PEOPLE, _PEOPLE_FIRMNESS), (FAKES, _FAKE_FIRMNESS)):
            mixture = np.array([r.share for r in regimes]) * chance.gamma(firmness, 1, len(regimes))
            for place in chance.choice(len(regimes), accounts // 2, p=mixture / mixture.sum()):
                regime = regimes[place]
                values = _values(regime, platform, chance)
                if regime.name not in without:
                    made.append(Profile(values, regime.is_fake, regime.name, number))
    return made


def dressed_up(profile: Profile, chance: np.random.Generator) -> dict[str, Value]:
    """The features of an account, some fakes among them dressed up against filters."""
    if not profile.is_fake or chance.random() >= _DRESSED_UP_CHANCE:
        return profile.values
    return list(ATTACKS.values())[chance.integers(len(ATTACKS))](profile.values)


def with_gaps(values: dict[str, Value], chance: np.random.Generator) -> dict[str, Value]:
    """The same account on a platform that does not send everything."""
    missing = {
        name
        for group, drawn in zip(_GROUPS, chance.random(len(_GROUPS)), strict=True)
        if drawn < _MISSING_CHANCE
        for name in group
    }
    return {name: value for name, value in values.items() if name not in missing}


def _platform(chance: np.random.Generator) -> _Platform:
    return _Platform(
        {name: float(np.exp(chance.normal(0, s))) for name, s in _PLATFORM_SPREAD.items()},
        float(np.exp(chance.normal(0, _AGE_SPREAD))),
        float(chance.beta(*_NEVER_LIKES)),
    )


def _values(regime: Regime, platform: _Platform, chance: np.random.Generator) -> dict[str, Value]:
    age = float(np.clip(_draw(regime.age, chance.normal()), 0.1, _OLDEST))
    if not regime.is_fake and regime.age.median == _ANY_AGE_MEDIAN:
        age = min(_OLDEST, age * platform.age)
    counters = _counters(regime, platform, age, chance)
    bio = float(chance.random() < regime.bio)
    shape = _GENERATED_DIGITS if regime.digits > _MANY_DIGITS else _CHOSEN_DIGITS
    return {
        **{f"actor.{name}": int(max(0.0, number)) for name, number in counters.items()},
        "actor.account_age": age * _DAY,
        "actor.bio_length": int(bio * np.clip(_draw(_BIO, chance.normal()), 2.0, _LONGEST_BIO)),
        "actor.has_avatar": bool(chance.random() < regime.picture),
        "actor.has_link": bool(chance.random() < regime.link),
        "actor.name_digits": round(
            float(chance.random() < regime.digits) * float(chance.beta(*shape)), 3
        ),
    }


def _counters(
    regime: Regime, platform: _Platform, age: float, chance: np.random.Generator
) -> dict[str, float]:
    vigour, sociability, *own = chance.normal(size=6)
    if regime.is_alive:  # who posts more has more followers and likes more
        posts, followers = vigour, 0.94 * sociability + 0.34 * vigour
        following = 0.76 * sociability + 0.65 * own[0]
        likes = 0.6 * vigour + 0.8 * own[1]
        grown = (age / _ANY_AGE_MEDIAN) ** 0.7
    else:
        (posts, followers, following, likes), grown = own, 1.0
    found = {
        "posts": _draw(regime.posts, posts) * grown,
        "followers": _draw(regime.followers, followers),
        "following": min(regime.bounded, _draw(regime.following, following)),
        "likes": _draw(regime.likes, likes) * grown,
    }
    if not regime.is_fake:
        found = {name: number * platform.factors[name] for name, number in found.items()}
        if regime.age.median == _ANY_AGE_MEDIAN and chance.random() < platform.never_likes:
            found["likes"] = _draw(Spread(1, 1.5), own[2])
    elif chance.random() >= regime.likes_chance:
        found["likes"] = 0.0
    followers = min(1e6, found["followers"])
    lists = _FAKE_LISTS if regime.is_fake else _LISTS_PER_FOLLOWER * followers
    if regime.name == "broadcaster":
        lists = _LISTS_PER_FOLLOWER * followers
    found["likes_given"] = found.pop("likes")
    found["listed"] = float(chance.poisson(lists * np.exp(0.8 * chance.normal())))
    return found


def _draw(spread: Spread, normal: float) -> float:
    return spread.median * float(np.exp(spread.sigma * normal))
