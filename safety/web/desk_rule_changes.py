"""Drafts of rules: what one changes, what the checker says, and who may put it in force."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Request, Response

from safety.decisions.steering.drafts import Tried
from safety.domain.access import StaffSession
from safety.domain.errors import InvalidInput, NotFound, RulesRefused, SafetyError
from safety.ruleset.texts import RuleText
from safety.store.rule_changes import ChangeState, RuleChange
from safety.web import desk_rule_show as show
from safety.web.desk_door import to
from safety.web.desk_frame import frame
from safety.web.desk_pages import pages
from safety.web.desk_rules import HOME, Analyst, AnalystsDangerousForm, AnalystsForm, Reason
from safety.web.limits import Limits
from safety.web.me import Said
from safety.web.rule_text import coloured, compared
from safety.web.services import Services, ServicesDep

CHANGES = "/desk/changes"

ChangeId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


def change_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Analyst,
    change_id: ChangeId,
    said: Said = "",
) -> Response:
    """A draft: what it changes, what the checker says, and who may put it in force."""
    return _change(services, session, services.steering.rules.change(change_id), said=said)


def decide_change(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AnalystsDangerousForm,
    change_id: ChangeId,
    *,
    act: Annotated[Literal["publish", "propose", "approve", "refuse"], Form()],
    reason: Reason = "",
) -> Response:
    """Put a draft in force, ask for a second person, approve or turn down."""
    rules = services.steering.rules
    try:
        if act == "publish":
            change = rules.publish(change_id, author=session.staff)
        elif act == "propose":
            change = rules.propose(change_id, author=session.staff)
        elif act == "approve":
            change = rules.approve(change_id, by=session.staff)
        else:
            change = rules.refuse(change_id, by=session.staff, why=reason)
    except (InvalidInput, RulesRefused) as error:
        return _change(services, session, rules.change(change_id), error=error)
    is_done = change.state is ChangeState.PUBLISHED
    if is_done and change.rule in {rule.id for rule in services.steering.bundle().rules}:
        return to(f"{HOME}/{change.rule}?said=published")
    return to(f"{CHANGES}/{change.id}?said={'published' if is_done else change.state.value}")


def backtest_change(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AnalystsForm,  # noqa: ARG001 -- only for those who may
    change_id: ChangeId,
    days: Annotated[Literal["1", "7", "28"], Form()] = "7",
) -> Response:
    """Begin a backtest of a draft."""
    steering, active = services.steering, services.versions.active()
    change = steering.rules.change(change_id)
    if active is None or not change.text:
        raise NotFound
    files = services.versions.files(active.version).with_rule(change.rule, change.text)
    steering.backtests.start(
        files, steering.entries(), change.rule, days=int(days), is_in_force=False
    )
    return to(f"{CHANGES}/{change.id}#backtest")


def add_rule_changes(router: APIRouter, limits: Limits) -> None:
    """Put the drafts of rules under the desk."""
    page, form = limits.policy("desk.page"), limits.policy("desk.form")
    router.get("/changes/{change_id}")(page(change_page))
    router.post("/changes/{change_id}/decide")(form(decide_change))
    router.post("/changes/{change_id}/backtest")(form(backtest_change))


def _change(
    services: Services,
    session: StaffSession,
    change: RuleChange,
    *,
    said: str = "",
    error: SafetyError | None = None,
) -> Response:
    steering = services.steering
    is_open = change.state in {ChangeState.DRAFT, ChangeState.PROPOSED}
    tried = steering.rules.tried(change) if is_open else None
    before = _text_in_force(services, change.rule)
    revision = tried.trial.rule.revision if tried and tried.trial.rule else ""
    own = f"desk/{change.rule}.yaml"
    findings = tried.trial.findings if tried else ()
    context = {
        "change": change,
        "tried": tried,
        "is_own": change.author == session.staff,
        "acts": _acts(change, tried, session),
        "diff": compared(before.text if before else "", change.text) if is_open else [],
        "lines": coloured(change.text, [each for each in findings if each.place.file == own]),
        "others": [finding for finding in findings if finding.place.file != own],
        "backtest": show.backtest_context(
            steering.backtests.result(change.rule, revision) if revision else None
        ),
        "running": steering.backtests.running(change.rule),
        "is_known": before is not None,
        "problem": error.detail if error else "",
    }
    context |= frame(services, session, path=HOME, said=said)
    return pages().render("rules/change.html", context, error.status if error else HTTPStatus.OK)


def _acts(change: RuleChange, tried: Tried | None, session: StaffSession) -> list[str]:
    """What this person may do about a draft now."""
    if tried is None:
        return []
    is_own, is_ready = change.author == session.staff, tried.trial.is_sound and not tried.is_stale
    acts = []
    if is_own and is_ready and not tried.needs_second:
        acts.append("publish")
    if is_own and is_ready and tried.needs_second and change.state is ChangeState.DRAFT:
        acts.append("propose")
    if not is_own and is_ready and change.state is ChangeState.PROPOSED:
        acts.append("approve")
    if is_own or change.state is ChangeState.PROPOSED:
        acts.append("refuse")
    return acts


def _text_in_force(services: Services, rule_id: str) -> RuleText | None:
    try:
        return services.steering.rules.text(rule_id)
    except NotFound:
        return None
