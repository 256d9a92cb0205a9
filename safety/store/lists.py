"""List entries that were added while the service runs; the shipped ones live in files."""

from sqlalchemy import Connection, delete, or_, select

from safety.domain.lists import ListEntry
from safety.store.statements import insert_or_replace
from safety.store.tables import list_entries

# The order of the fields of `ListEntry`.
_COLUMNS = ("list", "value", "source", "created_at", "expires_at")


def add_entry(connection: Connection, entry: ListEntry) -> None:
    """Put a value on a list, replacing the same value's earlier entry."""
    row = (entry.list, entry.value, entry.source, entry.created_at, entry.expires_at)
    insert_or_replace(connection, list_entries, _COLUMNS, [row])


def remove_entry(connection: Connection, list_name: str, value: str) -> bool:
    """Take a value off a list. False when it was not there."""
    gone = delete(list_entries).where(
        list_entries.c.list == list_name, list_entries.c.value == value
    )
    return connection.execute(gone).rowcount == 1


def all_entries(connection: Connection, at: float) -> dict[str, list[ListEntry]]:
    """The entries that count at this moment, by list, each list in the order of its values."""
    columns = list_entries.c
    query = (
        select(*(columns[name] for name in _COLUMNS))
        .where(or_(columns.expires_at.is_(None), columns.expires_at > at))
        .order_by(columns.list, columns.value)
    )
    lists: dict[str, list[ListEntry]] = {}
    for row in connection.execute(query):
        lists.setdefault(row.list, []).append(ListEntry(*row))
    return lists
