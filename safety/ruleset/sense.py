"""Does a rule make sense? What is always or never true, and comparisons that mislead."""

from collections.abc import Iterator
from dataclasses import dataclass

from safety.domain.features import Kind
from safety.domain.velocity import Measure
from safety.ruleset.compiled import CompiledRule, Condition
from safety.ruleset.findings import Finding, Level
from safety.ruleset.ir import And, Compare, Const, Expression, Read, canonical, walk
from safety.ruleset.logic import Facts, contradiction, facts_of, follows, parts_of
from safety.ruleset.normal import definitely_false, definitely_true
from safety.ruleset.printed import written


def check_sense(compiled: CompiledRule) -> Iterator[Finding]:
    """Warnings about a rule whose lines are each right by themselves."""
    yield from _float_equality(compiled)
    whens = [_Line(line, definitely_true(line.expression)) for line in compiled.when]
    never = _first_impossible(whens)
    if never:
        line, subject = never
        also = "" if line is compiled.when[0] else " and the lines before"
        shown = _shown(compiled, subject)
        message = f"the rule can never fire: no value of {shown} meets this{also}"
        yield _warning("always-false", message, line)
        return
    yield from _idle_lines(compiled, whens)
    yield from _dead_parts(whens)
    yield from _exclusions(compiled, whens)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of `when` and its normal form."""

    condition: Condition
    normal: Expression


def _first_impossible(lines: list[_Line]) -> tuple[Condition, str] | None:
    for count in range(1, len(lines) + 1):
        subject = contradiction(_all(lines[:count]), {})
        if subject:
            return lines[count - 1].condition, subject
    return None


def _idle_lines(compiled: CompiledRule, lines: list[_Line]) -> Iterator[Finding]:
    """Lines that rule nothing out: by themselves, or beside the others."""
    kept = list(lines)
    for line in reversed(lines):
        opposite = definitely_false(line.condition.expression)
        subject = contradiction(opposite, {})
        if subject:
            shown = _shown(compiled, subject)
            message = f"this is true whatever the value of {shown}"
            hint = "leave it out, or write `not missing(...)` if that is what it asks"
            yield _warning("always-true", message, line.condition, hint)
        others = [other for other in kept if other is not line]
        if others and not subject and contradiction(opposite, facts_of(_all(others), {})):
            kept = others
            message = "the other lines of the rule already say so"
            yield _warning("always-true", message, line.condition, "leave it out")


def _dead_parts(lines: list[_Line]) -> Iterator[Finding]:
    """Alternatives that the other lines make impossible."""
    for line in lines:
        parts = parts_of(line.normal)
        facts = facts_of(_all([other for other in lines if other is not line]), {})
        for part in parts if len(parts) > 1 else ():
            if contradiction(part, facts):
                message = f"`{written(part)}` can never be true here"
                yield _warning("always-false", message, line.condition)


def _exclusions(compiled: CompiledRule, lines: list[_Line]) -> Iterator[Finding]:
    facts: Facts = facts_of(_all(lines), {})
    for exclusion in compiled.unless:
        if contradiction(definitely_true(exclusion.expression), facts):
            message = "this exclusion can never be true when the lines above are"
            yield _warning("always-false", message, exclusion)
        elif follows(exclusion.expression, facts):
            message = "the rule can never fire: this excludes everything that its lines allow"
            yield _warning("always-false", message, exclusion)


def _float_equality(compiled: CompiledRule) -> Iterator[Finding]:
    for line in (*compiled.when, *compiled.unless):
        for part in walk(line.expression):
            if isinstance(part, Compare) and part.operator in {"==", "!="} and _has_fraction(part):
                message = f"`{written(part)}` compares numbers with fractions exactly"
                hint = "use `<`, `<=`, `>` or `>=`"
                yield _warning("float-equality", message, line, hint)


def _has_fraction(compare: Compare) -> bool:
    sides = (compare.left, compare.right)
    whole = all(_is_whole(side) for side in sides)
    return any(side.kind is Kind.FLOAT for side in sides) and not whole


def _is_whole(side: Expression) -> bool:
    """Whether a number surely has no fraction. Totals of whole numbers have none."""
    match side:
        case Const(value=int() | float() as value):
            return float(value).is_integer()
        case Read(window=spec) if spec:
            return spec.measure is Measure.SUM
    return side.kind is Kind.INT


def _all(lines: list[_Line]) -> Expression:
    return definitely_true(And(tuple(line.condition.expression for line in lines)))


def _shown(compiled: CompiledRule, subject: str) -> str:
    names = {canonical(read): read.shown for read in compiled.reads if read.shown}
    return f"`{names.get(subject, subject)}`" if subject != "false" else "any feature"


def _warning(code: str, message: str, line: Condition, hint: str | None = None) -> Finding:
    return Finding(code, message, line.place, hint, Level.WARNING)
