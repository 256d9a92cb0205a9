"""How good are the tests beside a rule? Changes it a little and asks whether a test notices."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from safety.domain.features import Kind, Values
from safety.ruleset.bundle import Bundle
from safety.ruleset.coercion import comparison, with_default
from safety.ruleset.compiled import CompiledRule, Condition
from safety.ruleset.interpret import Lists, outcome
from safety.ruleset.ir import And, Call, Compare, Const, Expression, Not, Or, canonical
from safety.ruleset.normal import definitely_true
from safety.ruleset.printed import written
from safety.ruleset.proof import example

_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_TENTH = 0.1
_UNITS = (86_400.0, 3600.0, 60.0)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One small change of a rule: the line before and after it, or no line after."""

    line: Condition
    change: str


@dataclass(frozen=True, slots=True)
class Survey:
    """What came of the mutants of one rule."""

    compiled: CompiledRule
    tried: int
    survivors: tuple[Mutant, ...]


def survey(bundle: Bundle) -> Iterator[Survey]:
    """The surviving mutants of every rule that has tests."""
    for compiled in bundle.compiled:
        if compiled.tests:
            yield _surveyed(bundle, compiled)


def _surveyed(bundle: Bundle, compiled: CompiledRule) -> Survey:
    cases = [(example(bundle, compiled, test), test.matches) for test in compiled.tests]
    when = [line.expression for line in compiled.when]
    unless = [line.expression for line in compiled.unless]
    tried = 0
    survivors = []
    for mutant, changed_when, changed_unless in _mutants(compiled, when, unless):
        tried += 1
        lists = bundle.values_of_lists
        if all(_fires(changed_when, changed_unless, v, lists) == wanted for v, wanted in cases):
            survivors.append(mutant)
    return Survey(compiled, tried, tuple(survivors))


def _fires(
    when: Sequence[Expression], unless: Sequence[Expression], values: Values, lists: Lists
) -> bool:
    met = all(outcome(line, values, lists) is True for line in when)
    return met and not any(outcome(line, values, lists) is True for line in unless)


def _mutants(
    compiled: CompiledRule, when: list[Expression], unless: list[Expression]
) -> Iterator[tuple[Mutant, list[Expression], list[Expression]]]:
    """Each change, with the lines as they are then."""
    for place, line in enumerate(compiled.when):
        for change, changed in _changes(line):
            lines = [*when[:place], *changed, *when[place + 1 :]]
            yield Mutant(line, change), lines, unless
    for place, line in enumerate(compiled.unless):
        for change, changed in _changes(line):
            lines = [*unless[:place], *changed, *unless[place + 1 :]]
            yield Mutant(line, change), when, lines


def _changes(line: Condition) -> Iterator[tuple[str, list[Expression]]]:
    yield "drop the line", []
    before = canonical(definitely_true(line.expression))
    seen = {before}
    for changed in _variants(line.expression):
        text = canonical(definitely_true(changed))
        if text not in seen:
            seen.add(text)
            yield f"`{written(changed)}`", [changed]


def _variants(expression: Expression) -> Iterator[Expression]:
    """The expression with one threshold moved or one operator turned, in every possible way."""
    match expression:
        case Compare():
            yield replace(expression, operator=_OPPOSITE[expression.operator])
            yield from _inside(expression, "left", expression.left)
            yield from _inside(expression, "right", expression.right)
        case And(operands=operands) | Or(operands=operands):
            turned = Or if isinstance(expression, And) else And
            yield turned(operands, expression.span)
            yield from _each(operands, lambda changed: replace(expression, operands=changed))
        case Not(operand=operand):
            yield operand
            yield from (Not(changed, expression.span) for changed in _variants(operand))
        case Call(function="default", arguments=(value, Const() as other)):
            for changed in _variants(value):
                if expression.kind is Kind.BOOL:
                    yield with_default(changed, other)
                else:
                    yield replace(expression, arguments=(changed, other))
        case Call():
            if expression.kind is Kind.BOOL:
                yield Not(expression, expression.span)
            yield from _each(
                expression.arguments, lambda changed: replace(expression, arguments=changed)
            )
        case Const():
            yield from _moved(expression)


def _inside(compare: Compare, side: str, part: Expression) -> Iterator[Expression]:
    for changed in _variants(part):
        left = changed if side == "left" else compare.left
        right = changed if side == "right" else compare.right
        yield comparison(compare.operator, left, right, compare.span)


def _each(
    parts: tuple[Expression, ...], build: Callable[[tuple[Expression, ...]], Expression]
) -> Iterator[Expression]:
    for place, part in enumerate(parts):
        for changed in _variants(part):
            yield build((*parts[:place], changed, *parts[place + 1 :]))


def _moved(const: Const) -> Iterator[Const]:
    value = const.value
    if isinstance(value, bool | str | tuple):
        return
    for number in (value - _step(const.kind, value), value + _step(const.kind, value)):
        yield replace(const, value=number if const.kind is Kind.INT else round(number, 9))


def _step(kind: Kind, value: float) -> float:
    """One for whole numbers, one of the next smaller unit for times, a tenth for all others."""
    if kind is Kind.INT:
        return 1
    if kind in {Kind.DURATION, Kind.TIME}:
        return next((unit for unit in _UNITS if unit <= value / 8), 1.0)
    return abs(value) * _TENTH or _TENTH
