"""The pages of rules: all of them with what became of them, and one rule with all about it."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Query, Request, Response

from safety.decisions.steering.controlling import Target, Wish
from safety.domain.access import Permission, StaffSession
from safety.domain.controls import Over
from safety.domain.errors import InvalidInput, NotFound, SafetyError
from safety.domain.features import Kind
from safety.domain.verdicts import Mode
from safety.web import desk_rule_show as show
from safety.web.desk_access import demands, demands_form
from safety.web.desk_door import to
from safety.web.desk_frame import frame
from safety.web.desk_pages import pages
from safety.web.limits import Limits
from safety.web.me import Said
from safety.web.rule_text import coloured
from safety.web.services import Services, ServicesDep

HOME = "/desk/rules"
_MATCHES = 20
_CHANGES = 20
_HOUR = 3600.0
# How long a snooze or a kill switch lasts, by what the form calls it; None is until it is ended.
_LASTS = {"1h": _HOUR, "1d": 24 * _HOUR, "7d": 168 * _HOUR, "30d": 720 * _HOUR, "": None}

RuleId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{0,79}$")]
Text = Annotated[str, Query(max_length=100, pattern=r"^[^\x00-\x1f]*$")]
Reason = Annotated[str, Form(max_length=500, pattern=r"^[^\x00]*$")]
Lasts = Annotated[Literal["", "1h", "1d", "7d", "30d"], Form()]
Analyst = Annotated[StaffSession, demands(Permission.RULES)]
AnalystsForm = Annotated[StaffSession, demands_form(Permission.RULES)]
AnalystsDangerousForm = Annotated[StaffSession, demands_form(Permission.RULES, is_dangerous=True)]


def rules_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Analyst,
    *,
    q: Text = "",
    owner: Text = "",
    mode: Annotated[Literal["", "enforce", "canary", "shadow", "off"], Query()] = "",
    said: Said = "",
) -> Response:
    """Every rule: how far it is rolled out, how often it matches, and how right it is."""
    steering = services.steering
    rows = show.rule_rows(steering, wanted=q, owner=owner, mode=mode)
    context = {
        "rows": rows,
        "total": len(steering.bundle().rules),
        "owners": sorted({rule.owner for rule in steering.bundle().rules}),
        "modes": list(Mode),
        "chosen": {"q": q, "owner": owner, "mode": mode},
        "waiting": steering.rules.waiting(),
        "undos": [undo for undo in steering.undoing.latest() if undo.is_open],
        "version": steering.bundle().version[:12],
        "active": services.versions.active(),
    }
    context |= frame(services, session, path=HOME, said=said)
    return pages().render("rules/list.html", context)


def rule_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Analyst,
    rule_id: RuleId,
    said: Said = "",
) -> Response:
    """One rule: its text, tests, backtest, matches, history, and what may be done about it."""
    return rule_answer(services, session, rule_id, said=said)


def snooze(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AnalystsForm,
    rule_id: RuleId,
    *,
    entity: Annotated[str, Form(max_length=100)] = "actor.id",
    value: Annotated[str, Form(max_length=1000, pattern=r"^[^\x00]*$")] = "",
    tenant: Annotated[str, Form(max_length=100, pattern=r"^[^\x00]*$")] = "",
    reason: Reason = "",
    lasts: Lasts = "7d",
) -> Response:
    """Let the rule rest for one entity."""
    try:
        services.steering.controlling.snooze(
            rule_id,
            (entity, value.strip()),
            Wish(reason, session.staff, _LASTS[lasts]),
            tenant=tenant.strip(),
        )
    except InvalidInput as error:
        return rule_answer(services, session, rule_id, error=error)
    return to(f"{HOME}/{rule_id}?said=snoozed#controls")


def switch_off(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AnalystsDangerousForm,
    rule_id: RuleId,
    *,
    reason: Reason = "",
    lasts: Lasts = "",
) -> Response:
    """Stop obeying the rule; it is still judged and recorded."""
    wish = Wish(reason, session.staff, _LASTS[lasts])
    try:
        services.steering.controlling.switch_off(Target(Over.RULE, rule_id), wish)
    except InvalidInput as error:
        return rule_answer(services, session, rule_id, error=error)
    return to(f"{HOME}/{rule_id}?said=switchedoff#controls")


def switch_on(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AnalystsDangerousForm,
    rule_id: RuleId,
) -> Response:
    """Obey the rule again, and end its snoozes."""
    services.steering.controlling.switch_on(Target(Over.RULE, rule_id), session.staff)
    return to(f"{HOME}/{rule_id}?said=switchedon#controls")


def resume(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AnalystsDangerousForm,
    rule_id: RuleId,
    reason: Reason = "",
) -> Response:
    """End what the circuit breaker took, and keep it away for an hour."""
    wish = Wish(reason, session.staff, _HOUR)
    try:
        services.steering.controlling.resume(Target(Over.RULE, rule_id), wish)
    except InvalidInput as error:
        return rule_answer(services, session, rule_id, error=error)
    return to(f"{HOME}/{rule_id}?said=resumed#controls")


def backtest(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AnalystsForm,  # noqa: ARG001 -- only for those who may
    rule_id: RuleId,
    days: Annotated[Literal["1", "7", "28"], Form()] = "7",
) -> Response:
    """Begin a backtest of the rule as it is in force."""
    steering, active = services.steering, services.versions.active()
    if active is None or rule_id not in {rule.id for rule in steering.bundle().rules}:
        raise NotFound
    files = services.versions.files(active.version)
    steering.backtests.start(files, steering.entries(), rule_id, days=int(days), is_in_force=True)
    return to(f"{HOME}/{rule_id}#backtest")


def rule_answer(
    services: Services,
    session: StaffSession,
    rule_id: str,
    *,
    said: str = "",
    error: SafetyError | None = None,
) -> Response:
    """The page of one rule. Raises `NotFound`."""
    steering = services.steering
    try:
        compiled = steering.bundle().source(rule_id)
    except KeyError:
        raise NotFound from None
    rule, text = compiled.rule, steering.rules.text(rule_id)
    record = steering.records.of(rule_id)
    controls = show.controls_of(rule, steering.controlling.in_force())
    warned = [each for each in steering.warnings() if each.place.file == text.file]
    context = {
        "rule": rule,
        "compiled": compiled,
        "text": text,
        "lines": coloured(text.text, warned, first=text.line),
        "record": record,
        "trend": show.polyline(record.days),
        "taken": show.taken_from(rule, controls),
        "controls": controls,
        "matches": steering.matches.latest(rule_id, limit=_MATCHES),
        "changes": steering.rules.changes(rule_id, limit=_CHANGES),
        "undos": steering.undoing.latest(rule_id, limit=5),
        "backtest": show.backtest_context(steering.backtests.result(rule_id, rule.revision)),
        "running": steering.backtests.running(rule_id),
        "policies": services.policies(),
        "entities": _entities(services),
        "problem": error.detail if error else "",
    }
    context |= frame(services, session, path=HOME, said=said)
    return pages().render("rules/rule.html", context, error.status if error else HTTPStatus.OK)


def _entities(services: Services) -> list[str]:
    """What a rule may rest for."""
    features = services.steering.bundle().catalogue.features.values()
    return [feature.name for feature in features if feature.kind is Kind.ENTITY]


def add_rules(router: APIRouter, limits: Limits) -> None:
    """Put the pages of rules under the desk."""
    page, form = limits.policy("desk.page"), limits.policy("desk.form")
    router.get("/rules")(page(rules_page))
    router.get("/rules/{rule_id}")(page(rule_page))
    router.post("/rules/{rule_id}/snooze")(form(snooze))
    router.post("/rules/{rule_id}/switch-off")(form(switch_off))
    router.post("/rules/{rule_id}/switch-on")(form(switch_on))
    router.post("/rules/{rule_id}/resume")(form(resume))
    router.post("/rules/{rule_id}/backtest")(form(backtest))
