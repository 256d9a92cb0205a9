"""The memory of behaviour: one action remembered, habits read, the bot model, and what it holds."""

import sys
import time
from collections.abc import Callable
from itertools import pairwise
from math import log2
from random import Random

import numpy as np

from safety.assets import shipped
from safety.classifiers.behaviour import BehaviourModel
from safety.classifiers.registry import load_model, newest_version
from safety.domain.habits import PACKED, Watch
from safety.domain.velocity import CountingPlan
from safety.state.deliveries import Deliveries
from safety.state.habits import times_of
from safety.state.lockstep import Lockstep
from safety.state.memory import MemoryCounters
from safety.state.schedule import Schedules
from safety.state.trace import Trace
from tests.bench.figures import Figure

ACTORS = 200
ACTIONS = 200
PASSES = 5
BEGIN = 1.79e9


def behaviour() -> list[Figure]:
    """CPU microseconds of each step; the rival works everything out from the kept times."""
    times = _times()
    trace = Trace()
    for at in times[0]:
        trace.act(at)
    numbers = times_of(trace)
    assert numbers is not None
    folder = newest_version(shipped("models") / "bot")
    assert folder is not None
    model = load_model(folder)
    assert isinstance(model, BehaviourModel)
    derive = _best(lambda: times_of(trace), 1000)
    score = _best(lambda: model.score_of(numbers), 1000)
    again = _best(lambda: _from_scratch(times[0]), 20)
    return [
        Figure("remember an action", _per_action(times, _traced), "us"),
        Figure("habits of an actor", derive, "us", again, "worked out from 200 kept times"),
        Figure("bot score", score, "us"),
        Figure("habits and bot score", derive + score, "us"),
        Figure("remember for schedule twins", _per_action(times, _scheduled), "us"),
        Figure("remember for lockstep", _per_action(times, _stepped), "us"),
        Figure("remember for deliveries", _per_action(times, _delivered), "us"),
        *_observing(times),
        Figure("memory of one actor's trace", _size(trace), "bytes"),
    ]


def _observing(times: list[list[float]]) -> list[Figure]:
    plain = _per_action(times, lambda t: _observed(t, CountingPlan()))
    adds = CountingPlan(watch=Watch(habits=True, schedule=True))
    reads = CountingPlan(watch=Watch(habits=True, schedule=True, reads=(PACKED,)))
    return [
        Figure("observe without behaviour", plain, "us"),
        Figure("observe that remembers", _per_action(times, lambda t: _observed(t, adds)), "us"),
        Figure(
            "observe that remembers and reads",
            _per_action(times, lambda t: _observed(t, reads)), "us",
        ),
    ]  # fmt: skip


def _times() -> list[list[float]]:
    random = Random(3)  # noqa: S311  repeatable, not secret
    found = []
    for _ in range(ACTORS):
        at, own = BEGIN + random.uniform(0, 86_400), []
        for _ in range(ACTIONS):
            at += random.lognormvariate(5, 2)
            own.append(at)
        found.append(own)
    return found


def _traced(times: list[list[float]]) -> None:
    for own in times:
        trace = Trace()
        for at in own:
            trace.act(at)


def _scheduled(times: list[list[float]]) -> None:
    schedules = Schedules(1000)
    for number, own in enumerate(times):
        name = f"u{number}"
        for at in own:
            schedules.act(name, at)


def _stepped(times: list[list[float]]) -> None:
    lockstep = Lockstep(1000)
    for number, own in enumerate(times):
        name = f"u{number}"
        for place, at in enumerate(own):
            lockstep.act(name, f"t{(number * 7 + place * place) % 500}", at)


def _delivered(times: list[list[float]]) -> None:
    deliveries = Deliveries(1000)
    for number, own in enumerate(times):
        name = f"u{number}"
        for place, at in enumerate(own):
            deliveries.act(name, f"t{(number * 7 + place * place) % 500}", at)


def _observed(times: list[list[float]], plan: CountingPlan) -> None:
    counters = MemoryCounters()
    for number, own in enumerate(times):
        values = {"actor.id": f"u{number}"}
        for at in own:
            counters.observe("main", plan, values, at)


def _from_scratch(times: list[float]) -> float:
    """Entropies, moments and rhythms of a list, as numpy gives them: the straightforward build."""
    gaps = np.diff(np.array(times))
    logs = np.log1p(gaps)
    bins = np.minimum(np.log2(gaps + 1).astype(int), 24)
    pairs = [a * 25 + b for a, b in pairwise(bins.tolist())]
    shares = [np.unique(each, return_counts=True)[1] / len(each) for each in (bins, pairs)]
    entropies = [float(-(share * np.log2(share)).sum()) for share in shares]
    turns = [
        abs(np.exp(2j * np.pi * np.array(times) / period).mean()) for period in (60, 300, 3600)
    ]
    hours = np.bincount((np.array(times) // 3600 % 24).astype(int), minlength=24)
    quiet = min(np.roll(hours, -hour)[:6].sum() for hour in range(24))
    moments = [float(((logs - logs.mean()) ** power).mean()) for power in (2, 3, 4)]
    return float(sum(entropies) + sum(turns) + sum(moments) + quiet + log2(len(times)))


def _per_action(times: list[list[float]], work: Callable[[list[list[float]]], None]) -> float:
    return _best(lambda: work(times), 1) / (ACTORS * ACTIONS)


def _best(work: Callable[[], object], repeats: int) -> float:
    best = float("inf")
    for _ in range(PASSES):
        began = time.process_time()
        for _ in range(repeats):
            work()
        best = min(best, time.process_time() - began)
    return best / repeats * 1e6


def _size(trace: Trace) -> float:
    parts = [getattr(trace, name) for name in Trace.__slots__]
    return float(sum(map(sys.getsizeof, (trace, *parts))))
