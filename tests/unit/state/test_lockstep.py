"""Who moves in step: an order that is delivered shows, a star that is born does not."""

from random import Random

from safety.state.lockstep import KEPT, PIECE, Lockstep

NOON = 1_790_000_000.0
HOUR = 3600.0


def town(lockstep: Lockstep, people: int = 2000, seed: int = 5) -> None:
    """People who follow a few others, the well-known ones more often."""
    random = Random(seed)  # noqa: S311  a test throws its dice
    for _ in range(people * 4):
        target = f"t{int(random.paretovariate(1.1)) % 500}"
        lockstep.act(f"u{random.randrange(people)}", target, NOON + random.uniform(0, 72) * HOUR)


def test_accounts_that_deliver_two_orders_see_each_other() -> None:
    lockstep = Lockstep(10_000)
    town(lockstep)
    random = Random(1)  # noqa: S311  a test throws its dice
    for order, begin in (("star_a", 0.0), ("star_b", 30.0)):
        for number in range(100):
            lockstep.act(f"sold{number}", order, NOON + (begin + random.uniform(0, 2)) * HOUR)
    at = NOON + 40 * HOUR
    assert sum(lockstep.partners(f"sold{n}", at) >= 8 for n in range(100)) >= 85
    assert sum(lockstep.partners(f"u{n}", at) >= 8 for n in range(2000)) <= 2


def test_a_burst_across_the_edge_of_a_piece_is_whole_on_the_other_cut() -> None:
    lockstep = Lockstep(10_000)
    town(lockstep)
    edge = (NOON // PIECE + 2) * PIECE
    for number in range(40):
        for order in ("a", "b"):
            lockstep.act(f"sold{number}", order, edge - 600 + number * 30)
    assert lockstep.partners("sold39", edge + HOUR) >= 30


def test_those_who_join_two_crowds_at_once_are_not_in_step() -> None:
    lockstep = Lockstep(10_000)
    random = Random(2)  # noqa: S311  a test throws its dice
    for number in range(1000):
        lockstep.act(f"u{number}", f"t{number % 50}", NOON)
    for star in ("viral_a", "viral_b"):
        for number in random.sample(range(1000), 400):
            lockstep.act(f"u{number}", star, NOON + random.uniform(0, 5) * HOUR)
    assert sum(lockstep.partners(f"u{n}", NOON + 6 * HOUR) >= 8 for n in range(1000)) == 0


def test_following_the_same_target_again_makes_no_partner() -> None:
    lockstep = Lockstep(100)
    for _ in range(50):
        for actor in ("a", "b"):
            lockstep.act(actor, "t", NOON)
    assert lockstep.partners("a", NOON) == 0


def test_being_in_step_is_over_after_a_while() -> None:
    lockstep = Lockstep(10_000)
    town(lockstep)
    for number in range(40):
        for order in ("a", "b"):
            lockstep.act(f"sold{number}", order, NOON + number)
    assert lockstep.partners("sold39", NOON + HOUR) > 0
    assert lockstep.partners("sold39", NOON + KEPT + HOUR) == 0
    assert lockstep.partners("nobody", NOON) == 0


def test_memory_is_bounded_by_accounts() -> None:
    lockstep = Lockstep(50)
    town(lockstep)
    assert len(lockstep) == 50
    assert len(lockstep._pairs) <= 50 * 12
    assert len(lockstep._reached) <= 50 * 4
