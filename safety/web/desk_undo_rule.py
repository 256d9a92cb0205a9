"""The pages of undoing by cause: a preview of what a rule did, approval, and how far it is."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Query, Request, Response

from safety.decisions.steering.undoing import Preview
from safety.domain.access import StaffSession
from safety.domain.errors import FieldError, InvalidInput, SafetyError
from safety.domain.undos import Cause, Undo, UndoState
from safety.web.desk_door import to
from safety.web.desk_frame import frame
from safety.web.desk_pages import pages
from safety.web.desk_rules import (
    HOME,
    Analyst,
    AnalystsDangerousForm,
    Reason,
    RuleId,
    Text,
)
from safety.web.limits import Limits
from safety.web.me import Said
from safety.web.services import Services, ServicesDep

UNDOS = "/desk/undos"
_HOUR = 3600.0

UndoId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Moment = Annotated[str, Query(max_length=40, pattern=r"^[0-9T:.Z+ -]*$")]
MomentField = Annotated[str, Form(max_length=40, pattern=r"^[0-9T:.Z+ -]*$")]
TextField = Annotated[str, Form(max_length=100, pattern=r"^[^\x00-\x1f]*$")]


def undo_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Analyst,
    rule_id: RuleId,
    *,
    since: Moment = "",
    until: Moment = "",
    revision: Text = "",
    tenant: Text = "",
) -> Response:
    """What a rule did between two moments, and what would be left without it."""
    asked = (since, until, revision, tenant)
    if not since:
        return _asked(services, session, rule_id, asked)
    try:
        preview = services.steering.undoing.preview(_cause(services, rule_id, asked))
    except InvalidInput as error:
        return _asked(services, session, rule_id, asked, error=error)
    return _asked(services, session, rule_id, asked, preview=preview)


def start_undo(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AnalystsDangerousForm,
    rule_id: RuleId,
    *,
    since: MomentField,
    until: MomentField = "",
    revision: TextField = "",
    tenant: TextField = "",
    reason: Reason = "",
) -> Response:
    """Begin to take back what the rule did, or propose it."""
    asked = (since, until, revision, tenant)
    try:
        cause = _cause(services, rule_id, asked)
        undo = services.steering.undoing.start(cause, reason=reason, author=session.staff)
    except InvalidInput as error:
        return _asked(services, session, rule_id, asked, error=error)
    return to(f"{UNDOS}/{undo.id}")


def undos_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Analyst,
) -> Response:
    """What was taken back, and what is being taken back."""
    context: dict[str, object] = {"undos": services.steering.undoing.latest(limit=100)}
    return pages().render("rules/undos.html", context | frame(services, session, path=HOME))


def one_undo(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Analyst,
    undo_id: UndoId,
    said: Said = "",
) -> Response:
    """One undo: how far it is."""
    undo = services.steering.undoing.undo(undo_id)
    return _undo(services, session, undo, said=said)


def decide_undo(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AnalystsDangerousForm,
    undo_id: UndoId,
    act: Annotated[Literal["approve", "refuse", "stop"], Form()],
) -> Response:
    """Approve what somebody else proposed, turn it down, or stop it."""
    undoing = services.steering.undoing
    try:
        if act == "approve":
            undo = undoing.approve(undo_id, by=session.staff)
        elif act == "refuse":
            undo = undoing.refuse(undo_id, by=session.staff)
        else:
            undo = undoing.stop(undo_id, by=session.staff)
    except InvalidInput as error:
        return _undo(services, session, undoing.undo(undo_id), error=error)
    return to(f"{UNDOS}/{undo.id}")


def add_undo_rule(router: APIRouter, limits: Limits) -> None:
    """Put undoing by cause under the desk."""
    page, form = limits.policy("desk.page"), limits.policy("desk.form")
    router.get("/rules/{rule_id}/undo")(page(undo_page))
    router.post("/rules/{rule_id}/undo")(form(start_undo))
    router.get("/undos")(page(undos_page))
    router.get("/undos/{undo_id}")(page(one_undo))
    router.post("/undos/{undo_id}/decide")(form(decide_undo))


_Asked = tuple[str, str, str, str]


def _cause(services: Services, rule_id: str, asked: _Asked) -> Cause:
    """What is asked about. Raises `InvalidInput` for moments that are none."""
    since, until, revision, tenant = asked
    end = _moment(until, "until") if until else services.clock()
    return Cause(rule_id, _moment(since, "since"), end, revision.strip(), tenant.strip())


def _moment(text: str, name: str) -> float:
    """Unix seconds of a moment, UTC unless it says otherwise. Raises `InvalidInput`."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        problem = "Write a moment such as 2026-11-20T09:30 (UTC)."
        raise InvalidInput(problem, errors=[FieldError(name, problem)]) from None


def _asked(
    services: Services,
    session: StaffSession,
    rule_id: str,
    asked: _Asked,
    *,
    preview: Preview | None = None,
    error: SafetyError | None = None,
) -> Response:
    since, until, revision, tenant = asked
    rules = {rule.id: rule for rule in services.steering.bundle().rules}
    hour_ago = datetime.fromtimestamp(services.clock() - _HOUR, UTC)
    context = {
        "rule_id": rule_id,
        "rule": rules.get(rule_id),
        "since": since or f"{hour_ago:%Y-%m-%dT%H:%M}",
        "until": until,
        "revision": revision,
        "tenant": tenant,
        "preview": preview,
        "alone": services.steering.undoing.alone,
        "earlier": services.steering.undoing.latest(rule_id, limit=5),
        "problem": error.detail if error else "",
    }
    whole = context | frame(services, session, path=HOME)
    return pages().render("rules/undo.html", whole, error.status if error else HTTPStatus.OK)


def _undo(
    services: Services,
    session: StaffSession,
    undo: Undo,
    *,
    said: str = "",
    error: SafetyError | None = None,
) -> Response:
    is_own = undo.author == session.staff
    context = {
        "undo": undo,
        "may_approve": undo.state is UndoState.PROPOSED and not is_own,
        "is_own": is_own,
        "problem": error.detail if error else "",
    }
    context |= frame(services, session, path=HOME, said=said)
    return pages().render("rules/undone.html", context, error.status if error else HTTPStatus.OK)
