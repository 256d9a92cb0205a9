"""The people of the demo: accounts with plausible ages, addresses and devices."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from safety.demo import texts
from safety.demo.dice import chance

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0

# Documentation networks (RFC 5737, RFC 3849): nobody lives there. The upper part of the first
# belongs to the attackers, so that ordinary people never share an address with them.
_HOMES = (("203.0.113", 1, 160), ("198.51.100", 1, 255))
_HIDEOUTS = ("203.0.113", 200, 255)
_MAIL = ("mail.example", "post.example", "letters.example", "inbox.example")
_AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64) Demo/1.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Demo/1.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64) Demo/1.0",
)
_COUNTRIES = ("NL", "DE", "BR", "ID", "FR", "ES", "IN", "PL", "US")


@dataclass(frozen=True, slots=True)
class Account:
    """One account and where it comes from; `created_at` is in Unix seconds."""

    id: str
    name: str
    email: str
    created_at: float
    ip: str
    device: str
    agent: str
    country: str
    followers: int
    following: int
    posts: int
    is_verified: bool = True
    has_avatar: bool = True

    def facts(self) -> dict[str, Any]:
        """The part of an event that describes this account, as the API wants it."""
        return {
            "actor": {
                "id": self.id,
                "name": self.name,
                "email": self.email,
                "created_at": rfc3339(self.created_at),
                "email_verified": self.is_verified,
                "has_avatar": self.has_avatar,
                "followers": self.followers,
                "following": self.following,
                "posts": self.posts,
            },
            "net": {"ip": self.ip, "user_agent": self.agent, "country": self.country},
            "device": {"id": self.device},
        }


def rfc3339(moment: float) -> str:
    """Unix seconds as the API's text form, in UTC and whole seconds."""
    return datetime.fromtimestamp(int(moment), UTC).isoformat().replace("+00:00", "Z")


def regulars(rng: Random, count: int, at: float) -> list[Account]:
    """The stable cast: accounts between two months and eight years old."""
    return [_regular(rng, number, at) for number in range(count)]


def newcomer(rng: Random, at: float) -> Account:
    """Somebody who has just signed up, honestly."""
    name = texts.handle(rng)
    return Account(
        id=f"new-{rng.randrange(16**8):08x}",
        name=name,
        email=f"{name.strip('._')}@{rng.choice(_MAIL)}",
        created_at=at,
        ip=_home(rng),
        device=_device(rng),
        agent=rng.choice(_AGENTS),
        country=rng.choice(_COUNTRIES),
        followers=0,
        following=0,
        posts=0,
        is_verified=False,
        has_avatar=chance(rng, 0.4),  # some choose a picture at once
    )


def crowd(
    rng: Random, prefix: str, ages: Iterable[float], at: float, *, domain: str, sharing: int
) -> Iterator[Account]:
    """Attackers: one account per age (seconds), `sharing` of them on each address and device."""
    hide = ("", "")
    for number, age in enumerate(ages):
        if number % sharing == 0:
            hide = (_hideout(rng), _device(rng))
        yield _attacker(rng, f"{prefix}-{number:03d}", at - age, hide, domain)


def _regular(rng: Random, number: int, at: float) -> Account:
    name = texts.handle(rng)
    followers = int(rng.lognormvariate(4.5, 1.2))
    return Account(
        id=f"u-{number:05d}",
        name=name,
        email=f"{name.strip('._')}@{rng.choice(_MAIL)}",
        created_at=at - rng.uniform(60, 2_900) * DAY,
        ip=_home(rng),
        device=_device(rng),
        agent=rng.choice(_AGENTS),
        country=rng.choice(_COUNTRIES),
        followers=followers,
        following=int(followers * rng.uniform(0.4, 1.8)) + 5,
        posts=int(rng.lognormvariate(3.5, 1.0)),
    )


def _attacker(
    rng: Random, name: str, created_at: float, hide: tuple[str, str], domain: str
) -> Account:
    handle = f"user{rng.randrange(10**5, 10**7)}"
    return Account(
        id=name,
        name=handle,
        email=f"{handle}@{domain}",
        created_at=created_at,
        ip=hide[0],
        device=hide[1],
        agent=_AGENTS[0],
        country=rng.choice(_COUNTRIES),
        followers=rng.randrange(3),
        following=rng.randrange(200, 1_500),
        posts=0,
        is_verified=False,
        has_avatar=False,
    )


def _home(rng: Random) -> str:
    if chance(rng, 0.7):  # most have IPv6, each a /64 of their own
        return (
            f"2001:db8:{rng.randrange(16**4):x}:{rng.randrange(16**4):x}::{rng.randrange(1, 99):x}"
        )
    prefix, low, high = rng.choice(_HOMES)
    return f"{prefix}.{rng.randrange(low, high)}"


def _hideout(rng: Random) -> str:
    prefix, low, high = _HIDEOUTS
    return f"{prefix}.{rng.randrange(low, high)}"


def _device(rng: Random) -> str:
    return f"d-{rng.randrange(16**8):08x}"
