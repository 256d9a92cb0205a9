"""What conditions say of each other: which cannot hold together, and which follows from which.

It reasons about one subject at a time (a feature, a window, a calculated number), so what it finds
is certain and what it does not find may still be so.
"""

from collections.abc import Container, Mapping
from math import inf

from safety.domain.features import Kind
from safety.domain.velocity import Measure
from safety.ruleset.ir import And, Call, Compare, Const, Expression, Not, Or, Read, canonical
from safety.ruleset.normal import FALSE, TRUE, conjuncts, definitely_false
from safety.ruleset.regions import Numbers, Region, Words, between, compared_with

Facts = Mapping[str, Region]
_NUMERIC = frozenset({Kind.INT, Kind.FLOAT, Kind.DURATION, Kind.TIME})
_BOUNDS = {"length": (0, inf), "abs": (0, inf), "hour": (0, 23), "weekday": (1, 7)}


def about(atom: Expression) -> tuple[str, Region, Region | None]:
    """The subject of a test, the values that pass it, and those the subject can have at all."""
    match atom:
        case Compare(operator=operator, left=left, right=Const(value=value)):
            if left.kind in _NUMERIC and isinstance(value, int | float):
                whole = left.kind is Kind.INT
                region = compared_with(operator, value, whole=whole)
                return canonical(left), region, possible(left)
            if operator in {"==", "!="}:
                return canonical(left), Words(frozenset({value}), operator == "!="), None
        case Call(function="in", arguments=(item, Const(value=tuple() as values))):
            return canonical(item), Words(frozenset(values)), None
        case Not(operand=operand):
            subject, passing, bounds = about(operand)
            if isinstance(passing, Words):
                return subject, Words(passing.values, not passing.is_all_but), bounds
    return canonical(atom), Words(frozenset({True})), None


def possible(subject: Expression) -> Numbers | None:
    """The numbers that a subject can be, as far as its nature says."""
    match subject:
        case Read(window=spec) if spec and spec.measure is not Measure.SUM:
            return between(0, inf)
        case Read(name=name) if name.startswith("score."):
            return between(0, 1)
        case Call(function=function) if function in _BOUNDS:
            return between(*_BOUNDS[function])
    return None


def leaves(condition: Expression) -> list[Expression]:
    """The tests of a normal form that must all be true, joins of alternatives left out."""
    return [part for part in conjuncts(condition) if not isinstance(part, Or) and part != TRUE]


def facts_of(condition: Expression, known: Facts, *, bounded: bool = True) -> dict[str, Region]:
    """What is known once a normal form is true, besides what was known before.

    `bounded` takes for granted that every subject is there and within its natural bounds.
    """
    facts = dict(known)
    for leaf in leaves(condition):
        subject, region, bounds = about(leaf)
        before = facts.get(subject)
        if before is None and bounded:
            before = bounds
        facts[subject] = _both(region, before)
    return facts


def contradiction(
    condition: Expression,
    known: Facts,
    *,
    bounded: bool = True,
    present: Container[str] | None = None,
) -> str | None:
    """The subject that keeps a normal form from ever being true, or None.

    With `present` only subjects in it count: any other may be missing, and then nothing is certain.
    """
    if condition == FALSE:
        return "false"
    if isinstance(condition, Or):
        found = [
            contradiction(part, known, bounded=bounded, present=present)
            for part in condition.operands
        ]
        return next((one for one in found if one), None) if all(found) else None
    facts = facts_of(condition, known, bounded=bounded)
    for leaf in leaves(condition):
        subject = about(leaf)[0]
        if facts[subject].is_empty and (present is None or subject in present):
            return subject
    for part in conjuncts(condition):
        if isinstance(part, Or):
            found_inside = contradiction(part, facts, bounded=bounded, present=present)
            if found_inside:
                return found_inside
    return None


def follows(condition: Expression, known: Facts) -> bool:
    """Whether a condition is certainly true wherever these facts are."""
    never = definitely_false(condition)
    return contradiction(never, known, bounded=False, present=known.keys()) is not None


def parts_of(condition: Expression) -> tuple[Expression, ...]:
    """The alternatives of a normal form, or itself alone."""
    return condition.operands if isinstance(condition, Or) else (condition,)


def joined(conditions: "tuple[Expression, ...]") -> Expression:
    """All conditions as one."""
    return And(conditions)


def _both(region: Region, before: Region | None) -> Region:
    match region, before:
        case (Numbers(), Numbers()):
            return region.both(before)
        case (Words(), Words()):
            return region.both(before)
    return region
