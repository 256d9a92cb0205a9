"""Whose followers are delivered: orders that trickle in show, stars and steady fame do not."""

from random import Random

import pytest

from safety.state.deliveries import LEAST_FOLLOWERS, Deliveries

NOON = 1_790_000_000.0
DAY = 86_400.0
PEOPLE = 6000

Follow = tuple[float, str, str]


def town(days: float, seed: int = 5) -> list[Follow]:
    """People who follow a few others, the well-known ones more often."""
    random = Random(seed)  # noqa: S311  a test throws its dice
    return [
        (
            NOON + random.uniform(0, days) * DAY,
            f"u{number % PEOPLE if number % 2 else int(random.paretovariate(0.7)) % PEOPLE}",
            f"t{int(random.paretovariate(1.1)) % 500}",
        )
        for number in range(PEOPLE * 4)
    ]


def joined(names: list[str], target: str, begin: float, days: float, seed: int) -> list[Follow]:
    """All of these follow the target, one after the other."""
    random = Random(seed)  # noqa: S311  a test throws its dice
    return [(NOON + (begin + random.uniform(0, days)) * DAY, name, target) for name in names]


def shares(follows: list[Follow], most: int = 10_000) -> dict[str, float]:
    """The highest share that each target ever showed."""
    deliveries = Deliveries(most)
    found: dict[str, float] = {}
    for at, actor, target in sorted(follows):
        deliveries.act(actor, target, at)
        share = deliveries.share(target)
        if share is not None:
            found[target] = max(share, found.get(target, 0.0))
    return found


def orders(count: int, days: float) -> list[Follow]:
    """Orders of a seller with 300 accounts, 120 of whom are sent to each, a week apart."""
    random = Random(1)  # noqa: S311  a test throws its dice
    pool = [f"sold{number}" for number in range(300)]
    return [
        follow
        for number in range(count)
        for follow in joined(random.sample(pool, 120), f"buyer{number}", 5 + 7 * number, days, 7)
    ]


@pytest.mark.parametrize("days", [0.2, 3, 10])
def test_orders_of_one_seller_show_however_slowly_they_are_delivered(days: float) -> None:
    found = shares(town(45) + orders(5, days))
    assert sum(found.get(f"buyer{number}", 0.0) >= 0.2 for number in range(5)) >= 3


def test_accounts_that_deliver_are_known_and_people_are_not() -> None:
    deliveries = Deliveries(10_000)
    for at, actor, target in sorted(town(45) + orders(5, 3)):
        deliveries.act(actor, target, at)
    assert sum(deliveries.delivers(f"sold{number}") for number in range(300)) >= 150
    assert sum(deliveries.delivers(f"u{number}") for number in range(PEOPLE)) <= 5
    assert not deliveries.delivers("nobody")


def test_a_star_and_those_whom_everybody_follows_are_left_alone() -> None:
    random = Random(2)  # noqa: S311  a test throws its dice
    fans = [[f"u{n}" for n in random.sample(range(PEOPLE), 400)] for _ in range(3)]
    stars = [
        follow
        for number, names in enumerate(fans)
        for follow in joined(names, f"star{number}", 10 + 6 * number, 2, number)
    ]
    found = shares(town(45) + stars + orders(5, 10))
    assert all(f"star{number}" in found for number in range(3))
    assert max(share for name, share in found.items() if not name.startswith("buyer")) < 0.1


def test_who_follows_everybody_has_no_more_votes_than_others() -> None:
    fans = [f"fan{number}" for number in range(30)]
    crowd = [f"only{number}" for number in range(600)]
    rising = [
        follow
        for number in range(20)
        for names in (fans[number % 10 : number % 10 + 3], crowd[30 * number : 30 * number + 30])
        for follow in joined(names, f"new{number}", 6 + number, 1, number)
    ]
    assert max(shares(town(30) + rising).values()) < 0.1


def test_nothing_is_said_without_a_surge_or_before_enough_have_joined() -> None:
    deliveries = Deliveries(1000)
    assert deliveries.share("nobody") is None
    for number in range(100):  # the memory is too young to know what is usual
        deliveries.act(f"u{number}", "early", NOON + number)
    assert deliveries.share("early") is None
    at = NOON + 10 * DAY
    for number in range(10 + LEAST_FOLLOWERS - 1):
        deliveries.act(f"u{number}", "late", at + number)
    assert deliveries.share("late") is None
    deliveries.act("one more", "late", at + 100)
    assert deliveries.share("late") == 0.0
    deliveries.act("straggler", "late", at + 30 * DAY)
    assert deliveries.share("late") is None


def test_following_again_is_no_second_vote() -> None:
    deliveries = Deliveries(1000)
    deliveries.act("x", "y", NOON)
    for number in range(60):
        for target in ("a", "b"):
            deliveries.act(f"u{number % 2}", target, NOON + 10 * DAY + number)
    assert deliveries.share("a") is None


def test_memory_is_bounded_by_accounts() -> None:
    deliveries = Deliveries(50)
    for at, actor, target in sorted(town(20) + orders(3, 2)):
        deliveries.act(actor, target, at)
    assert len(deliveries) == 200
    assert len(deliveries._targets) <= 200
    assert len(deliveries._votes) <= 400
