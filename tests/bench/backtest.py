"""Backtests: events per second over columns, against lambdas over JSON rows in the same run."""

import json
import re
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from safety.ruleset.bundle import Bundle
from safety.ruleset.columns import Columns, columns_of
from safety.ruleset.vectorised import VectorisedRules
from safety.training.recall import Recaller
from safety.training.replay_windows import WindowPlan, with_windows
from safety.training.segment_file import from_bytes, to_bytes
from tests.bench.figures import Figure
from tests.bench.rule_costs import loaded
from tests.bench.rule_generator import EVENT_TYPES, generate_events, lambda_source
from tests.unit.training.past_events import START, a_decision

EVENTS = 50_000
ROWS = 4_000  # of the rival, which takes a thousand times as long
RULES = 200
RULES_ALONE = 24
SEALED = 4_000
PASSES = 5
SEED = 5

Events = list[dict[str, Any]]


def backtest() -> list[Figure]:
    """One rule and many over columns, their rivals, and what sealing and replaying cost."""
    bundle = loaded(RULES)
    events: Events = generate_events(EVENTS, SEED)
    rival = _json_rows_a_second(bundle, events)
    return [*_one_rule(bundle, events, rival), *_all_rules(bundle, events), *_history(bundle)]


def _one_rule(bundle: Bundle, events: Events, rival: float) -> list[Figure]:
    columns = columns_of([event["values"] for event in events])
    types = np.array([event["type"] for event in events])
    speeds = []
    judged = 0
    for compiled in bundle.compiled[:RULES_ALONE]:
        judge = VectorisedRules([compiled])
        rows = np.flatnonzero(np.isin(types, compiled.rule.events))
        speeds.append(len(rows) / _best(_all_fires(judge, bundle, columns, rows)))
        judged += len(rows)
    mean = RULES_ALONE / sum(1 / speed for speed in speeds)
    return [
        Figure("backtest, one rule", mean, "events/s", rival, "a lambda over JSON rows"),
        Figure("backtest, the slowest rule", min(speeds), "events/s"),
    ]


def _all_rules(bundle: Bundle, events: Events) -> list[Figure]:
    by_type = {name: [e["values"] for e in events if e["type"] == name] for name in EVENT_TYPES}
    columns = {name: columns_of(values) for name, values in by_type.items()}
    judges = {
        name: VectorisedRules([c for c in bundle.compiled if name in c.rule.events])
        for name in EVENT_TYPES
    }

    def over_columns() -> None:
        for name, given in columns.items():
            _all_fires(judges[name], bundle, given, given.rows())()

    def over_dicts() -> None:
        for name, values in by_type.items():
            judge = bundle.plan(name).judge
            for one in values:
                judge(one)

    dicts = EVENTS / _best(over_dicts)
    return [
        Figure(f"backtest, {RULES} rules", EVENTS / _best(over_columns), "events/s", dicts,
               "the generated function over dicts in memory"),
    ]  # fmt: skip


def _history(bundle: Bundle) -> list[Figure]:
    """What it costs to seal decisions, to unpack them and to count windows again."""
    events: Events = generate_events(SEALED, SEED)
    decisions = [
        a_decision(number, START + number / 10, text=str(event["values"]["content.text"]),
                   actor=f"u_{number % 500}", facts=event["values"])
        for number, event in enumerate(events)
    ]  # fmt: skip
    recaller = Recaller(bundle.catalogue)
    segment = recaller.segment(decisions)
    raw = to_bytes(segment)
    plan = WindowPlan.of(bundle.compiled)

    def unpack() -> None:
        unpacked = from_bytes(raw)
        for name in unpacked.names:
            unpacked.columns.column(name)

    sealing = _best(lambda: to_bytes(recaller.segment(decisions)), 2)
    replaying = _best(lambda: list(with_windows([recaller.segment(decisions)], plan)), 2)
    recalling = _best(lambda: recaller.segment(decisions), 2)
    counted = 1e6 * (replaying - recalling) / SEALED
    return [
        Figure("sealing", 1e6 * sealing / SEALED, "us/event"),
        Figure("a sealed event", len(raw) / SEALED, "bytes"),
        Figure("unpacking every column", 1e6 * _best(unpack) / SEALED, "us/event"),
        Figure(f"counting {len(plan.windows)} windows again", counted, "us/event"),
    ]


def _json_rows_a_second(bundle: Bundle, events: Events) -> float:
    """The plain way: rows of JSON out of SQLite, and a lambda over each."""
    tests = _lambdas(bundle)[:3]
    rows = [(event["type"], json.dumps(event["nested"])) for event in events[:ROWS]]
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(Path(folder) / "rows.db")
        database.execute("CREATE TABLE rows (type TEXT, body TEXT)")
        database.executemany("INSERT INTO rows VALUES (?, ?)", rows)

        def run() -> None:
            for test in tests:
                for _, body in database.execute("SELECT type, body FROM rows"):
                    test(json.loads(body))

        spent = _best(run, 2)
        database.close()
    return len(tests) * ROWS / spent


def _lambdas(bundle: Bundle) -> list[Callable[[Any], bool]]:
    space: dict[str, Any] = {
        "LISTS": bundle.values_of_lists,
        "search": lambda pattern, text: re.search(pattern, text) is not None,
    }
    exec(lambda_source(RULES, SEED), space)  # noqa: S102  the control, written by our own generator
    return [test for _, test in space["RULES"][EVENT_TYPES[0]]]


def _all_fires(
    judge: VectorisedRules, bundle: Bundle, columns: Columns, rows: Any
) -> Callable[[], object]:
    return lambda: list(judge.fires(columns, bundle.values_of_lists, rows))


def _best(run: Callable[[], object], passes: int = PASSES) -> float:
    """The shortest of some runs, in seconds."""
    best = float("inf")
    for _ in range(passes):
        began = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - began)
    return best
