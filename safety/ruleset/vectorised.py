"""Which of many events fire a rule: conditions over columns, each test on the survivors only.

Means what the interpreter means. Numbers are compared as arrays; a test of anything else is asked
once for each distinct value, and a test that looks at several such columns row by row.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from safety.domain.features import Value
from safety.ruleset.columns import Coded, Columns, Mask, Numbers, Rows
from safety.ruleset.compiled import CompiledRule
from safety.ruleset.functions import FUNCTIONS
from safety.ruleset.interpret import Lists, outcome
from safety.ruleset.ir import And, Call, Compare, Const, Expression, ListRef, Not, Or, Read, reads
from safety.ruleset.normal import FALSE, TRUE, conjuncts, definitely_false, definitely_true
from safety.ruleset.vector_numbers import COMPARISONS, NUMERIC, numbers_of
from safety.ruleset.weights import weight

Asked = Callable[[Value | None], object]

_FALSE, _TRUE, _UNKNOWN, _UNASKED = range(4)


class Selector:
    """Asks conditions in normal form (see `ruleset.normal`) about rows of one set of columns."""

    def __init__(self, columns: Columns, lists: Lists) -> None:
        self._columns = columns
        self._lists = lists
        self._outcomes: dict[Expression, NDArray[np.int8]] = {}

    def holds(  # noqa: PLR0911 - one answer for each kind of node
        self, condition: Expression, rows: Rows
    ) -> Mask:
        """For which of these rows the condition is definitely true."""
        match condition:
            case And():
                return self._every(condition.operands, rows)
            case Or():
                return self._some(condition.operands, rows)
            case Const():
                return np.full(len(rows), condition.value is True)
            case Not():
                return self._comes_to(_FALSE, condition.operand, rows)
            case Call(function="missing", arguments=(Read(name=name),)):
                return self._missing(name, rows)
            case Compare() if condition.left.kind in NUMERIC:
                compared = self._compare(condition, rows)
                if compared is not None:
                    return compared
        return self._comes_to(_TRUE, condition, rows)

    def _every(self, conditions: Sequence[Expression], rows: Rows) -> Mask:
        """All hold; the cheapest and rarest is asked first, the others about what is left."""
        mask = np.zeros(len(rows), np.bool_)
        places = np.arange(len(rows), dtype=np.intp)
        for condition in sorted(conditions, key=weight):
            places = places[self.holds(condition, rows[places])]
            if not len(places):
                return mask
        mask[places] = True
        return mask

    def _some(self, conditions: Sequence[Expression], rows: Rows) -> Mask:
        mask = np.zeros(len(rows), np.bool_)
        places = np.arange(len(rows), dtype=np.intp)
        for condition in conditions:
            found = self.holds(condition, rows[places])
            mask[places[found]] = True
            places = places[~found]
        return mask

    def _missing(self, name: str, rows: Rows) -> Mask:
        column = self._columns.column(name)
        return np.ones(len(rows), np.bool_) if column is None else column.is_missing(rows)

    def _compare(self, compare: Compare, rows: Rows) -> Mask | None:
        """A comparison of numbers as arrays, or None when floats would not be exact."""
        left = numbers_of(compare.left, self._columns, rows)
        right = None if left is None else numbers_of(compare.right, self._columns, rows)
        if left is None or right is None:
            return None
        mask: Mask = COMPARISONS[compare.operator](left, right)
        if compare.operator == "!=":  # the one comparison that holds for NaN
            mask &= ~(np.isnan(left) | np.isnan(right))
        # Two literals, or a column that is not there: one answer for all.
        return mask if len(mask) == len(rows) else np.full(len(rows), mask[0])

    def _comes_to(self, wanted: int, atom: Expression, rows: Rows) -> Mask:
        mask: Mask = self._atom(atom, rows) == wanted
        return mask

    def _atom(self, atom: Expression, rows: Rows) -> NDArray[np.int8]:
        """What an atom comes to in each row: false, true or unknown."""
        names = {read.name for read in reads(atom)}
        if len(names) > 1:
            return self._row_by_row(atom, sorted(names), rows)
        name = next(iter(names), "")
        ask = self._asked(atom, name)
        match self._columns.column(name) if name else None:
            case Coded() as column:
                return self._by_table(atom, ask, column, rows)
            case Numbers() as column:
                return _by_value(ask, column, rows)
        return np.full(len(rows), _code(ask(None)), np.int8)

    def _by_table(
        self, atom: Expression, ask: Asked, column: Coded, rows: Rows
    ) -> NDArray[np.int8]:
        """Ask once for each value of the dictionary that occurs in these rows."""
        known = self._outcomes.get(atom)
        if known is None:
            known = np.full(len(column.table) + 1, _UNASKED, np.int8)
            known[-1] = _code(ask(None))  # code -1, the missing value
            self._outcomes[atom] = known
        codes = column.codes[rows]
        open_codes = codes[known[codes] == _UNASKED]
        if len(open_codes):
            for code in np.unique(open_codes).tolist():
                known[code] = _code(ask(column.table[code]))
        return known[codes]

    def _asked(self, atom: Expression, name: str) -> Asked:
        """The atom as a question about the one value it looks at."""
        lists = self._lists
        match atom:
            case Call(function=function, arguments=(Read(), Const() | ListRef() as given)) if (
                function in FUNCTIONS
            ):
                other = lists[given.name] if isinstance(given, ListRef) else given.value
                meaning = FUNCTIONS[function].meaning
                return lambda value: None if value is None else meaning(value, other)
        return lambda value: outcome(atom, {} if value is None else {name: value}, lists)

    def _row_by_row(self, atom: Expression, names: list[str], rows: Rows) -> NDArray[np.int8]:
        events = self._columns.values(names, rows)
        codes = [_code(outcome(atom, values, self._lists)) for values in events]
        return np.array(codes, np.int8)


def _by_value(ask: Asked, column: Numbers, rows: Rows) -> NDArray[np.int8]:
    """Ask once for each number that occurs in these rows."""
    _, first, places = np.unique(column.values[rows], return_index=True, return_inverse=True)
    codes = [_code(ask(value)) for value in column.at(rows[first])]
    return np.array(codes, np.int8)[places]


def _code(answer: object) -> int:
    return _UNKNOWN if answer is None else _TRUE if answer else _FALSE


class Fires(NamedTuple):
    """The rows that a rule fires on, and in which of them an unknown exclusion caps it."""

    rows: Rows
    capped: Mask


@dataclass(slots=True)
class _Block:
    """The rules that fire once a path of tests is true, and the tests that may follow."""

    rules: list[int] = field(default_factory=list)
    branches: "dict[Expression, _Block]" = field(default_factory=dict)


class VectorisedRules:
    """Rules of one event type, ready for any columns. Tests that rules share are asked once.

    Only conditions count here: a rule's mode, share and end are for the caller to heed.
    """

    def __init__(self, rules: Sequence[CompiledRule]) -> None:
        self._rules = tuple(rules)
        whens = [And(tuple(line.expression for line in rule.when)) for rule in rules]
        self._root = _tree([conjuncts(definitely_true(when)) for when in whens])
        either = [Or(tuple(line.expression for line in rule.unless)) for rule in rules]
        self._excluded = [definitely_true(unless) for unless in either]
        self._clear = [definitely_false(unless) for unless in either]

    def fires(
        self, columns: Columns, lists: Lists, rows: Rows
    ) -> Iterator[tuple[CompiledRule, Fires]]:
        """Every rule that fires on at least one of these rows."""
        yield from self._below(self._root, Selector(columns, lists), rows)

    def _below(
        self, block: _Block, selector: Selector, rows: Rows
    ) -> Iterator[tuple[CompiledRule, Fires]]:
        for index in block.rules:
            fires = self._unless(index, selector, rows)
            if len(fires.rows):
                yield self._rules[index], fires
        for test, inner in block.branches.items():
            left = rows[selector.holds(test, rows)]
            if len(left):
                yield from self._below(inner, selector, left)

    def _unless(self, index: int, selector: Selector, rows: Rows) -> Fires:
        if self._excluded[index] == FALSE and self._clear[index] == TRUE:
            return Fires(rows, np.zeros(len(rows), np.bool_))
        capped = ~selector.holds(self._clear[index], rows)
        fired = ~capped
        fired[capped] = ~selector.holds(self._excluded[index], rows[capped])
        return Fires(rows[fired], capped[fired])


def _tree(paths: Sequence[Sequence[Expression]]) -> _Block:
    """All rules, merged where they begin with the same tests: shared and rare ones come first."""
    uses: dict[Expression, int] = {}
    for path in paths:
        for test in path:
            uses[test] = uses.get(test, 0) + 1
    price = {test: weight(test) / count for test, count in uses.items()}
    root = _Block()
    for index, path in enumerate(paths):
        if FALSE in path:
            continue
        tests = sorted({test for test in path if test != TRUE}, key=lambda test: price[test])
        block = reduce(lambda at, test: at.branches.setdefault(test, _Block()), tests, root)
        block.rules.append(index)
    return root
