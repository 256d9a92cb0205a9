"""Turns a condition's text into a typed tree, or says what is wrong with it. It never runs it."""

import ast
from collections.abc import Callable
from typing import TypeGuard

from safety.domain.features import Kind
from safety.ruleset.calls import CallChecker
from safety.ruleset.coercion import (
    as_operand,
    comparison,
    described,
    membership,
    renamed,
    result_kind,
)
from safety.ruleset.functions import NUMBERS
from safety.ruleset.ir import And, Call, Const, Expression, ListRef, Not, Or, Span, is_larger
from safety.ruleset.scope import Scope
from safety.ruleset.tokens import MAX_NESTING, Followup, Mistake, check_tokens
from safety.ruleset.window_calls import dotted

MAX_NUMBER = 1e15
# Of a condition with its `let` names written out. Python's own parser stops at 200 brackets.
MAX_PARTS = 1000
MAX_DEPTH = 40

_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/",
}  # fmt: skip
_PLAIN_NAMES = {
    "IfExp": "`if ... else` expressions", "Lambda": "functions of your own",
    "Subscript": "subscripts",
    "JoinedStr": "f-strings", "ListComp": "comprehensions", "GeneratorExp": "comprehensions",
    "NamedExpr": "assignments", "Starred": "stars", "Set": "sets", "Dict": "mappings",
    "Await": "`await` expressions", "Yield": "`yield` expressions",
}  # fmt: skip
_BOOLS = {"true": True, "True": True, "false": False, "False": False}


def check_condition(text: str, scope: Scope) -> Expression:
    """The condition as a typed tree. Raises `Mistake` when it is not one that is true or false."""
    expression = check_expression(text, scope)
    if expression.kind is not Kind.BOOL:
        message = f"this is {expression.kind.value}, not a condition that is true or false"
        raise Mistake("type", message, (0, len(text)), "compare it with something")
    return expression


def check_expression(text: str, scope: Scope) -> Expression:
    """Any expression, as `let` may name it. Raises `Mistake`."""
    check_tokens(text)
    positions = _Positions(text)
    try:
        tree = ast.parse(f"(\n{text}\n)", mode="eval")
    except SyntaxError as trouble:
        span = positions.at(trouble.lineno or 2, (trouble.offset or 1) - 1)
        raise Mistake("syntax", f"cannot read this: {trouble.msg}", span) from None
    except (ValueError, RecursionError, MemoryError):
        raise Mistake("syntax", "cannot read this condition", (0, len(text))) from None
    expression = Checker(scope, positions).visit(tree.body, 1)
    if is_larger(expression, MAX_PARTS, MAX_DEPTH):
        message = f"written out, this has more than {MAX_PARTS} parts or {MAX_DEPTH} levels"
        hint = "use fewer `let` names that stand for other names"
        raise Mistake("too-deep", message, (0, len(text)), hint)
    return expression


class _Positions:
    """Translates the parser's lines and byte columns into characters of the condition."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def at(self, line: int, column: int) -> Span:
        """One character; the first line of the condition is the parser's second."""
        row = max(line - 2, 0)
        if row >= len(self._lines):
            end = self._starts[-1] - 1
            return (max(end - 1, 0), end)
        start = self._starts[row] + min(column, len(self._lines[row]))
        return (start, start + 1)

    def of(self, node: ast.expr) -> Span:
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return self._offset(node.lineno, node.col_offset), self._offset(end_line, end_column)

    def _offset(self, line: int, byte_column: int) -> int:
        row = min(max(line - 2, 0), len(self._lines) - 1)
        text = self._lines[row]
        ahead = (
            byte_column
            if text.isascii()
            else len(text.encode()[:byte_column].decode("utf-8", "ignore"))
        )
        return self._starts[row] + ahead


class Checker:
    """Visits a parsed condition; every kind of node that is not listed is refused."""

    def __init__(self, scope: Scope, positions: _Positions) -> None:
        self.scope = scope
        self._positions = positions
        self._visitors: dict[type[ast.expr], Callable[..., Expression]] = {
            ast.BoolOp: self._bool_op,
            ast.UnaryOp: self._unary_op,
            ast.BinOp: self._bin_op,
            ast.Compare: self._compare,
            ast.Call: CallChecker(self).call,
            ast.Constant: self._constant,
            ast.List: self._list,
            ast.Tuple: self._list,
            ast.Attribute: self._name,
            ast.Name: self._name,
        }

    def span(self, node: ast.expr) -> Span:
        """Where a node stands in the condition."""
        return self._positions.of(node)

    def visit(self, node: ast.expr, depth: int) -> Expression:
        """The typed tree of a node at this depth of nesting."""
        span = self.span(node)
        if depth > MAX_NESTING:
            raise Mistake(
                "too-deep", f"nested deeper than {MAX_NESTING}", span, "split the condition"
            )
        visitor = self._visitors.get(type(node))
        if visitor is None:
            name = type(node).__name__
            raise Mistake(
                "not-in-language", f"{_PLAIN_NAMES.get(name, name)} are not in the language", span
            )
        return visitor(node, span, depth + 1)

    def _bool_op(self, node: ast.BoolOp, span: Span, depth: int) -> Expression:
        operands = tuple(self._condition(value, depth) for value in node.values)
        return And(operands, span) if isinstance(node.op, ast.And) else Or(operands, span)

    def _condition(self, node: ast.expr, depth: int) -> Expression:
        expression = self.visit(node, depth)
        if expression.kind is not Kind.BOOL:
            message = f"`and`, `or` and `not` join conditions, and this is {expression.kind.value}"
            raise Mistake("type", message, self.span(node), "compare it with something")
        return expression

    def _unary_op(self, node: ast.UnaryOp, span: Span, depth: int) -> Expression:
        if isinstance(node.op, ast.Not):
            return Not(self._condition(node.operand, depth), span)
        operand = self.visit(node.operand, depth)
        if isinstance(node.op, ast.USub) and isinstance(operand, Const) and operand.kind in NUMBERS:
            assert isinstance(operand.value, int | float)  # noqa: S101 - tells the type checker
            return Const(-operand.value, operand.kind, span)
        message = "only a number that is written out can have a sign"
        raise Mistake("not-in-language", message, span, "write `0 - ...`")

    def _bin_op(self, node: ast.BinOp, span: Span, depth: int) -> Expression:
        operator = _ARITHMETIC.get(type(node.op))
        if operator is None:
            raise Mistake("not-in-language", "this operator is not in the language", span)
        left, right = self.visit(node.left, depth), self.visit(node.right, depth)
        left, right = as_operand(left, right.kind), as_operand(right, left.kind)
        kind = result_kind(operator, left.kind, right.kind)
        if kind is None:
            raise Mistake(
                "type",
                f"cannot apply `{operator}` to {described(left)} and {described(right)}",
                span,
            )
        return Call(operator, (left, right), kind, span)

    def _compare(self, node: ast.Compare, span: Span, depth: int) -> Expression:
        if len(node.ops) > 1:
            hint = "write two comparisons joined by `and`"
            raise Mistake(
                "not-in-language", "chained comparisons are not in the language", span, hint
            )
        left = self.visit(node.left, depth)
        options = self._numbers(node.comparators[0], depth)
        if options and isinstance(node.ops[0], ast.In | ast.NotIn):
            equal = tuple(comparison("==", left, option, span) for option in options)
            return (
                Or(equal, span) if isinstance(node.ops[0], ast.In) else Not(Or(equal, span), span)
            )
        right = self.visit(node.comparators[0], depth)
        match node.ops[0]:
            case ast.In():
                return membership(left, right, span)
            case ast.NotIn():
                return Not(membership(left, right, span), span)
            case ast.Is() | ast.IsNot():
                raise Mistake(
                    "spelling", "`is` is not used here", span, "write `==`, or `missing(x)`"
                )
        return comparison(_COMPARISONS[type(node.ops[0])], left, right, span)

    def _numbers(self, node: ast.expr, depth: int) -> list[Expression]:
        """The items of a list of numbers; nothing when it is not one."""
        if not isinstance(node, ast.List | ast.Tuple):
            return []
        items = [item.operand if _is_negative(item) else item for item in node.elts]
        if not all(isinstance(i, ast.Constant) and type(i.value) in {int, float} for i in items):
            return []
        return [self.visit(item, depth) for item in node.elts]

    def _constant(self, node: ast.Constant, span: Span, _depth: int) -> Expression:
        value = node.value
        if isinstance(value, bool):
            return Const(value, Kind.BOOL, span)
        if isinstance(value, int | float):
            if abs(value) > MAX_NUMBER:
                raise Mistake("number", "this number is too large", span)
            return Const(value, Kind.INT if isinstance(value, int) else Kind.FLOAT, span)
        if isinstance(value, str):
            return Const(value, Kind.STRING, span)
        raise Mistake(
            "not-in-language", f"`{value!r}` is not in the language", span, "use `missing(x)`"
        )

    def _list(self, node: ast.List | ast.Tuple, span: Span, depth: int) -> Expression:
        items = [self.visit(item, depth) for item in node.elts]
        texts = tuple(i.value for i in items if isinstance(i, Const) and isinstance(i.value, str))
        if not texts or len(texts) != len(items):
            message = 'a list holds texts or numbers, such as ["NL", "DE"] or [1, 2]'
            raise Mistake("type", message, span)
        return Const(tuple(dict.fromkeys(texts)), Kind.STRINGS, span)

    def _name(self, node: ast.Name | ast.Attribute, span: Span, _depth: int) -> Expression:
        path = dotted(node)
        if path is None:
            raise Mistake("not-in-language", "only features have parts", span)
        if path in _BOOLS:
            return Const(_BOOLS[path], Kind.BOOL, span)
        if path in self.scope.lets:
            self.scope.used.add(path)
            return renamed(self.scope.lets[path], path, span)
        if path in self.scope.broken:
            raise Followup
        group, _, rest = path.partition(".")
        if group == "lists" and rest:
            return ListRef(self.scope.list_name(rest, span), Kind.STRINGS, span)
        return self.scope.read(path, span)


def _is_negative(node: ast.expr) -> TypeGuard[ast.UnaryOp]:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
