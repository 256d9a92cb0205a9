"""Brings conditions into the one form that code is generated from: `not` only at the leaves."""

from collections.abc import Iterable

from safety.domain.features import Kind
from safety.ruleset.interpret import outcome
from safety.ruleset.ir import (
    And,
    Compare,
    Const,
    Expression,
    ListRef,
    Not,
    Or,
    Read,
    canonical,
    walk,
)

_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
TRUE = Const(value=True, kind=Kind.BOOL)
FALSE = Const(value=False, kind=Kind.BOOL)


def definitely_true(expression: Expression) -> Expression:
    """A form that is true exactly when the condition is true, and false when false or unknown."""
    return _normal(expression, wanted=True)


def definitely_false(expression: Expression) -> Expression:
    """A form that is true exactly when the condition is false, and false when true or unknown."""
    return _normal(expression, wanted=False)


def conjuncts(expression: Expression) -> tuple[Expression, ...]:
    """What must hold all at once for a normal form to be true."""
    return expression.operands if isinstance(expression, And) else (expression,)


def _normal(expression: Expression, *, wanted: bool) -> Expression:
    match expression:
        case Not():
            return _normal(expression.operand, wanted=not wanted)
        case And() | Or():
            parts = [_normal(operand, wanted=wanted) for operand in expression.operands]
            return _joined(parts, every=isinstance(expression, And) == wanted)
    if not any(isinstance(part, Read | ListRef) for part in walk(expression)):
        known = outcome(expression, {}, {})
        if known is not None:  # what is never known is neither: no form of it is a literal
            return TRUE if known is wanted else FALSE
    if isinstance(expression, Compare):
        return _comparison(expression, wanted=wanted)
    return expression if wanted else Not(expression)


def _comparison(compare: Compare, *, wanted: bool) -> Expression:
    """With the literal on the right, and turned into its opposite instead of negated."""
    left, right, operator = compare.left, compare.right, compare.operator
    if isinstance(left, Const):
        left, right, operator = right, left, _MIRRORED[operator]
    return Compare(operator if wanted else _OPPOSITE[operator], left, right)


def _joined(parts: Iterable[Expression], *, every: bool) -> Expression:
    """Nested joins flattened, repetitions and literals dropped, in canonical order."""
    kept: dict[str, Expression] = {}
    decisive, idle = (FALSE, TRUE) if every else (TRUE, FALSE)
    for part in parts:
        inner = part.operands if isinstance(part, And if every else Or) else (part,)
        kept |= {canonical(piece): piece for piece in inner if piece != idle}
    if any(piece == decisive for piece in kept.values()):
        return decisive
    if not kept:
        return idle
    operands = tuple(kept[text] for text in sorted(kept))
    if len(operands) == 1:
        return operands[0]
    return And(operands) if every else Or(operands)
