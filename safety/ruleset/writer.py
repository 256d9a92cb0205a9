"""Writes conditions as Python text that is made of our own names and pooled constants only.

Missing values are None, and NaN for numbers, so that most tests are false on them by themselves.
"""

import math
from collections.abc import Callable

from safety.domain.features import Kind
from safety.ruleset.functions import FUNCTIONS
from safety.ruleset.interpret import Lists, applied, compared
from safety.ruleset.ir import And, Call, Compare, Const, Expression, ListRef, Not, Or, Read, reads
from safety.ruleset.patterns import SCANNED_FUNCTIONS, Scanner
from safety.ruleset.pool import Pool, first_known, total
from safety.ruleset.scans import Scan, pattern_of

NUMERIC = frozenset({Kind.INT, Kind.FLOAT, Kind.DURATION, Kind.TIME})

# Thresholds of one number are tested loosest first, so the sign says which way is loose.
_CHAINED = {">": ("above", 1), ">=": ("above", 1), "<": ("below", -1), "<=": ("below", -1)}


class Writer:
    """Writes the tests of one function. The same condition is always written the same way."""

    def __init__(self, lists: Lists, pool: Pool) -> None:
        self._lists = lists
        self._pool = pool
        self._variables: dict[str, tuple[str, Kind]] = {}
        self._patterns: dict[str, list[str]] = {}

    def variables(self, expression: Expression) -> frozenset[str]:
        """The features that an expression's text needs to be loaded before it."""
        return frozenset(self._variable(read) and read.name for read in reads(expression))

    def load(self, name: str) -> str:
        """The statement that loads a feature."""
        variable, kind = self._variables[name]
        missing = ", nan" if kind in NUMERIC else ""
        return f"{variable} = get({self._pool.name(name)}{missing})"

    def prelude(self) -> list[str]:
        """The statements that come first: no text has been scanned yet."""
        return [f"h{self._variables[name][0][1:]} = None" for name in sorted(self._patterns)]

    def finish(self) -> tuple[Scan, ...]:
        """Build the scanners once all patterns are known."""
        scans = []
        for name, patterns in self._patterns.items():
            scanner = Scanner(patterns)
            self._pool.namespace[f"scan{self._variables[name][0][1:]}"] = scanner.hits
            scans.append(Scan(name, tuple(patterns), scanner))
        return tuple(scans)

    def test(self, expression: Expression) -> str:  # noqa: PLR0911 - one answer for each kind of node
        """A text that is truthy exactly when a normal form is definitely true."""
        match expression:
            case And():
                return f"({' and '.join(map(self.test, expression.operands))})"
            case Or():
                return f"({' or '.join(map(self.test, expression.operands))})"
            case Not():
                return self._negative(expression.operand)
            case Compare():
                return self._compare(expression)
            case Const():
                return "True" if expression.value is True else "False"
            case Call():
                return self._positive(expression)
            case _:
                return self.value(expression)

    def value(  # noqa: PLR0911 - one answer for each kind of node
        self, expression: Expression
    ) -> str:
        """A text that gives an expression's value."""
        match expression:
            case Read():
                return self._variable(expression)
            case Const():
                return self._constant(expression)
            case ListRef():
                return self._pool.name(self._lists[expression.name])
            case Call(function="default"):
                return self._default(expression)
            case Call(function="missing"):
                return f"({self._positive(expression)})"
            case Call():
                return self._lifted(expression)
            case Compare():
                return self._compared(expression)
        raise AssertionError(expression)  # the checker lets conditions be values nowhere else

    def group(self, expression: Expression) -> tuple[str, str, float, bool]:
        """Which tests of one block share work: how, on which variable, and in which order."""
        match expression:
            case Compare(operator=word, left=Read() as read, right=Const(value=value)) if (
                word in _CHAINED and isinstance(value, int | float)
            ):
                kind, sign = _CHAINED[word]
                return kind, self._variable(read), sign * value, word in {">", "<"}
            case Compare(operator="==", left=Read() as read, right=Const(value=str())):
                return "equal", self._variable(read), 0, False
            case Call(function="in", arguments=(Const(), Read() as read)):
                return "inside", self._variable(read), 0, False
            case Call(function=function, arguments=(Read() as read, _)) if (
                function in SCANNED_FUNCTIONS
            ):
                return "hit", self._variable(read), 0, False
        return "alone", "", 0, False

    def _variable(self, read: Read) -> str:
        if read.name not in self._variables:
            self._variables[read.name] = (f"v{len(self._variables)}", read.kind)
        return self._variables[read.name][0]

    def _constant(self, const: Const) -> str:
        if isinstance(const.value, bool):
            return str(const.value)
        if isinstance(const.value, int | float):
            return repr(const.value) if const.value >= 0 else f"({const.value!r})"
        value = frozenset(const.value) if isinstance(const.value, tuple) else const.value
        return self._pool.name(value)

    def _compare(self, compare: Compare) -> str:
        left, right = compare.left, compare.right
        if left.kind in NUMERIC:
            if compare.operator != "!=":
                return f"{self.value(left)} {compare.operator} {self.value(right)}"
            if isinstance(left, Read) and isinstance(right, Const):
                name, number = self.value(left), self.value(right)
                return f"({name} < {number} or {name} > {number})"
        elif isinstance(left, Read) and isinstance(right, Const):
            name, constant = self.value(left), self.value(right)
            guard = f"{name} is not None and " if compare.operator == "!=" else ""
            return f"({guard}{name} {compare.operator} {constant})"
        return self._compared(compare)

    def _compared(self, compare: Compare) -> str:
        """A comparison that is None where it is unknown."""
        key = ("compare", compare.operator)
        helper = self._pool.name(comparing(compare.operator), key)
        return f"{helper}({self.value(compare.left)}, {self.value(compare.right)})"

    def _positive(self, call: Call) -> str:  # noqa: PLR0911 - one answer for each function
        arguments = call.arguments
        match call.function, arguments:
            case "missing", (Read() as read,):
                name = self.value(read)
                return f"{name} != {name}" if read.kind in NUMERIC else f"{name} is None"
            case "in", (Read() as item, Const() | ListRef() as container):
                return f"{self.value(item)} in {self.value(container)}"
            case "in", (Const() as item, Read() as container):
                name = self.value(container)
                return f"({name} and {self.value(item)} in {name})"
            case "overlaps", (Read() as some, Const() | ListRef() as others):
                name = self.value(some)
                return f"({name} and not {self.value(others)}.isdisjoint({name}))"
            case "contains", (Read() as text, Const() as part):
                return f"({self.value(text)} and {self.value(part)} in {self.value(text)})"
            case (("starts_with" | "ends_with" as function), (Read() as text, Const() as part)):
                method = function.replace("_", "")
                return f"({self.value(text)} and {self.value(text)}.{method}({self.value(part)}))"
            case function, (Read() as text, words) if function in SCANNED_FUNCTIONS:
                return f"({self.value(text)} is not None and {self._hit(function, text, words)})"
            case "default", _:
                return self._default(call)
        return self._lifted(call)

    def _negative(self, atom: Expression) -> str:
        """A text that is truthy exactly when an atom is definitely false."""
        match atom:
            case Call(function="missing", arguments=(Read() as read,)):
                name = self.value(read)
                return f"{name} == {name}" if read.kind in NUMERIC else f"{name} is not None"
            case Call(function="in", arguments=(Read() as item, Const() | ListRef() as container)):
                name = self.value(item)
                return f"({name} is not None and {name} not in {self.value(container)})"
            case Call(function="in", arguments=(Const() as item, Read() as container)):
                name = self.value(container)
                return f"({name} is not None and {self.value(item)} not in {name})"
            case Call(function=function, arguments=(Read() as text, words)) if (
                function in SCANNED_FUNCTIONS
            ):
                hit = self._hit(function, text, words)
                return f"({self.value(text)} is not None and not {hit})"
        return f"{self.value(atom)} is False"

    def _hit(self, function: str, text: Read, words: Expression) -> str:
        """Whether a pattern is among those that one scan of the text found."""
        name = self._variable(text)
        patterns = self._patterns.setdefault(text.name, [])
        pattern = pattern_of(function, words, self._lists)
        if pattern not in patterns:
            patterns.append(pattern)
        hits, scanner = f"h{name[1:]}", f"scan{name[1:]}"
        return f"{patterns.index(pattern)} in ({hits} or ({hits} := {scanner}({name})))"

    def _default(self, call: Call) -> str:
        value, other = call.arguments
        if not isinstance(value, Read):
            helper = self._pool.name(first_known, "first known")
            return f"{helper}({self.value(value)}, {self.value(other)})"
        name = self._variable(value)
        is_known = f"{name} == {name}" if value.kind in NUMERIC else f"{name} is not None"
        return f"({name} if {is_known} else {self.value(other)})"

    def _lifted(self, call: Call) -> str:
        """A call of a function that knows what to do with missing values."""
        key = (call.function, call.kind in NUMERIC)
        helper = self._pool.name(lifted(*key), key)
        return f"{helper}({', '.join(map(self.value, call.arguments))})"


def comparing(operator: str) -> Callable[..., object]:
    """A comparison of two values, either of which may be missing."""
    return total(lambda a, b: compared(operator, a, b), None)


def lifted(function: str, is_number: bool) -> Callable[..., object]:
    """A function or operator of the language that knows what to do with missing values."""
    missing = math.nan if is_number else None
    if function in FUNCTIONS:
        return total(FUNCTIONS[function].meaning, missing)
    return total(lambda *arguments: applied(function, *arguments), missing)
