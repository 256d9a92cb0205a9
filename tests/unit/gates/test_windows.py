"""Sliding windows count exactly, whatever the threads, the clock on the wall and the keys do."""

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from safety.gates.windows import WindowStorage


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def storage(clock: Clock) -> WindowStorage:
    return WindowStorage(clock=clock)


def test_the_library_finds_it_by_its_scheme() -> None:
    assert isinstance(storage_from_string("windows://"), WindowStorage)


def test_three_times_the_limit_at_once_pass_exactly_the_limit(storage: WindowStorage) -> None:
    limiter, rate, start = MovingWindowRateLimiter(storage), parse("40/minute"), Barrier(12)

    def many(_: int) -> int:
        start.wait()
        return sum(limiter.hit(rate, "login", "192.0.2.1") for _ in range(10))

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(many, range(12))) == 40


def test_there_is_no_double_budget_at_the_edge_of_a_window(
    storage: WindowStorage, clock: Clock
) -> None:
    limiter, rate = MovingWindowRateLimiter(storage), parse("5/minute")
    clock.now = 1019.9  # a tenth of a second before a minute of the clock begins
    assert [limiter.hit(rate, "k") for _ in range(5)] == [True] * 5
    clock.now = 1020.1
    assert not limiter.hit(rate, "k")
    clock.now = 1079.9
    assert limiter.hit(rate, "k")


def test_what_is_left_and_until_when_can_be_asked(storage: WindowStorage, clock: Clock) -> None:
    limiter, rate = MovingWindowRateLimiter(storage), parse("3/minute")
    assert limiter.get_window_stats(rate, "k").remaining == 3
    limiter.hit(rate, "k")
    clock.now += 10
    limiter.hit(rate, "k")
    stats = limiter.get_window_stats(rate, "k")
    assert (stats.reset_time, stats.remaining) == (1060.0, 1)
    assert limiter.test(rate, "k", cost=1)
    assert not limiter.test(rate, "k", cost=2)


def test_the_key_that_was_quiet_for_longest_makes_room(clock: Clock) -> None:
    storage = WindowStorage(clock=clock, most_keys=2)
    for key in ("old", "busy", "busy", "old", "new"):
        storage.incr(key, 60)
    assert [storage.get(key) for key in ("old", "busy", "new")] == [2, 0, 1]


def test_what_was_counted_last_can_be_taken_back(storage: WindowStorage) -> None:
    storage.incr("a", 60, amount=2)
    storage.release("a")
    storage.release("unknown")
    assert [storage.get(key) for key in ("a", "unknown")] == [1, 0]


def test_a_key_can_be_forgotten_and_so_can_all(storage: WindowStorage) -> None:
    for key in ("a", "b", "c"):
        storage.incr(key, 60, amount=2)
    assert storage.get_expiry("a") == 1060.0
    storage.clear("a")
    assert storage.get("a") == 0
    assert storage.get_expiry("a") == 1000.0
    assert storage.reset() == 2
    assert storage.check()


@given(
    limit=st.integers(1, 5),
    steps=st.lists(st.floats(0, 20, allow_nan=False), max_size=60),
)
def test_it_agrees_with_a_list_of_times(limit: int, steps: list[float]) -> None:
    clock = Clock()
    storage, model = WindowStorage(clock=clock), deque[float]()
    for step in steps:
        clock.now += step
        while model and model[0] <= clock.now - 30:
            model.popleft()
        passes = len(model) < limit
        assert storage.acquire_entry("k", limit, 30) is passes
        if passes:
            model.append(clock.now)
        assert storage.get("k") == len(model)
