"""A decision as it lies in the ledger, and how rows become one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, select, tuple_

from safety.domain.verdicts import Verdict
from safety.store.tables import decisions


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A decision that was read back. Byte fields are UTF-8 JSON, as in `LedgerEntry`."""

    id: str
    tenant: str
    event_id: str
    event_type: str
    actor_id: str
    verdict: Verdict
    decided_at: float
    event_time: float
    ruleset: str
    event: bytes
    facts: bytes
    signals: bytes
    answer: bytes
    item_id: str | None


# In the order of the fields of `StoredDecision`, so that a row can be spread into one.
COLUMNS = (
    "id",
    "tenant",
    "event_id",
    "event_type",
    "actor_id",
    "verdict",
    "decided_at",
    "event_time",
    "ruleset",
    "event",
    "facts",
    "signals",
    "answer",
    "item_id",
)
_VERDICT = COLUMNS.index("verdict")
_VERDICTS = tuple(Verdict)
# SQLite takes 32,766 values in a statement and PostgreSQL 65,535; a key is two.
_KEYS_PER_QUERY = 1000


def select_stored() -> Select[Any]:
    """The query of every decision, to be narrowed; its rows suit `from_row`."""
    return select(*(decisions.c[name] for name in COLUMNS))


def from_row(row: Row[Any] | Sequence[Any]) -> StoredDecision:
    """A row of `select_stored` as a value."""
    values = list(row[: len(COLUMNS)])
    values[_VERDICT] = _VERDICTS[values[_VERDICT]]
    return StoredDecision(*values)


def find_keys(
    connection: Connection, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], StoredDecision]:
    """The stored decisions among these (tenant, event id) pairs, by pair."""
    found: dict[tuple[str, str], StoredDecision] = {}
    pair = tuple_(decisions.c.tenant, decisions.c.event_id)
    for start in range(0, len(keys), _KEYS_PER_QUERY):
        query = select_stored().where(pair.in_(keys[start : start + _KEYS_PER_QUERY]))
        for row in connection.execute(query):
            found[row.tenant, row.event_id] = from_row(row)
    return found
