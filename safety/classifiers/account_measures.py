"""What a profile shows of an account: counters on a log scale and a few shares, or unknown."""

from math import inf, isfinite, log1p, nan
from typing import Final

from safety.domain.features import Value, Values

# What is read of an event. All of it may be missing; a platform sends what it has.
INPUTS: Final = (
    "actor.posts",
    "actor.followers",
    "actor.following",
    "actor.likes_given",
    "actor.listed",
    "actor.bio_length",
    "actor.name_digits",
    "actor.has_avatar",
    "actor.has_link",
    "actor.account_age",
)
# Two of these must be known, or there is nothing to judge.
COUNTERS: Final = ("actor.posts", "actor.followers", "actor.following", "actor.likes_given")
LEAST_COUNTERS: Final = 2

NAMES: Final = (
    "posts", "followers", "following", "likes given", "lists", "bio length",
    "following per follower", "posts per following", "likes per following",
    "digits in the name", "has a picture", "has a link", "age",
)  # fmt: skip

# Counters beyond this say nothing more, and no sum of logarithms overflows.
_LARGEST: Final = 1e12
_DAY: Final = 86_400.0


def measures(values: Values) -> list[float]:
    """The measures in the order of NAMES; NaN is unknown.

    Counters and lengths are log(1 + n), age is log(1 + days), the "per" measures are differences of
    logarithms, the rest are shares between 0 and 1. Negative, infinite and odd values are unknown.
    """
    known = values.get
    posts = _count(known("actor.posts"))
    followers = _count(known("actor.followers"))
    following = _count(known("actor.following"))
    likes = _count(known("actor.likes_given"))
    return [
        posts,
        followers,
        following,
        likes,
        _count(known("actor.listed")),
        _count(_bio_length(values)),
        following - followers,  # NaN if one of them is
        posts - following,
        likes - following,
        _share(_name_digits(values)),
        _share(known("actor.has_avatar")),
        _share(known("actor.has_link")),
        _age(known("actor.account_age")),
    ]


def has_enough(found: list[float]) -> bool:
    """Whether so much is known that a score means something."""
    return sum(map(isfinite, found[: len(COUNTERS)])) >= LEAST_COUNTERS


def _count(value: Value | None) -> float:
    # Compared before it is converted: an integer may be too large for a float.
    if isinstance(value, int | float) and 0 <= value < inf:
        return log1p(min(value, _LARGEST))
    return nan


def _share(value: Value | None) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value <= 1 else nan


def _age(value: Value | None) -> float:
    if isinstance(value, int | float) and 0 <= value < inf:
        return log1p(min(value, _LARGEST) / _DAY)
    return nan


def _bio_length(values: Values) -> Value | None:
    bio = values.get("actor.bio")
    return len(bio) if isinstance(bio, str) else values.get("actor.bio_length")


def _name_digits(values: Values) -> Value | None:
    share = values.get("actor.name_digits")
    name = values.get("actor.name")
    if share is None and isinstance(name, str) and name:
        return sum(map(str.isdigit, name)) / len(name)
    return share
