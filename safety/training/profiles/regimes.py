"""The ways in which people keep an account and in which fake ones are made, as distributions."""

from dataclasses import dataclass
from typing import Final, NamedTuple


class Spread(NamedTuple):
    """A log-normal: its median, and the standard deviation of its logarithm."""

    median: float
    sigma: float


@dataclass(frozen=True, slots=True)
class Regime:
    """One way to keep an account. Chances are between 0 and 1, ages are in days.

    `likes_chance`: whether it ever gives likes. `bounded`: the most it follows, where platforms
    have a limit that sellers run into. `is_alive`: its counters share one vigour and one
    sociability and grow with age and platform, as those of people do.
    """

    name: str
    is_fake: bool
    share: float
    age: Spread
    posts: Spread
    followers: Spread
    following: Spread
    likes: Spread
    likes_chance: float
    bio: float
    picture: float
    link: float
    digits: float
    is_alive: bool = False
    bounded: float = 1e9


_ANY_AGE: Final = Spread(900, 0.9)

# Shares are of people; each simulated platform draws its own mixture around them.
PEOPLE: Final = (
    Regime(
        "ordinary", is_fake=False, share=0.62, age=_ANY_AGE, posts=Spread(90, 1.5),
        followers=Spread(220, 1.15), following=Spread(280, 0.92), likes=Spread(200, 1.5),
        likes_chance=1.0, bio=0.75, picture=0.97, link=0.25, digits=0.25, is_alive=True,
    ),
    Regime(
        "lurker", is_fake=False, share=0.12, age=_ANY_AGE, posts=Spread(2, 1.3),
        followers=Spread(25, 1.0), following=Spread(90, 0.9), likes=Spread(8, 1.6),
        likes_chance=1.0, bio=0.3, picture=0.8, link=0.04, digits=0.25,
    ),
    Regime(
        "newcomer", is_fake=False, share=0.05, age=Spread(12, 1.0), posts=Spread(3, 1.2),
        followers=Spread(10, 1.1), following=Spread(30, 0.9), likes=Spread(8, 1.4),
        likes_chance=1.0, bio=0.4, picture=0.8, link=0.06, digits=0.25,
    ),
    Regime(
        "creator", is_fake=False, share=0.09, age=_ANY_AGE, posts=Spread(900, 1.2),
        followers=Spread(8_000, 1.8), following=Spread(450, 1.0), likes=Spread(700, 1.6),
        likes_chance=1.0, bio=0.97, picture=1.0, link=0.7, digits=0.1,
    ),
    Regime(
        "organisation", is_fake=False, share=0.04, age=_ANY_AGE, posts=Spread(600, 1.3),
        followers=Spread(3_000, 1.8), following=Spread(80, 1.4), likes=Spread(40, 1.8),
        likes_chance=0.9, bio=0.97, picture=0.99, link=0.9, digits=0.1,
    ),
    Regime(
        "keen follower", is_fake=False, share=0.08, age=_ANY_AGE, posts=Spread(150, 1.3),
        followers=Spread(500, 1.0), following=Spread(1_600, 0.6), likes=Spread(600, 1.4),
        likes_chance=1.0, bio=0.85, picture=0.97, link=0.25, digits=0.25,
    ),
)  # fmt: skip

# What sellers deliver, as studies of bought followers describe it.
FAKES: Final = (
    Regime(
        "throw-away", is_fake=True, share=0.2, age=Spread(150, 1.5), posts=Spread(0.4, 0.8),
        followers=Spread(1, 1.2), following=Spread(12, 1.5), likes=Spread(2, 0.8),
        likes_chance=0.3, bio=0.06, picture=0.45, link=0.01, digits=0.6,
    ),
    Regime(
        "mass follower", is_fake=True, share=0.25, age=Spread(250, 1.2), posts=Spread(2, 1.3),
        followers=Spread(45, 1.2), following=Spread(1_800, 1.0), likes=Spread(3, 1.5),
        likes_chance=0.5, bio=0.25, picture=0.75, link=0.03, digits=0.5, bounded=7_500,
    ),
    Regime(
        "dressed", is_fake=True, share=0.18, age=Spread(500, 0.8), posts=Spread(35, 0.8),
        followers=Spread(16, 0.8), following=Spread(380, 0.6), likes=Spread(2, 1.5),
        likes_chance=0.3, bio=0.65, picture=0.95, link=0.03, digits=0.25,
    ),
    Regime(
        "taken over", is_fake=True, share=0.14, age=Spread(1_400, 0.6), posts=Spread(50, 1.4),
        followers=Spread(110, 1.1), following=Spread(1_900, 0.8), likes=Spread(9, 1.8),
        likes_chance=1.0, bio=0.5, picture=0.9, link=0.06, digits=0.35,
    ),
    Regime(
        "pyramid", is_fake=True, share=0.08, age=Spread(400, 1.0), posts=Spread(3, 1.1),
        followers=Spread(220, 1.1), following=Spread(700, 0.9), likes=Spread(3, 1.6),
        likes_chance=1.0, bio=0.4, picture=0.85, link=0.05, digits=0.4,
    ),
    Regime(
        "broadcaster", is_fake=True, share=0.15, age=Spread(500, 0.9), posts=Spread(3_000, 1.8),
        followers=Spread(70, 1.9), following=Spread(7, 1.9), likes=Spread(1, 1.5),
        likes_chance=0.5, bio=0.85, picture=0.95, link=0.4, digits=0.25,
    ),
)  # fmt: skip
