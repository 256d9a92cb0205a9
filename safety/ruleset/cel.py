"""Writes conditions in the Common Expression Language, for other engines and as a second opinion.

The values of an event are one map `v` by feature name, numbers as doubles. A feature that is not
there is a key that is not there: CEL's `&&` and `||` then treat the error as we treat "unknown".
Two things differ: numbers too large for a double, and texts longer than patterns look at here.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from safety.ruleset.compiled import CompiledRule, Condition
from safety.ruleset.interpret import Lists
from safety.ruleset.ir import (
    And,
    Call,
    Compare,
    Const,
    Expression,
    ListRef,
    Not,
    Or,
    Read,
    children,
    walk,
)  # fmt: skip
from safety.ruleset.patterns import word_pattern

# Called by these names; an engine has to bring them along.
FOREIGN = frozenset({"lower", "domain_of", "ip_in"})
_ERROR = 'v["?"]'  # a key that no event has: "cannot be said"


class NotInCelError(Exception):
    """A condition uses something that cannot be said in CEL."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A rule's lines as two CEL expressions. It fires when `when` is true and `unless` is not.

    `functions` are those it calls that CEL does not have.
    """

    when: str
    unless: str
    functions: tuple[str, ...]


def rule_as_cel(compiled: CompiledRule, lists: Lists) -> Exported:
    """A rule's conditions in CEL, with its lists written out. Raises `NotInCelError`."""
    calls = {
        part.function
        for line in (*compiled.when, *compiled.unless)
        for part in walk(line.expression)
        if isinstance(part, Call)
    }
    return Exported(
        _lines(compiled.when, "&&", lists) or "true",
        _lines(compiled.unless, "||", lists) or "false",
        tuple(sorted(calls & FOREIGN)),
    )


def _lines(lines: tuple[Condition, ...], operator: str, lists: Lists) -> str:
    return f" {operator} ".join(as_cel(line.expression, lists) for line in lines)


def as_cel(expression: Expression, lists: Lists) -> str:
    """An expression in CEL: an error there is "unknown" here. Raises `NotInCelError`."""
    return _Exporter(lists).text(expression)


class _Exporter:
    def __init__(self, lists: Lists) -> None:
        self._lists = lists

    def text(self, expression: Expression) -> str:  # noqa: PLR0911 - one answer for each kind of node
        match expression:
            case Const():
                return _literal(expression)
            case Read(name=name):
                return f"v[{_quoted(name)}]"
            case ListRef(name=name):
                return _texts(sorted(self._lists[name]))
            case Not(operand=operand):
                return f"!({self.text(operand)})"
            case And(operands=operands):
                return f"({' && '.join(map(self.text, operands))})"
            case Or(operands=operands):
                return f"({' || '.join(map(self.text, operands))})"
            case Compare(operator=operator, left=left, right=right):
                return f"({self.text(left)} {operator} {self.text(right)})"
            case Call():
                return self._call(expression)

    def _call(self, call: Call) -> str:  # noqa: PLR0911 - one answer for each form
        arguments = [self.text(argument) for argument in call.arguments]
        match call.function:
            case "+" | "-" | "*" | "/":
                return _arithmetic(call.function, *arguments)
            case "missing":
                return f"!({_key(call.arguments[0])} in v)"
            case "default":
                return self._default(call, *arguments)
            case "contains_any":
                return f"{arguments[0]}.matches({_quoted(self._words(call.arguments[1]))})"
            case "min" | "max":
                return _extreme("<" if call.function == "min" else ">", arguments)
        if call.function in _FORMS:
            return _FORMS[call.function](arguments)
        return f"{call.function}({', '.join(arguments)})"

    def _default(self, call: Call, value: str, other: str) -> str:
        return f"({self._known(call.arguments[0])} ? {value} : {other})"

    def _known(self, expression: Expression) -> str:
        """A test of whether a value can be said; it never fails itself."""
        match expression:
            case Const() | ListRef() | Call(function="missing" | "default"):
                return "true"
            case Read():
                return f"{_key(expression)} in v"
            case Call(function="domain_of" | "ip_in" as function):
                raise NotInCelError(f"`default` of `{function}`, which may not know itself")
        parts = [self._known(child) for child in children(expression)]
        if isinstance(expression, Call) and expression.function == "/":
            parts.append(f"{self.text(expression.arguments[1])} != 0.0")
        return f"({' && '.join(parts)})"

    def _words(self, words: Expression) -> str:
        if isinstance(words, ListRef):
            return word_pattern(self._lists[words.name])
        value = words.value if isinstance(words, Const) else ()
        return word_pattern(frozenset(value if isinstance(value, tuple) else ()))


def _key(expression: Expression) -> str:
    return _quoted(expression.name) if isinstance(expression, Read) else '""'


def _literal(const: Const) -> str:
    match const.value:
        case bool():
            return str(const.value).lower()
        case int() | float():
            return repr(float(const.value))
        case str():
            return _quoted(const.value)
        case _:
            return _texts(const.value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _texts(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _arithmetic(operator: str, left: str, right: str) -> str:
    if operator == "/":
        return f"({right} != 0.0 ? {left} / {right} : {_ERROR})"
    return f"({left} {operator} {right})"


def _extreme(operator: str, arguments: list[str]) -> str:
    first, *others = arguments
    for other in others:
        first = f"({first} {operator} {other} ? {first} : {other})"
    return first


def _moment(arguments: list[str], method: str) -> str:
    at, zone = (*arguments, '"UTC"')[:2]
    return f"timestamp(int({at})).{method}({zone})"


# CEL counts days from Sunday as 0, we from Monday as 1.
_FORMS: Mapping[str, Callable[[list[str]], str]] = {
    "in": lambda a: f"({a[0]} in {a[1]})",
    "matches": lambda a: f"{a[0]}.matches({a[1]})",
    "contains": lambda a: f"{a[0]}.contains({a[1]})",
    "starts_with": lambda a: f"{a[0]}.startsWith({a[1]})",
    "ends_with": lambda a: f"{a[0]}.endsWith({a[1]})",
    # The test is there to fail when the other list is missing, which `exists` may not notice.
    "overlaps": lambda a: f"(size({a[1]}) >= 0 ? {a[0]}.exists(x, x in {a[1]}) : false)",
    "length": lambda a: f"double(size({a[0]}))",
    "abs": lambda a: f"({a[0]} < 0.0 ? -{a[0]} : {a[0]})",
    "hour": lambda a: f"double({_moment(a, 'getHours')})",
    "weekday": lambda a: f"double(({_moment(a, 'getDayOfWeek')} + 6) % 7 + 1)",
}
