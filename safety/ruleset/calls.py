"""Checks calls: functions of the language, methods on texts, labels and windows."""

import ast

from safety.domain.features import Kind
from safety.domain.velocity import Measure
from safety.ruleset.coercion import as_kind, described, with_default
from safety.ruleset.functions import (
    FUNCTIONS,
    NUMBERS,
    TEXTS,
    Function,
    is_time_zone,
    parse_network,
)
from safety.ruleset.ir import Call, Const, Expression, ListRef, Read, Span
from safety.ruleset.patterns import refusal
from safety.ruleset.scope import SPECIAL_FUNCTIONS, WINDOW_FUNCTIONS
from safety.ruleset.tokens import Mistake
from safety.ruleset.window_calls import Visitor, WindowChecker, dotted


class CallChecker:
    """Checks every kind of call for one condition."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor
        self._scope = visitor.scope
        self._windows = WindowChecker(visitor)

    def call(self, node: ast.Call, span: Span, depth: int) -> Expression:
        """The typed tree of a call."""
        name, receiver = self._target(node.func, span)
        keywords = self._keywords(node)
        if receiver is None and name in WINDOW_FUNCTIONS:
            return self._windows.window(Measure(name), node, keywords, span)
        if name == "has_label":
            return self._has_label(receiver, node, span, depth)
        if name not in FUNCTIONS and name not in SPECIAL_FUNCTIONS:
            raise self._scope.unknown_function(name, self._name_span(node.func))
        arguments = [*([receiver] if receiver else []), *node.args]
        if name in {"hour", "weekday"}:
            return self._clock(
                name, [self._visitor.visit(a, depth) for a in arguments], keywords, span
            )
        self._no_keywords(keywords, name)
        visited = [self._visitor.visit(argument, depth) for argument in arguments]
        if name == "missing":
            return _missing(visited, span)
        if name == "default":
            return _default(visited, span)
        return _checked(FUNCTIONS[name], visited, span)

    def _target(self, func: ast.expr, span: Span) -> tuple[str, ast.expr | None]:
        """The function's name, and what stands before the dot."""
        if isinstance(func, ast.Name):
            return func.id, None
        if isinstance(func, ast.Attribute):
            return func.attr, func.value
        raise Mistake("not-in-language", "only functions can be called", span)

    def _name_span(self, func: ast.expr) -> Span:
        start, end = self._visitor.span(func)
        return (end - len(func.attr), end) if isinstance(func, ast.Attribute) else (start, end)

    def _keywords(self, node: ast.Call) -> dict[str, ast.expr]:
        keywords: dict[str, ast.expr] = {}
        for keyword in node.keywords:
            if keyword.arg is None or keyword.arg in keywords:
                raise Mistake(
                    "arguments", "this argument cannot be given", self._visitor.span(keyword.value)
                )
            keywords[keyword.arg] = keyword.value
        return keywords

    def _no_keywords(self, keywords: dict[str, ast.expr], name: str) -> None:
        for keyword, value in keywords.items():
            raise Mistake(
                "arguments", f"`{name}` has no argument `{keyword}`", self._visitor.span(value)
            )

    def _has_label(
        self, receiver: ast.expr | None, node: ast.Call, span: Span, depth: int
    ) -> Expression:
        group = dotted(receiver) if receiver else None
        if receiver is None or group is None:
            raise Mistake("arguments", "say whose label", span, 'write `actor.has_label("...")`')
        labels = self._scope.labels_of(group, self._visitor.span(receiver))
        visited = [self._visitor.visit(argument, depth) for argument in node.args]
        if len(visited) != 1 or not _is_text(visited[0]):
            raise Mistake("arguments", "`has_label` needs one label in quotes", span)
        return Call("in", (visited[0], labels), Kind.BOOL, span)

    def _clock(
        self, name: str, visited: list[Expression], keywords: dict[str, ast.expr], span: Span
    ) -> Expression:
        zone = keywords.pop("tz", None)
        self._no_keywords(keywords, name)
        call = _checked(FUNCTIONS[name], visited, span)
        if zone is None:
            return call
        if not (
            isinstance(zone, ast.Constant)
            and isinstance(zone.value, str)
            and is_time_zone(zone.value)
        ):
            hint = 'write one like tz="Europe/Paris"'
            raise Mistake("arguments", "unknown time zone", self._visitor.span(zone), hint)
        return Call(name, (visited[0], Const(zone.value, Kind.STRING)), Kind.INT, span)


def _is_text(expression: Expression) -> bool:
    return isinstance(expression, Const) and isinstance(expression.value, str)


def _missing(visited: list[Expression], span: Span) -> Expression:
    if len(visited) != 1 or not isinstance(visited[0], Read):
        raise Mistake(
            "arguments", "`missing` needs one feature", span, "write missing(actor.email)"
        )
    return Call("missing", tuple(visited), Kind.BOOL, span)


def _default(visited: list[Expression], span: Span) -> Expression:
    usage = "write default(actor.reputation, 0.5)"
    if len(visited) != 2:  # noqa: PLR2004 - the value and what stands in for it
        raise Mistake("arguments", "`default` needs a value and what stands in for it", span, usage)
    value, other = visited[0], as_kind(visited[1], visited[0].kind)
    if not isinstance(other, Const):
        raise Mistake("arguments", "what stands in must be a literal", other.span, usage)
    same = value.kind is other.kind or {value.kind, other.kind} <= NUMBERS
    if not (same or {value.kind, other.kind} <= TEXTS):
        raise Mistake(
            "type", f"{described(other)} cannot stand in for {described(value)}", other.span, usage
        )
    if value.kind is Kind.BOOL:
        return with_default(value, other)
    both_numbers = {value.kind, other.kind} == NUMBERS
    return Call("default", (value, other), Kind.FLOAT if both_numbers else value.kind, span)


def _checked(function: Function, visited: list[Expression], span: Span) -> Expression:
    """A call whose arguments fit the function's signature."""
    count, wanted = len(visited), len(function.parameters)
    if count < wanted or (count > wanted and not function.repeats):
        message = f"`{function.name}` needs {wanted} argument{'s' * (wanted > 1)}, {count} given"
        raise Mistake("arguments", message, span, f"write {function.usage}")
    arguments = _alike(visited) if function.kind is None else visited
    for index, argument in enumerate(arguments):
        parameter = function.parameters[min(index, wanted - 1)]
        if argument.kind not in parameter.kinds:
            message = f"`{function.name}` cannot use {described(argument)}"
            raise Mistake("type", message, argument.span, f"write {function.usage}")
        if parameter.literal and not isinstance(argument, Const | ListRef):
            what = "list" if argument.kind is Kind.STRINGS else "text"
            message = f"`{function.name}` needs its {what} written in the rule"
            raise Mistake("arguments", message, argument.span, f"write {function.usage}")
    _check_content(function.name, arguments)
    return Call(function.name, tuple(arguments), _kind_of(function, arguments, span), span)


def _alike(visited: list[Expression]) -> list[Expression]:
    """Text literals read as durations or times when that is what stands beside them."""
    kinds = [argument.kind for argument in visited if not _is_text(argument)]
    return [as_kind(argument, kinds[0]) for argument in visited] if kinds else visited


def _kind_of(function: Function, arguments: list[Expression], span: Span) -> Kind:
    if function.kind is not None:
        return function.kind
    kinds = {argument.kind for argument in arguments}
    if kinds <= NUMBERS:
        return Kind.INT if kinds == {Kind.INT} else Kind.FLOAT
    if len(kinds) > 1:
        found = " and ".join(described(argument) for argument in arguments)
        raise Mistake("type", f"`{function.name}` cannot mix {found}", span)
    return arguments[0].kind


def _check_content(name: str, arguments: list[Expression]) -> None:
    """What only the value of a literal can tell: patterns RE2 can read, ranges that exist."""
    for argument in arguments[1:]:
        if not isinstance(argument, Const):
            continue
        if name == "matches" and (refused := refusal(str(argument.value))):
            raise Mistake("pattern", refused[0], argument.span, refused[1])
        if name in {"contains", "starts_with", "ends_with"} and argument.value == "":
            raise Mistake("arguments", "every text contains the empty text", argument.span)
        if name == "ip_in":
            ranges = argument.value if isinstance(argument.value, tuple) else (argument.value,)
            for text in ranges:
                if parse_network(str(text)) is None:
                    raise Mistake("arguments", f"`{text}` is not an address range", argument.span)
