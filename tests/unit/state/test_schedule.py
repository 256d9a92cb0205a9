"""Who keeps another's schedule: replays are found, strangers are not, memory is bounded."""

from random import Random

import pytest

from safety.state.schedule import Schedules

NOON = 1_790_000_000.0
DAY = 86_400.0


def a_person(seed: int, actions: int = 120) -> list[float]:
    random = Random(seed)  # noqa: S311  a test throws its dice
    at = NOON + random.uniform(0, 20) * DAY
    times: list[float] = []
    while len(times) < actions:
        at += random.uniform(0.5, 1.5) * DAY / random.choice([1, 2, 3])
        moment = at
        for _ in range(random.randint(1, 8)):
            moment += random.lognormvariate(4.8, 1.2)
            times.append(moment)
        at = max(at, moment)
    return times[:actions]


def replayed(
    times: list[float], *, noise: float = 0.0, lost: float = 0.0, seed: int = 9
) -> list[float]:
    random = Random(seed)  # noqa: S311  a test throws its dice
    shift = random.uniform(1, 30) * DAY
    return sorted(at + shift + random.gauss(0, noise) for at in times if random.random() >= lost)


def seen(accounts: dict[str, list[float]], most: int = 1000) -> Schedules:
    schedules = Schedules(most)
    for at, actor in sorted((at, name) for name, times in accounts.items() for at in times):
        schedules.act(actor, at)
    return schedules


@pytest.mark.parametrize(("noise", "lost"), [(0, 0), (2, 0), (20, 0), (2, 0.1), (10, 0.2)])
def test_a_replay_is_found_through_noise_and_gaps(noise: float, lost: float) -> None:
    person = a_person(1, 200)
    accounts = {f"p{seed}": a_person(seed) for seed in range(2, 30)}
    schedules = seen(
        accounts | {"person": person, "script": replayed(person, noise=noise, lost=lost)}
    )
    assert schedules.twins("script") == 1


def test_a_net_of_many_accounts_is_seen_by_each_that_comes_later() -> None:
    person = a_person(3, 200)
    net = {f"bot{n}": replayed(person, noise=3, seed=n) for n in range(30)}
    schedules = seen({"person": person} | net)
    assert sum(schedules.twins(name) > 0 for name in net) >= 27


def test_strangers_are_no_twins() -> None:
    accounts = {f"p{seed}": a_person(seed) for seed in range(150)}
    schedules = seen(accounts)
    assert sum(schedules.twins(name) for name in accounts) == 0


def test_two_clocks_of_one_pace_are_no_twins() -> None:
    accounts = {f"c{n}": [NOON + n * 7 + 600.0 * step for step in range(200)] for n in range(5)}
    schedules = seen(accounts)
    assert [schedules.twins(name) for name in accounts] == [0] * 5


def test_what_comes_late_and_who_is_unknown_changes_nothing() -> None:
    schedules = seen({"a": a_person(1)})
    schedules.act("a", NOON - DAY)
    assert schedules.twins("a") == 0
    assert schedules.twins("nobody") == 0


def test_memory_is_bounded_by_accounts() -> None:
    schedules = Schedules(10)
    for seed in range(40):
        for at in a_person(seed, 40):
            schedules.act(f"p{seed}", at)
    assert len(schedules) == 10
    assert max(len(shelf._known) for shelf in (schedules._actions, schedules._sessions)) <= 100
