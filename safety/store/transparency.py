"""Counts for transparency reports: notices, complaints, and how long they took."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from sqlalchemy import Connection, func, select

from safety.domain.rechecks import AppealOutcome, ReporterClass, ReportOutcome
from safety.store.tables import appeals, decisions, reports


@dataclass(frozen=True, slots=True)
class Notices:
    """Notices of one reason: how many, how many led to an action, and the median seconds taken."""

    reason: str
    received: int
    trusted: int
    decided: int
    acted: int
    trusted_acted: int
    seconds: float | None
    trusted_seconds: float | None


@dataclass(frozen=True, slots=True)
class Complaints:
    """Appeals against decisions of rules, or of people: what came of them."""

    against: str
    received: int
    decided: int
    overturned: int
    seconds: float | None


def notices(
    connection: Connection, since: float, until: float, tenant: str | None = None
) -> list[Notices]:
    """Notices received from `since` up to `until`, by the reason that was given."""
    columns = reports.c
    query = select(
        columns.reason, columns.reporter_class, columns.outcome, columns.created_at,
        columns.decided_at,
    ).where(columns.created_at >= since, columns.created_at < until)  # fmt: skip
    if tenant is not None:
        query = query.where(columns.tenant == tenant)
    by_reason: dict[str, list[tuple[bool, str, float | None]]] = {}
    for reason, who, outcome, created_at, decided_at in connection.execute(query):
        took = None if decided_at is None else decided_at - created_at
        is_trusted = who == ReporterClass.TRUSTED_FLAGGER.value
        by_reason.setdefault(reason, []).append((is_trusted, outcome, took))
    return [_notices(reason, found) for reason, found in sorted(by_reason.items())]


def complaints(
    connection: Connection, since: float, until: float, tenant: str | None = None
) -> list[Complaints]:
    """Appeals received from `since` up to `until`, by who had decided first."""
    columns = appeals.c
    query = select(
        columns.resolution_id, columns.outcome, columns.created_at, columns.decided_at
    ).where(columns.created_at >= since, columns.created_at < until)
    if tenant is not None:
        query = query.where(columns.tenant == tenant)
    found: dict[str, list[tuple[str, float | None]]] = {"rules": [], "people": []}
    for resolution_id, outcome, created_at, decided_at in connection.execute(query):
        took = None if decided_at is None else decided_at - created_at
        found["people" if resolution_id else "rules"].append((outcome, took))
    return [_complaints(against, rows) for against, rows in found.items()]


def count_decisions(
    connection: Connection, since: float, until: float, tenant: str | None = None
) -> int:
    """How many events were decided about, all by rules and models at first."""
    columns = decisions.c
    query = select(func.count()).where(columns.decided_at >= since, columns.decided_at < until)
    if tenant is not None:
        query = query.where(columns.tenant == tenant)
    return int(connection.execute(query).scalar_one())


def _notices(reason: str, found: Sequence[tuple[bool, str, float | None]]) -> Notices:
    trusted = [each for each in found if each[0]]
    acted = ReportOutcome.ACTED.value
    return Notices(
        reason,
        received=len(found),
        trusted=len(trusted),
        decided=sum(took is not None for _, _, took in found),
        acted=sum(outcome == acted for _, outcome, _ in found),
        trusted_acted=sum(outcome == acted for _, outcome, _ in trusted),
        seconds=_median(took for _, _, took in found),
        trusted_seconds=_median(took for _, _, took in trusted),
    )


def _complaints(against: str, rows: Sequence[tuple[str, float | None]]) -> Complaints:
    return Complaints(
        against,
        received=len(rows),
        decided=sum(took is not None for _, took in rows),
        overturned=sum(outcome == AppealOutcome.OVERTURNED.value for outcome, _ in rows),
        seconds=_median(took for _, took in rows),
    )


def _median(times: Iterable[float | None]) -> float | None:
    known = [time for time in times if time is not None]
    return median(known) if known else None
