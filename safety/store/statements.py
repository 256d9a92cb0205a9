"""Insert statements in the driver's own dialect, for rows that come by the hundred.

SQLAlchemy's constructs cost more per row than the database does; these take plain tuples.
"""

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table

Rows = Sequence[tuple[Any, ...]]

_LARGEST_CHUNK = 64


def insert_new(connection: Connection, table: Table, columns: tuple[str, ...], rows: Rows) -> int:
    """Insert rows, leaving out those that break a uniqueness rule; return how many went in."""
    if not rows:
        return 0
    style = connection.dialect.paramstyle
    if style != "qmark":
        return connection.exec_driver_sql(_insert(style, table, columns, ()), rows).rowcount
    inserted = done = 0
    while done < len(rows):
        count = _chunk(len(rows) - done)
        flat = tuple(chain.from_iterable(rows[done : done + count]))
        statement = _insert(style, table, columns, (), count)
        inserted += connection.exec_driver_sql(statement, flat).rowcount
        done += count
    return inserted


def _chunk(rows: int) -> int:
    """How many rows go into the next statement: a power of two, so that few texts are prepared.

    SQLite's driver gives the interpreter away and asks for it back once per row of `executemany`,
    and a busy thread makes it wait each time; once per statement costs a fraction.
    """
    return min(_LARGEST_CHUNK, 1 << (rows.bit_length() - 1))


def insert_or_replace(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Rows
) -> None:
    """Insert rows; one whose primary key is there already takes the place of the older."""
    if rows:
        key = tuple(column.name for column in table.primary_key)
        statement = _insert(connection.dialect.paramstyle, table, columns, key)
        connection.exec_driver_sql(statement, rows)


@cache
def _insert(
    paramstyle: str,
    table: Table,
    columns: tuple[str, ...],
    key: tuple[str, ...],
    rows: int = 1,
) -> str:
    mark = "?" if paramstyle == "qmark" else "%s"
    names, marks = ", ".join(columns), ", ".join([mark] * len(columns))
    values = ", ".join([f"({marks})"] * rows)
    insert = f"INSERT INTO {table.name} ({names}) VALUES {values}"  # noqa: S608 -- our own names
    if not key:
        return f"{insert} ON CONFLICT DO NOTHING"
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key)
    return f"{insert} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"
