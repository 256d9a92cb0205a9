"""How a seller dresses up an account that is for sale, as changes to its features."""

from collections.abc import Callable, Mapping
from typing import Final

from safety.domain.features import Value

Draft = dict[str, Value]
Attack = Callable[[Draft], Draft]


def _dressed(values: Draft) -> Draft:
    """A picture, a bio and a name without digits: an afternoon's work for a hundred accounts."""
    return values | {"actor.has_avatar": True, "actor.bio_length": 40, "actor.name_digits": 0.0}


def _posting(values: Draft) -> Draft:
    """Thirty copied posts."""
    return values | {"actor.posts": _at_least(values, "actor.posts", 30)}


def _liking(values: Draft) -> Draft:
    """A hundred likes given at random."""
    if "actor.likes_given" not in values:
        return values
    return values | {"actor.likes_given": _at_least(values, "actor.likes_given", 100)}


def _followed(values: Draft) -> Draft:
    """Two hundred followers from the same shop."""
    return values | {"actor.followers": _at_least(values, "actor.followers", 200)}


def _aged(values: Draft) -> Draft:
    """Kept for two years before it is sold."""
    if "actor.account_age" not in values:
        return values
    return values | {"actor.account_age": _at_least(values, "actor.account_age", 730 * 86_400.0)}


def _all_cheap(values: Draft) -> Draft:
    """Dressed, posting and liking together."""
    return _liking(_posting(_dressed(values)))


ATTACKS: Final[Mapping[str, Attack]] = {
    "picture, bio and plain name": _dressed,
    "thirty posts": _posting,
    "a hundred likes": _liking,
    "two hundred followers": _followed,
    "two years old": _aged,
    "picture, bio, posts and likes": _all_cheap,
}


def _at_least(values: Draft, name: str, least: float) -> Value:
    given = values.get(name, 0)
    number = given if isinstance(given, int | float) else 0
    return type(least)(max(number, least))
