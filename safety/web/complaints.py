"""What users bring back: reports and appeals, and the reasons that they are owed."""

from typing import Annotated, Any, Self

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from safety.decisions.record import iso
from safety.domain.errors import (
    EventIdReused,
    InvalidInput,
    NotFound,
    NothingToAppeal,
    StillDeciding,
    TooLateToAppeal,
    Unavailable,
)
from safety.domain.rechecks import Appeal, Report, ReporterClass
from safety.review.appealing import LONGEST_TEXT
from safety.review.reporting import LONGEST_NOTE, Notice
from safety.review.statements.build import words_of
from safety.web.api import ACCESS, BODY, DecisionId
from safety.web.callers import MayDecide, MayRead
from safety.web.limits import Limits
from safety.web.problems import documented
from safety.web.routes import ApiRoute
from safety.web.services import ServicesDep

_STRICT = ConfigDict(extra="forbid", strict=True)
_PRINTED = r"^[^\x00-\x1f\x7f]*$"
Word = Annotated[str, Field(min_length=1, max_length=256, pattern=_PRINTED)]
MadeId = Annotated[str, Path(max_length=64, pattern=r"^[^\x00-\x1f]*$")]


class ReporterIn(BaseModel):
    """Who reports, and as whom the platform knows them."""

    model_config = ConfigDict(extra="forbid")

    id: Word = Field(examples=["u_77"])
    kind: ReporterClass = Field(default=ReporterClass.USER, examples=["user"])


class SubjectIn(BaseModel):
    """What is reported. `event_id` is the event under which the platform asked about it."""

    model_config = _STRICT

    kind: Word = Field(examples=["comment"])
    id: Word = Field(examples=["c_501"])
    owner_id: Word | None = Field(default=None, examples=["u_1842"])
    event_id: Word | None = Field(default=None, examples=["evt_c_501"])
    text: str | None = Field(
        default=None,
        max_length=20_000,
        description="what it says, where this service was not asked about it before",
    )


class ReportIn(BaseModel):
    """A report. The same `id` again is the same report."""

    model_config = ConfigDict(extra="forbid")

    id: Word = Field(description="what the platform calls this report", examples=["r_9001"])
    reporter: ReporterIn
    subject: SubjectIn
    reason: Word = Field(examples=["spam"])
    note: str = Field(default="", max_length=LONGEST_NOTE)

    def to_notice(self) -> Notice:
        """The same as a value."""
        return Notice(
            platform_id=self.id,
            reporter_id=self.reporter.id,
            reporter_class=self.reporter.kind,
            subject_kind=self.subject.kind,
            subject_id=self.subject.id,
            owner_id=self.subject.owner_id or "",
            reason=self.reason,
            note=self.note,
            event_id=self.subject.event_id,
        )

    def is_same(self, known: Report) -> bool:
        """Whether this is a report that was sent before, and not another one of its name."""
        said = (known.reporter_id, known.subject_kind, known.subject_id, known.reason)
        return said == (self.reporter.id, self.subject.kind, self.subject.id, self.reason)

    def to_event(self) -> dict[str, Any]:
        """The act of reporting, as an event that rules judge."""
        subject = self.subject
        target = {"kind": subject.kind, "id": subject.id}
        if subject.owner_id is not None:
            target["owner_id"] = subject.owner_id
        event: dict[str, Any] = {
            "id": f"report:{self.id}",
            "type": "report",
            "actor": {"id": self.reporter.id},
            "target": target,
            "report": {"reason": self.reason},
        }
        if subject.text is not None:
            event["content"] = {"text": subject.text}
        return event


class ReportOut(BaseModel):
    """The receipt of a report, and what came of it."""

    id: str = Field(examples=["rep_0199f0c2a41b7c3d"])
    received_at: str
    outcome: str = Field(
        description="`pending`, `acted` (something was taken away), `kept` or `refused`",
        examples=["pending"],
    )
    decided_at: str | None = None

    @classmethod
    def of(cls, report: Report) -> Self:
        """As the platform sees it."""
        return cls(
            id=report.id,
            received_at=iso(report.created_at),
            outcome=report.outcome.value or "pending",
            decided_at=None if report.decided_at is None else iso(report.decided_at),
        )


class AppealIn(BaseModel):
    """An appeal in the words of whom it concerns."""

    model_config = _STRICT

    decision_id: str = Field(
        min_length=1, max_length=64, pattern=_PRINTED, examples=["dec_0199f0c2a41b7c3d"]
    )
    resolution_id: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        pattern=_PRINTED,
        description="one resolution; otherwise the latest that holds, or what rules decided",
    )
    text: str = Field(min_length=1, max_length=LONGEST_TEXT)


class AppealOut(BaseModel):
    """An appeal, and what came of it."""

    id: str = Field(examples=["app_0199f0c2a41b7c3d"])
    decision_id: str
    resolution_id: str | None
    received_at: str
    outcome: str = Field(description="`pending`, `upheld` or `overturned`", examples=["pending"])
    decided_at: str | None = None

    @classmethod
    def of(cls, appeal: Appeal) -> Self:
        """As the platform sees it: never who decided."""
        return cls(
            id=appeal.id,
            decision_id=appeal.decision_id,
            resolution_id=appeal.resolution_id or None,
            received_at=iso(appeal.created_at),
            outcome=appeal.outcome.value or "pending",
            decided_at=None if appeal.decided_at is None else iso(appeal.decided_at),
        )


class StatementOut(BaseModel):
    """The reasons for one restriction: in words for its user, and for the Commission's database."""

    user: dict[str, Any]
    statement: dict[str, Any]
    problems: list[str] = Field(description="why the database would refuse it; empty when it fits")


class StatementsOut(BaseModel):
    """The reasons for every restriction that a decision led to; none when nothing was taken."""

    statements: list[StatementOut]


def report(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: ReportIn,
    key: MayDecide,
    services: ServicesDep,
    response: Response,
) -> ReportOut:
    """Take in a report. The act of reporting is judged like any event."""
    reporting = services.review.reporting
    known = reporting.find(key.tenant, body.id)
    if known is not None:
        if not body.is_same(known):
            raise EventIdReused
        response.status_code = 200
        return ReportOut.of(known)
    answer = services.asking.decide(key.tenant, body.to_event())
    return ReportOut.of(reporting.receive(key.tenant, body.to_notice(), answer.id, answer.verdict))


def get_report(
    request: Request,  # noqa: ARG001  the limiter reads it
    report_id: MadeId,
    key: MayRead,
    services: ServicesDep,
) -> ReportOut:
    """What came of a report."""
    return ReportOut.of(services.review.reporting.get(key.tenant, report_id))


def appeal(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: AppealIn,
    key: MayDecide,
    services: ServicesDep,
) -> AppealOut:
    """Ask again. Somebody who had no part in the first decision looks, and does not see it."""
    taken = services.review.appealing.appeal(
        key.tenant, body.decision_id, body.text, body.resolution_id
    )
    return AppealOut.of(taken)


def get_appeal(
    request: Request,  # noqa: ARG001  the limiter reads it
    appeal_id: MadeId,
    key: MayRead,
    services: ServicesDep,
) -> AppealOut:
    """What came of an appeal."""
    return AppealOut.of(services.review.appealing.get(key.tenant, appeal_id))


def get_statements(
    request: Request,  # noqa: ARG001  the limiter reads it
    decision_id: DecisionId,
    key: MayRead,
    services: ServicesDep,
) -> StatementsOut:
    """The statement of reasons that the user of a decision is owed."""
    found = services.statements().of_decision(key.tenant, decision_id)
    return StatementsOut(
        statements=[
            StatementOut(
                user=words_of(each.case),
                statement=dict(each.statement),
                problems=list(each.problems),
            )
            for each in found
        ]
    )


def complaints_router(limits: Limits) -> APIRouter:
    """`/v1/reports`, `/v1/appeals` and the statements of a decision."""
    router = APIRouter(prefix="/v1", route_class=ApiRoute)
    notices, decisions = limits.policy("notices"), limits.policy("decisions")
    router.post(
        "/reports",
        tags=["reports"],
        status_code=201,
        responses={
            200: {"model": ReportOut, "description": "It was sent before: the first receipt"},
            **documented(*ACCESS, *BODY, EventIdReused, StillDeciding, Unavailable),
        },
    )(notices(report))
    router.get(
        "/reports/{report_id}",
        tags=["reports"],
        responses=documented(*ACCESS, NotFound, InvalidInput),
    )(notices(get_report))
    router.post(
        "/appeals",
        tags=["appeals"],
        status_code=201,
        responses=documented(*ACCESS, *BODY, NotFound, NothingToAppeal, TooLateToAppeal),
    )(notices(appeal))
    router.get(
        "/appeals/{appeal_id}",
        tags=["appeals"],
        responses=documented(*ACCESS, NotFound, InvalidInput),
    )(notices(get_appeal))
    router.get(
        "/decisions/{decision_id}/statements",
        tags=["decisions"],
        responses=documented(*ACCESS, NotFound, InvalidInput),
    )(decisions(get_statements))
    return router
