"""Merges the windows of all rules, so that each log is kept once, long and exact enough for all."""

import math
from collections.abc import Iterable, Iterator, Mapping

from safety.domain.velocity import CountingPlan, Measure, Series, Window
from safety.ruleset.compiled import CompiledRule
from safety.ruleset.ir import Call, Compare, Const, Expression, Read, WindowSpec, children, reads

# How far a window counts exactly when a rule calculates with it instead of comparing it.
FREE_LIMIT = 1000
MAX_LIMIT = 10_000


def merged(rules: Iterable[CompiledRule]) -> dict[str, Window]:
    """Every window of these rules by canonical name, on as few series as possible."""
    limits: dict[WindowSpec, int] = {}
    for rule in rules:
        for line in (*rule.when, *rule.unless):
            for spec, limit in needed(line.expression):
                limits[spec] = max(limit, limits.get(spec, 1))
    groups: dict[tuple[object, ...], list[WindowSpec]] = {}
    for spec in sorted(limits, key=lambda spec: spec.name):
        groups.setdefault((spec.measure, spec.events, spec.by, spec.of), []).append(spec)
    windows: dict[str, Window] = {}
    for specs in groups.values():
        one = specs[0]
        keep = max(spec.within for spec in specs)
        limit = max(limits[spec] for spec in specs)
        if one.measure is Measure.SUM:
            limit = FREE_LIMIT  # events, however small their amounts are
        series = Series(one.measure, one.events, one.by, one.of, keep, limit)
        windows |= {spec.name: Window(spec.name, series, spec.within) for spec in specs}
    return windows


def needed(expression: Expression) -> Iterator[tuple[WindowSpec, int]]:
    """How far each window in an expression must count to decide it."""
    match expression:
        case Read(window=WindowSpec() as spec):
            yield spec, FREE_LIMIT
        case Call(function="missing"):
            yield from ((spec, 1) for spec, _ in _all(expression.arguments))
        case Compare(left=left, right=Const(value=float() | int() as number)):
            yield from _compared(left, number)
        case Compare(left=Const(value=float() | int() as number), right=right):
            yield from _compared(right, number)
        case _:
            yield from _all(children(expression))


def _all(expressions: Iterable[Expression]) -> Iterator[tuple[WindowSpec, int]]:
    for expression in expressions:
        yield from needed(expression)


def _compared(expression: Expression, number: float) -> Iterator[tuple[WindowSpec, int]]:
    plain = expression
    if isinstance(plain, Call) and plain.function == "default":
        plain = plain.arguments[0]
    if isinstance(plain, Read) and plain.window:
        yield plain.window, max(1, math.ceil(number) + 1)
    else:
        yield from needed(expression)


def counting_plan(
    event_type: str, rules: Iterable[CompiledRule], windows: Mapping[str, Window],
    labels_of: Mapping[str, str],
) -> CountingPlan:  # fmt: skip
    """What events of one type cost the counters; `rules` are the type's own."""
    names = sorted({read.name for rule in rules for line in (*rule.when, *rule.unless)
                    for read in reads(line.expression)})  # fmt: skip
    hits = {w.series.key: w.series for w in windows.values() if event_type in w.series.events}
    return CountingPlan(
        hits=tuple(hits[key] for key in sorted(hits)),
        windows=tuple(windows[name] for name in names if name in windows),
        labelled=tuple((name, labels_of[name]) for name in names if name in labels_of),
    )
