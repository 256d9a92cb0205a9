"""Many events as columns: numbers as arrays, everything else as codes of a dictionary of values."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safety.domain.features import Value, Values

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]

MISSING = -1
# Whole numbers beyond this are not all floats: such a column is kept as a dictionary.
LARGEST_EXACT = 2**53


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """A column of numbers, NaN where the value is missing. `whole` says that they are ints."""

    values: Floats
    whole: bool = False

    def at(self, rows: Rows) -> list[Value | None]:
        """The values of some rows, None where there is none."""
        given = self.values[rows].tolist()
        if self.whole:
            return [None if isnan(number) else int(number) for number in given]
        return [None if isnan(number) else number for number in given]

    def is_missing(self, rows: Rows) -> Mask:
        """Which of these rows have no value."""
        return np.isnan(self.values[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A column whose rows point into a table of distinct values; -1 where the value is missing."""

    codes: Codes
    table: Sequence[Value]

    def at(self, rows: Rows) -> list[Value | None]:
        """The values of some rows, None where there is none."""
        table = (*self.table, None)
        return [table[code] for code in self.codes[rows].tolist()]

    def is_missing(self, rows: Rows) -> Mask:
        """Which of these rows have no value."""
        missing: Mask = self.codes[rows] == MISSING
        return missing


Column = Numbers | Coded


class Columns:
    """Rows of features by column. A feature without a column is missing in every row.

    `load` gives a column by its name, or None; it is asked once for each name.
    """

    def __init__(self, size: int, load: Callable[[str], Column | None]) -> None:
        self.size = size
        self._load = load
        self._columns: dict[str, Column | None] = {}

    def column(self, name: str) -> Column | None:
        """The column of a feature, or None when no row has a value."""
        if name not in self._columns:
            self._columns[name] = self._load(name)
        return self._columns[name]

    def put(self, name: str, column: Column) -> None:
        """Set a column, in place of the one of that name."""
        self._columns[name] = column

    def rows(self) -> Rows:
        """All rows."""
        return np.arange(self.size, dtype=np.intp)

    def at(self, name: str, rows: Rows) -> list[Value | None]:
        """A feature's values in some rows, None where it is missing."""
        column = self.column(name)
        return [None] * len(rows) if column is None else column.at(rows)

    def values(self, names: Iterable[str], rows: Rows) -> list[dict[str, Value]]:
        """Some rows as mappings of these features; what is missing is absent."""
        mappings: list[dict[str, Value]] = [{} for _ in range(len(rows))]
        for name in names:
            if self.column(name) is not None:
                for mapping, value in zip(mappings, self.at(name, rows), strict=True):
                    if value is not None:
                        mapping[name] = value
        return mappings

    def missing(self, name: str, rows: Rows) -> int:
        """In how many of these rows a feature is missing."""
        column = self.column(name)
        return len(rows) if column is None else int(column.is_missing(rows).sum())


def columns_of(events: Sequence[Values]) -> Columns:
    """Events in memory as columns."""
    gathered = gather(events, len(events))
    return Columns(len(events), gathered.get)


def gather(events: Iterable[Mapping[str, Any]], size: int) -> dict[str, Column]:
    """One column for each feature that any of so many events has; they are not held in memory."""
    lists: dict[str, list[Value | None]] = {}
    for place, event in enumerate(events):
        for name, value in event.items():
            known = lists.get(name)
            if known is None:
                known = lists[name] = [None] * size
            known[place] = value
    columns: dict[str, Column] = {}
    while lists:
        name, values = lists.popitem()
        column = encode(values)
        if column is not None:
            columns[name] = column
    return columns


def encode(values: Sequence[Value | None]) -> Column | None:
    """A column of these values; None (and NaN) is missing. None when there is no value at all."""
    kinds = {type(value) for value in values} - {type(None)}
    if kinds and kinds <= {int, float} and _is_exact(values):
        numbers = np.array([nan if value is None else value for value in values], np.float64)
        if np.isnan(numbers).all():
            return None
        return Numbers(numbers, whole=kinds == {int})
    codes: list[int] = []
    table: dict[Any, int] = {}
    for value in values:
        if value is None or value != value:  # noqa: PLR0124 - only NaN differs from itself
            codes.append(MISSING)
        else:  # 1, 1.0 and True are one key of a dictionary, and not one value
            key = value if type(value) is str else (type(value), value)
            codes.append(table.setdefault(key, len(table)))
    known = [key if type(key) is str else key[1] for key in table]
    return Coded(np.array(codes, np.int32), known) if known else None


def _is_exact(values: Iterable[Any]) -> bool:
    return all(
        type(value) is not int or -LARGEST_EXACT <= value <= LARGEST_EXACT for value in values
    )
