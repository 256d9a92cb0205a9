"""Reports that people make, what came of them, and how often their makers were right."""

from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from safety.domain.rechecks import Report, ReporterClass, ReportOutcome, Standing
from safety.store.statements import insert_new
from safety.store.tables import reports

# Somebody's reports of years ago say little about them now.
_LAST = 20
_COLUMNS = tuple(column.name for column in reports.columns)


def add_report(connection: Connection, report: Report) -> bool:
    """Keep a report. False when the platform has sent one of this name before."""
    row = tuple(getattr(report, name) for name in _COLUMNS)
    return insert_new(connection, reports, _COLUMNS, [row]) == 1


def get_report(connection: Connection, tenant: str, report_id: str) -> Report | None:
    """The report of this receipt if it is this tenant's."""
    query = select(reports).where(reports.c.id == report_id, reports.c.tenant == tenant)
    row = connection.execute(query).one_or_none()
    return None if row is None else _report(row)


def find_report(connection: Connection, tenant: str, platform_id: str) -> Report | None:
    """The report that the platform calls by this name."""
    query = select(reports).where(reports.c.tenant == tenant, reports.c.platform_id == platform_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else _report(row)


def of_item(connection: Connection, item_id: str) -> list[Report]:
    """The reports that one item is about, oldest first."""
    query = select(reports).where(reports.c.item_id == item_id).order_by(reports.c.created_at)
    return [_report(row) for row in connection.execute(query)]


def classes_of_item(connection: Connection, item_id: str) -> set[str]:
    """What kinds of reporters reported what an item is about."""
    query = select(reports.c.reporter_class).where(reports.c.item_id == item_id).distinct()
    return set(connection.execute(query).scalars())


def decide(connection: Connection, item_id: str, outcome: ReportOutcome, at: float) -> list[Report]:
    """Give every waiting report of an item its outcome; the reports, to tell their makers."""
    waiting = [
        each for each in of_item(connection, item_id) if each.outcome is ReportOutcome.PENDING
    ]
    connection.execute(
        update(reports)
        .where(reports.c.item_id == item_id, reports.c.outcome == ReportOutcome.PENDING.value)
        .values(outcome=outcome.value, decided_at=at)
    )
    return waiting


def standing(connection: Connection, tenant: str, reporter_id: str) -> Standing:
    """How often a reporter was right in the last reports of theirs that were decided."""
    last = (
        select(reports.c.outcome)
        .where(
            reports.c.tenant == tenant,
            reports.c.reporter_id == reporter_id,
            reports.c.outcome.in_([ReportOutcome.ACTED.value, ReportOutcome.KEPT.value]),
        )
        .order_by(reports.c.decided_at.desc(), reports.c.id)
        .limit(_LAST)
        .subquery()
    )
    counted: dict[str, int] = dict(
        connection.execute(select(last.c.outcome, func.count()).group_by(last.c.outcome)).all()
    )
    return Standing(counted.get(ReportOutcome.ACTED.value, 0), sum(counted.values()))


def _report(row: Row[Any]) -> Report:
    values = dict(row._mapping)  # noqa: SLF001 -- the documented way to a row's columns by name
    return Report(
        **values
        | {
            "reporter_class": ReporterClass(row.reporter_class),
            "outcome": ReportOutcome(row.outcome),
        }
    )
