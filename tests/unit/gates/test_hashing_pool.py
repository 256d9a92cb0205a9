"""What the pool promises: so many at once, so many waiting, so long, and room for others."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from time import monotonic, sleep

import pytest

from safety.domain.errors import Unavailable
from safety.gates.hashing_pool import HashingPool


@contextmanager
def a_pool(threads: int = 2, queue: int = 64, wait: float = 30.0) -> Iterator[HashingPool]:
    pool = HashingPool(threads, queue, wait)
    yield pool
    pool.stop()


@contextmanager
def busy(pool: HashingPool, threads: int) -> Iterator[None]:
    """All threads of the pool have work at hand that ends when this does."""
    hold, begun = threading.Event(), threading.Barrier(threads + 1)

    def work() -> None:
        begun.wait(10)
        hold.wait(10)

    with ThreadPoolExecutor(threads) as callers:
        calls = [callers.submit(pool.run, work) for _ in range(threads)]
        begun.wait(10)
        try:
            yield
        finally:
            hold.set()
        for call in calls:
            call.result(10)


def after(seconds: float, answer: str) -> str:
    sleep(seconds)
    return answer


def has_depth(pool: HashingPool, depth: int) -> bool:
    return pool.depth == depth


def eventually(is_so: Callable[[], bool]) -> None:
    deadline = monotonic() + 10
    while not is_so():
        assert monotonic() < deadline
        sleep(0.001)


def test_the_result_comes_back() -> None:
    with a_pool() as pool:
        assert pool.run(lambda: 6 * 7) == 42


@pytest.mark.parametrize("error", [ValueError, TimeoutError, Unavailable, KeyboardInterrupt])
def test_an_error_comes_back_and_the_thread_lives_on(error: type[BaseException]) -> None:
    def fail() -> None:
        raise error

    with a_pool(threads=1) as pool:
        with pytest.raises(error):
            pool.run(fail)
        assert pool.run(lambda: "still here") == "still here"


def test_no_more_run_at_once_than_there_are_threads() -> None:
    running: set[int] = set()
    most: list[int] = []

    def work() -> None:
        running.add(threading.get_ident())
        most.append(len(running))
        sleep(0.002)
        running.discard(threading.get_ident())

    with a_pool(threads=3) as pool, ThreadPoolExecutor(20) as callers:
        list(callers.map(lambda _: pool.run(work), range(60)))
    assert len(most) == 60
    assert max(most) <= 3


def test_a_full_queue_refuses_at_once_and_says_when_to_come_back() -> None:
    with a_pool(threads=1, queue=2, wait=3.0) as pool, ThreadPoolExecutor(2) as callers:
        with busy(pool, 1):
            waiting = [callers.submit(pool.run, lambda: "in time") for _ in range(2)]
            eventually(lambda: pool.depth == 2)
            started = monotonic()
            with pytest.raises(Unavailable) as refused:
                pool.run(lambda: "too many")
            assert monotonic() - started < 1
            assert refused.value.retry_after == 3
        assert [call.result(10) for call in waiting] == ["in time"] * 2


def test_the_queue_is_for_those_who_wait_not_for_those_whom_a_thread_takes() -> None:
    with a_pool(threads=4, queue=1) as pool, busy(pool, 4):
        assert pool.depth == 0


def test_whose_turn_does_not_come_in_time_is_refused_and_leaves_the_queue() -> None:
    done: list[str] = []
    with a_pool(threads=1, queue=1, wait=0.05) as pool:
        with busy(pool, 1):
            with pytest.raises(Unavailable):
                pool.run(lambda: done.append("late"))
            assert pool.depth == 0
        assert pool.run(lambda: "next") == "next"
    assert done == []


def test_work_that_began_in_time_may_take_longer_than_the_wait() -> None:
    with a_pool(threads=1, wait=0.02) as pool:
        assert pool.run(lambda: after(0.1, "done")) == "done"


def test_first_come_first_served() -> None:
    order: list[int] = []
    with a_pool(threads=1) as pool, ThreadPoolExecutor(8) as callers:
        with busy(pool, 1):
            for number in range(8):
                callers.submit(pool.run, partial(order.append, number))
                eventually(partial(has_depth, pool, number + 1))
        eventually(lambda: len(order) == 8)
    assert order == list(range(8))


def test_a_caller_who_left_frees_no_thread() -> None:
    """Whoever hangs up and comes back cannot have two hashes computed on one thread's time."""
    with a_pool(threads=1, wait=0.05) as pool:
        hold, begun = threading.Event(), threading.Event()

        def work() -> None:
            begun.set()
            hold.wait(10)

        caller = threading.Thread(target=lambda: pool.run(work), daemon=True)
        caller.start()
        assert begun.wait(10)
        with pytest.raises(Unavailable):
            pool.run(lambda: "the thread is taken")
        hold.set()
        caller.join(10)
        assert pool.run(lambda: "free again") == "free again"


def test_stopping_refuses_those_who_wait_and_those_who_come() -> None:
    pool = HashingPool(1, wait=10)
    with ThreadPoolExecutor(2) as callers:
        with busy(pool, 1):
            waiting = callers.submit(pool.run, lambda: "never")
            eventually(lambda: pool.depth == 1)
            stopping = callers.submit(pool.stop)
            with pytest.raises(Unavailable):
                waiting.result(10)
        stopping.result(10)
    with pytest.raises(Unavailable):
        pool.run(lambda: "never")
    pool.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a priority per thread")
def test_hashing_gives_way_to_everything_else() -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    with a_pool(threads=1) as pool:
        assert pool.run(niceness) > niceness()


def test_a_storm_leaves_no_caller_without_an_answer() -> None:
    answers: list[str] = []

    def call(_: int) -> None:
        try:
            answers.append(pool.run(lambda: after(0.001, "done")))
        except Unavailable:
            answers.append("refused")

    with a_pool(threads=2, queue=5, wait=0.01) as pool, ThreadPoolExecutor(60) as callers:
        list(callers.map(call, range(600)))
    assert len(answers) == 600
    assert set(answers) == {"done", "refused"}


@pytest.mark.parametrize(("threads", "queue"), [(0, 1), (-1, 1), (1, 0)])
def test_a_pool_that_could_not_work_is_not_made(threads: int, queue: int) -> None:
    with pytest.raises(ValueError, match="needs a thread"):
        HashingPool(threads, queue)
