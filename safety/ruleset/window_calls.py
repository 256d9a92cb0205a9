"""Checks calls of `count`, `sum` and `distinct`, which declare a window and read its number."""

import ast
from typing import Protocol

from safety.domain.features import Kind
from safety.domain.velocity import Measure
from safety.ruleset.durations import parse_duration, write_duration
from safety.ruleset.functions import MEASURES, NUMBERS, TEXTS
from safety.ruleset.ir import Expression, Read, Span, WindowSpec
from safety.ruleset.scope import Scope
from safety.ruleset.tokens import Mistake

MAX_WITHIN = 30 * 86_400.0  # counts are rebuilt from the ledger at every start, so not for ever

_WINDOW_USAGE = {
    Measure.COUNT: 'count("post", by=actor.id, within="10m")',
    Measure.SUM: 'sum(content.links, "post", by=actor.id, within="1h")',
    Measure.DISTINCT: 'distinct(target.id, "follow", by=actor.id, within="1h")',
}


class Visitor(Protocol):
    """What this module needs of the checker it belongs to."""

    scope: Scope

    def visit(self, node: ast.expr, depth: int) -> Expression:
        """The typed tree of a node."""
        ...

    def span(self, node: ast.expr) -> Span:
        """Where a node stands."""
        ...


def dotted(node: ast.expr) -> str | None:
    """`actor.account_age` as text, or None when the node is not a chain of names."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([node.id, *reversed(parts)])


class WindowChecker:
    """Checks the windows of one condition."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor
        self._scope = visitor.scope

    def window(
        self, measure: Measure, node: ast.Call, keywords: dict[str, ast.expr], span: Span
    ) -> Expression:
        usage = _WINDOW_USAGE[measure]
        if set(keywords) != {"by", "within"}:
            raise Mistake(
                "arguments", f"`{measure}` needs `by=` and `within=`", span, f"write {usage}"
            )
        by = self._entity(keywords["by"], usage)
        within = self._within(keywords["within"])
        rest = list(node.args)
        of = None
        if measure is not Measure.COUNT:
            if not rest:
                raise Mistake(
                    "arguments", f"`{measure}` needs a feature first", span, f"write {usage}"
                )
            of = self._measured(measure, rest.pop(0), usage)
        events = tuple(sorted({self._event(argument, usage) for argument in rest}))
        spec = WindowSpec(measure, events or tuple(sorted(self._scope.events)), by, of, within)
        self._scope.check_window(spec, span)
        kind = Kind.FLOAT if measure is Measure.SUM else Kind.INT
        return Read(spec.name, kind, spec, spec.name, span)

    def _entity(self, node: ast.expr, usage: str) -> str:
        name = dotted(node)
        span = self._visitor.span(node)
        if name is None:
            raise Mistake("arguments", "`by` is a feature", span, f"write {usage}")
        feature = self._scope.catalogue.features.get(name) or self._scope.feature(name, span)
        if feature.kind is not Kind.ENTITY:
            message = f"windows count by an entity, and `{name}` is {feature.kind.value}"
            raise Mistake("type", message, span)
        return name

    def _within(self, node: ast.expr) -> float:
        text = node.value if isinstance(node, ast.Constant) else None
        seconds = parse_duration(text) if isinstance(text, str) else None
        span = self._visitor.span(node)
        if seconds is None or seconds <= 0:
            raise Mistake(
                "arguments", "`within` is a length of time in quotes", span, 'such as "10m"'
            )
        if seconds > MAX_WITHIN:
            longest = write_duration(MAX_WITHIN)
            raise Mistake("window-too-long", f"windows are at most {longest} long", span)
        return seconds

    def _measured(self, measure: Measure, node: ast.expr, usage: str) -> str:
        name = dotted(node)
        span = self._visitor.span(node)
        if name is None:
            raise Mistake("arguments", f"`{measure}` needs a feature first", span, f"write {usage}")
        feature = self._scope.catalogue.features.get(name) or self._scope.feature(name, span)
        allowed = MEASURES if measure is Measure.SUM else TEXTS | NUMBERS
        if feature.kind not in allowed:
            raise Mistake("type", f"`{measure}` cannot use {feature.kind.value} `{name}`", span)
        return name

    def _event(self, node: ast.expr, usage: str) -> str:
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            span = self._visitor.span(node)
            raise Mistake("arguments", "event types are written in quotes", span, f"write {usage}")
        return self._scope.event(node.value, self._visitor.span(node))
