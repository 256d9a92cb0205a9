"""Microseconds per event of generated rule sets, against one plain lambda per rule."""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from safety.domain.features import Values
from safety.ruleset.bundle import Bundle
from tests.bench.figures import Figure
from tests.bench.rule_costs import loaded, rule_costs
from tests.bench.rule_generator import generate_events, lambda_source

SIZES = (20, 200, 2_000)
EVENTS = 2_000
PASSES = 9
SEED = 5


def rules() -> list[Figure]:
    """Evaluation at three sizes, the tail at each, what compiling costs, and what else costs."""
    return [figure for size in SIZES for figure in _measure(size)] + rule_costs()


def _measure(size: int) -> list[Figure]:
    began = time.process_time()
    bundle = loaded(size)
    compiled = time.process_time() - began
    events: list[dict[str, Any]] = generate_events(EVENTS, SEED)
    ours = _ours(bundle, events)
    plain = _plain(size, events, bundle)
    # Interleaved, so that a busy machine is busy for both.
    per_event = [float("inf")] * EVENTS
    best = float("inf")
    for _ in range(PASSES):
        per_event = list(map(min, per_event, _each(ours, len(events))))
        best = min(best, sum(_each(plain, len(events))) / EVENTS)
    ordered = sorted(per_event)
    mean = sum(per_event) / EVENTS
    return [
        Figure(f"{size} rules", mean, "us/event", best, "a plain lambda per rule"),
        Figure(f"{size} rules p50", ordered[EVENTS // 2], "us"),
        Figure(f"{size} rules p99", ordered[EVENTS * 99 // 100], "us"),
        Figure(f"{size} rules check and compile", compiled, "CPU s"),
    ]


def _each(run: Callable[[int], object], count: int) -> list[float]:
    timer = time.perf_counter
    times = []
    for number in range(count):
        began = timer()
        run(number)
        times.append((timer() - began) * 1e6)
    return times


def _ours(bundle: Bundle, events: list[dict[str, Any]]) -> Callable[[int], object]:
    plans = {name: bundle.plan(name) for name in bundle.catalogue.event_types}
    prepared: list[tuple[Any, Any, Values]] = [
        (plans[e["type"]].judge_final, plans[e["type"]].judge, e["values"]) for e in events
    ]

    def run(number: int) -> object:
        judge_final, judge, values = prepared[number]
        return judge_final(values), judge(values)

    return run


def _plain(size: int, events: list[dict[str, Any]], bundle: Bundle) -> Callable[[int], object]:
    patterns: dict[str, re.Pattern[str]] = {}

    def search(pattern: str, text: str) -> bool:
        found = patterns.get(pattern)
        if found is None:
            found = patterns[pattern] = re.compile(pattern)
        return found.search(text) is not None

    lists: Mapping[str, object] = bundle.values_of_lists
    space: dict[str, Any] = {"LISTS": lists, "search": search}
    exec(lambda_source(size, SEED), space)  # noqa: S102  the control, written by our own generator
    by_type: dict[str, list[tuple[str, Callable[[Any], bool]]]] = space["RULES"]
    prepared = [(by_type[e["type"]], e["nested"]) for e in events]

    def run(number: int) -> object:
        rules_of_type, nested = prepared[number]
        return [name for name, rule in rules_of_type if rule(nested)]

    return run
