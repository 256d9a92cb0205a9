"""Appeals: who asked again about what, and what came of it."""

from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from safety.domain.rechecks import Appeal, AppealOutcome
from safety.store.statements import insert_new
from safety.store.tables import appeals

_COLUMNS = tuple(column.name for column in appeals.columns)


def add_appeal(connection: Connection, appeal: Appeal) -> bool:
    """Keep an appeal. False when there is one against the same decision already."""
    row = tuple(getattr(appeal, name) for name in _COLUMNS)
    return insert_new(connection, appeals, _COLUMNS, [row]) == 1


def get_appeal(connection: Connection, tenant: str, appeal_id: str) -> Appeal | None:
    """The appeal of this id if it is this tenant's."""
    query = select(appeals).where(appeals.c.id == appeal_id, appeals.c.tenant == tenant)
    row = connection.execute(query).one_or_none()
    return None if row is None else _appeal(row)


def find_appeal(
    connection: Connection, tenant: str, decision_id: str, resolution_id: str
) -> Appeal | None:
    """The appeal against a decision, or against one resolution of it."""
    query = select(appeals).where(
        appeals.c.tenant == tenant,
        appeals.c.decision_id == decision_id,
        appeals.c.resolution_id == resolution_id,
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _appeal(row)


def of_item(connection: Connection, item_id: str) -> Appeal | None:
    """The appeal that an item is about."""
    row = connection.execute(select(appeals).where(appeals.c.item_id == item_id)).one_or_none()
    return None if row is None else _appeal(row)


def decide(
    connection: Connection, appeal_id: str, outcome: AppealOutcome, by: str, at: float
) -> bool:
    """Give a waiting appeal its outcome. False when it has one."""
    done = connection.execute(
        update(appeals)
        .where(appeals.c.id == appeal_id, appeals.c.outcome == AppealOutcome.PENDING.value)
        .values(outcome=outcome.value, decided_by=by, decided_at=at)
    )
    return done.rowcount == 1


def count_pending(connection: Connection) -> int:
    """How many appeals wait."""
    query = select(func.count()).where(appeals.c.outcome == AppealOutcome.PENDING.value)
    return int(connection.execute(query).scalar_one())


def _appeal(row: Row[Any]) -> Appeal:
    values = dict(row._mapping)  # noqa: SLF001 -- the documented way to a row's columns by name
    return Appeal(**values | {"outcome": AppealOutcome(row.outcome)})
