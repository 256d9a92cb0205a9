"""Reports: what people bring to the desk's notice, and what they hear of it afterwards."""

from dataclasses import dataclass, replace
from typing import Final

import structlog
from sqlalchemy import Connection

from safety.domain.errors import NotFound
from safety.domain.rechecks import Answer, Report, ReporterClass, ReportOutcome, Standing
from safety.domain.reviews import DECISION_ITEM, Item, ItemStatus, Resolution, Why
from safety.domain.verdicts import Severity, Verdict
from safety.review.effects import notice_of
from safety.review.priority import REPORTER
from safety.review.rechecks import item_about
from safety.review.room import Room, clean
from safety.store import brought, ledger, outbox, reports
from safety.store.engine import read, write
from safety.store.stored import StoredDecision

log = structlog.get_logger(__name__)

# What an item is that a report has opened.
REPORT_ITEM: Final = "report"
LONGEST_NOTE: Final = 2000
_QUEUE: Final = "reports"
# As good as anybody who is trusted, and hardly ever right.
_GOOD: Final = 0.8
_POOR: Final = 0.2
_SEVERITIES: Final = {
    ReporterClass.USER: Severity.MEDIUM,
    ReporterClass.TRUSTED_FLAGGER: Severity.HIGH,
    ReporterClass.AUTHORITY: Severity.HIGH,
}


@dataclass(frozen=True, slots=True)
class Notice:
    """A report as it comes in. `event_id` is what the platform called the content's own event."""

    platform_id: str
    reporter_id: str
    reporter_class: ReporterClass
    subject_kind: str
    subject_id: str
    owner_id: str
    reason: str
    note: str = ""
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class Reporting:
    """Takes reports in, joins those about one thing, and tells their makers what came of them."""

    room: Room

    def find(self, tenant: str, platform_id: str) -> Report | None:
        """The report that the platform has sent under this name before."""
        with read(self.room.engine) as connection:
            return reports.find_report(connection, tenant, platform_id)

    def get(self, tenant: str, report_id: str) -> Report:
        """How a report stands. Raises `NotFound`."""
        with read(self.room.engine) as connection:
            found = reports.get_report(connection, tenant, report_id)
        if found is None:
            raise NotFound("There is no such report.")
        return found

    def receive(self, tenant: str, notice: Notice, decision_id: str, verdict: Verdict) -> Report:
        """Take a report in; `decision_id` and `verdict` are about the act of reporting.

        Reports of one subject wait as one item. Those that were not allowed are kept, and bring
        nothing to the desk: nobody gets a hearing by sending thousands.
        """
        at = self.room.clock()
        report = Report(
            id=self.room.ids("rep"),
            tenant=tenant,
            platform_id=notice.platform_id,
            reporter_id=notice.reporter_id,
            reporter_class=notice.reporter_class,
            subject_kind=notice.subject_kind,
            subject_id=notice.subject_id,
            owner_id=notice.owner_id,
            reason=notice.reason,
            note=clean(notice.note, LONGEST_NOTE),
            created_at=at,
            decision_id=decision_id,
        )
        with write(self.room.engine) as connection:
            brought.one_at_a_time(connection, tenant, notice.subject_kind, notice.subject_id)
            known = reports.find_report(connection, tenant, notice.platform_id)
            if known is not None:
                return known
            if verdict is Verdict.ALLOW:
                item = self._item(connection, report, notice.event_id)
                report = replace(report, item_id=item.id)
            else:
                report = replace(report, outcome=ReportOutcome.REFUSED, decided_at=at)
            reports.add_report(connection, report)
        log.info("report_received", report=report.id, by=report.reporter_class.value)
        return report

    def settle(self, connection: Connection, item: Item, resolution: Resolution) -> None:
        """Give the reports behind an item their outcome, and tell the platform of it."""
        at, answer = self.room.clock(), Answer.of(resolution.action)
        outcome = ReportOutcome.ACTED if answer is Answer.REMOVE else ReportOutcome.KEPT
        for report in reports.decide(connection, item.id, outcome, at):
            body: dict[str, object] = {
                "report_id": report.id,
                "platform_id": report.platform_id,
                "reporter_id": report.reporter_id,
                "outcome": outcome.value,
                "automated": resolution.automated,
            }
            message = notice_of(
                "report.decided",
                report.tenant,
                report.reporter_id,
                body,
                message_id=self.room.ids("msg"),
                at=at,
            )
            outbox.add(connection, message)

    def standing(self, tenant: str, reporter_id: str) -> Standing:
        """How often a reporter was right lately."""
        with read(self.room.engine) as connection:
            return reports.standing(connection, tenant, reporter_id)

    def _item(self, connection: Connection, report: Report, event_id: str | None) -> Item:
        """The item that waits about this subject, or a new one."""
        standing = reports.standing(connection, report.tenant, report.reporter_id)
        why = _why(report, standing)
        about = self._about(connection, report, event_id)
        kinds = (DECISION_ITEM, REPORT_ITEM)
        waiting = brought.open_about(
            connection, report.tenant, about.decision_id, kinds
        ) or brought.open_reported(
            connection, report.tenant, report.subject_kind, report.subject_id
        )
        severity = _severity(report, standing)
        reasons = (why,) if waiting is None else (*waiting.why, why)
        if waiting is not None and brought.strengthen(connection, waiting, severity, reasons):
            return waiting
        item = replace(
            about,
            id=self.room.ids("itm"),
            kind=REPORT_ITEM,
            queue=_QUEUE,
            severity=severity,
            reason=report.reason,
            created_at=report.created_at,
            status=ItemStatus.OPEN,
            version=1,
            why=(why,),
        )
        brought.add_item(connection, item)
        return item

    def _about(self, connection: Connection, report: Report, event_id: str | None) -> Item:
        """What is reported: what was decided when it was published, or else the report itself."""
        decision: StoredDecision | None = None
        if event_id is not None:
            decision = ledger.find_event(connection, report.tenant, event_id)
        if decision is not None:
            return item_about(decision)
        decision = ledger.get(connection, report.tenant, report.decision_id)
        if decision is None:
            raise NotFound("There is no such decision.")
        return replace(item_about(decision), actor_id=report.owner_id or report.subject_id)


def _why(report: Report, standing: Standing) -> Why:
    """What a report adds to the reasons for an item's place in the queue."""
    who = report.reporter_class.value.replace("_", " ")
    if report.reporter_class is not ReporterClass.USER:
        return Why(REPORTER, 1.0, f"reported by {who}")
    known = f"right in {standing.right} of {standing.decided}" if standing.decided else "new"
    return Why(REPORTER, standing.accuracy, f"reported by a user ({known})")


def _severity(report: Report, standing: Standing) -> Severity:
    """Trusted flaggers first; whoever is hardly ever right comes last."""
    if report.reporter_class is ReporterClass.USER and standing.decided:
        if standing.accuracy >= _GOOD:
            return Severity.HIGH
        if standing.accuracy <= _POOR:
            return Severity.LOW
    return _SEVERITIES[report.reporter_class]
