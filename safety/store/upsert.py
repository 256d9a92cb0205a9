"""Insert statements that say what happens to a row that is there already."""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert in a database's dialect, to be finished with `on_conflict_do_...`."""
    if dialect == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
