"""Logins through the hashing pool against bare argon2 on as many threads, and who has to wait."""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median, quantiles

from argon2 import PasswordHasher

from safety.domain.errors import Unavailable
from safety.gates.argon2_profiles import DEFAULT_PROFILE, PROFILES
from safety.gates.hashing_pool import HashingPool, give_way
from safety.gates.passwords import Passwords
from tests.bench.figures import Figure

SECONDS = 4.0
ROUNDS = 3  # taken in turns, so that what else the machine does hits both alike
CALLERS_PER_THREAD = 8
STORM = 200
PASSWORD = "violet umbrella on tuesday"
_QUICK_WORK = 20_000  # iterations; about as long as a decision


def gate() -> list[Figure]:
    """Passwords checked per second, and what a storm of them does to the rest of the process."""
    return [_throughput(), *_storm()]


def _throughput() -> Figure:
    threads = os.cpu_count() or 1
    through, bare = [], []
    pool = HashingPool(threads)
    check = _pooled_check(pool)
    for _ in range(ROUNDS):
        # At the pool's own low priority, or other processes would be measured instead.
        bare.append(_per_second(_bare_check(), threads, give_way))
        through.append(_per_second(check, threads * CALLERS_PER_THREAD))
    pool.stop()
    return Figure(
        f"logins hashed, {threads} threads", median(through), "per s", median(bare), "bare argon2"
    )


def _bare_check() -> Callable[[], object]:
    hasher = PasswordHasher.from_parameters(PROFILES[DEFAULT_PROFILE].parameters)
    stored = hasher.hash(PASSWORD)
    return lambda: hasher.verify(stored, PASSWORD)


def _pooled_check(pool: HashingPool) -> Callable[[], object]:
    passwords = Passwords(PROFILES[DEFAULT_PROFILE])
    kept = passwords.hash(PASSWORD)
    return lambda: pool.run(lambda: passwords.verify(kept.hash, kept.pepper, PASSWORD))


def bare_argon2(seconds: float) -> float:
    """Hashes of the default profile checked per second, one thread a core, and nothing else."""
    return _per_second(_bare_check(), os.cpu_count() or 1, give_way, seconds)


def _per_second(
    check: Callable[[], object],
    callers: int,
    begin: Callable[[], None] | None = None,
    seconds: float = SECONDS / ROUNDS,
) -> float:
    ends = time.perf_counter() + seconds

    def work(_: int) -> int:
        done = 0
        while time.perf_counter() < ends:
            check()
            done += 1
        return done

    began = time.perf_counter()
    with ThreadPoolExecutor(callers, initializer=begin) as threads:
        done = sum(threads.map(work, range(callers)))
    return done / (time.perf_counter() - began)


def _storm() -> list[Figure]:
    """Far more callers than the pool admits: work that is no login, beside them and alone."""
    calm = _quick_work_seconds()
    pool = HashingPool(os.cpu_count() or 1)
    check = _pooled_check(pool)
    is_over = threading.Event()
    refused = [0]

    def caller() -> None:
        while not is_over.is_set():
            try:
                check()
            except Unavailable:
                refused[0] += 1
                is_over.wait(0.05)

    callers = [threading.Thread(target=caller, daemon=True) for _ in range(STORM)]
    for thread in callers:
        thread.start()
    stormy = _quick_work_seconds()
    is_over.set()
    for thread in callers:
        thread.join()
    pool.stop()
    return [
        Figure(
            "other work in a login storm, p95", stormy * 1000, "ms", calm * 1000, "without logins"
        ),
        Figure("logins told to come back", refused[0], "refusals"),
    ]


def _quick_work_seconds() -> float:
    times = []
    ends = time.perf_counter() + SECONDS / 2
    while time.perf_counter() < ends:
        started = time.perf_counter()
        sum(range(_QUICK_WORK))
        times.append(time.perf_counter() - started)
        time.sleep(0.002)
    return quantiles(times, n=20)[-1]
