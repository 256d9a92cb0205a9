"""Insert statements in the driver's own dialect, for rows that come by the hundred.

SQLAlchemy's constructs cost more per row than the database does; these take plain tuples.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum, auto
from functools import cache
from itertools import chain
from typing import Any, Final

from sqlalchemy import Connection, Table

Rows = Sequence[tuple[Any, ...]]

_LARGEST_CHUNK: Final = 64


class Change(Enum):
    """What a new row does to a value of the row that is there."""

    REPLACE = auto()
    ADD = auto()
    LEAST = auto()
    MOST = auto()


_SQLITE: Final = {
    Change.REPLACE: "{new}",
    Change.ADD: "{old} + {new}",
    Change.LEAST: "MIN({old}, {new})",
    Change.MOST: "MAX({old}, {new})",
}
_POSTGRESQL: Final = _SQLITE | {
    Change.LEAST: "LEAST({old}, {new})",
    Change.MOST: "GREATEST({old}, {new})",
}


def insert_new(connection: Connection, table: Table, columns: tuple[str, ...], rows: Rows) -> int:
    """Insert rows, leaving out those that break a uniqueness rule; return how many went in."""
    if not rows:
        return 0
    style = connection.dialect.paramstyle
    if style != "qmark":
        return connection.exec_driver_sql(_insert(style, table, columns, ()), rows).rowcount
    inserted = 0
    for chunk in _chunks(rows):
        statement = _insert(style, table, columns, (), len(chunk))
        flat = tuple(chain.from_iterable(chunk))
        inserted += connection.exec_driver_sql(statement, flat).rowcount
    return inserted


def _chunks(rows: Rows) -> Iterator[Rows]:
    """The rows of one statement each: powers of two, so that few texts are prepared.

    SQLite's driver gives the interpreter away and asks for it back once per row of `executemany`,
    and a busy thread makes it wait each time; once per statement costs a fraction.
    """
    done = 0
    while left := len(rows) - done:
        count = min(_LARGEST_CHUNK, 1 << (left.bit_length() - 1))
        yield rows[done : done + count]
        done += count


def insert_or_replace(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Rows
) -> None:
    """Insert rows; one whose primary key is there already takes the place of the older."""
    _write(connection, table, columns, rows, dict.fromkeys(columns, Change.REPLACE))


def insert_or_join(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Rows,
    changes: Mapping[str, Change],
) -> None:
    """Insert rows; one whose primary key is there already changes the older as `changes` says.

    No two of the rows may have the same key. They are written in one order everywhere, so that two
    processes never wait for each other in a circle.
    """
    places = [columns.index(column.name) for column in table.primary_key]
    ordered = sorted(rows, key=lambda row: [row[place] for place in places])
    _write(connection, table, columns, ordered, changes)


def _write(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Rows,
    changes: Mapping[str, Change],
) -> None:
    if not rows:
        return
    style = connection.dialect.paramstyle
    key = tuple(column.name for column in table.primary_key)
    told = tuple((name, change) for name, change in changes.items() if name not in key)
    if style != "qmark":
        connection.exec_driver_sql(_insert(style, table, columns, told), rows)
        return
    for chunk in _chunks(rows):
        statement = _insert(style, table, columns, told, len(chunk))
        connection.exec_driver_sql(statement, tuple(chain.from_iterable(chunk)))


@cache
def _insert(
    paramstyle: str,
    table: Table,
    columns: tuple[str, ...],
    changes: tuple[tuple[str, Change], ...],
    rows: int = 1,
) -> str:
    mark = "?" if paramstyle == "qmark" else "%s"
    names, marks = ", ".join(columns), ", ".join([mark] * len(columns))
    values = ", ".join([f"({marks})"] * rows)
    insert = f"INSERT INTO {table.name} ({names}) VALUES {values}"  # noqa: S608 -- our own names
    if not changes:
        return f"{insert} ON CONFLICT DO NOTHING"
    key = ", ".join(column.name for column in table.primary_key)
    words = _SQLITE if paramstyle == "qmark" else _POSTGRESQL
    told = ", ".join(
        f"{name} = {words[change].format(old=f'{table.name}.{name}', new=f'excluded.{name}')}"
        for name, change in changes
    )
    return f"{insert} ON CONFLICT ({key}) DO UPDATE SET {told}"
