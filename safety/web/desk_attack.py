"""The attack view: verdicts by the minute, what is frequent, and the challenge level to raise."""

from dataclasses import dataclass
from http import HTTPStatus
from importlib import import_module
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request, Response

from safety.decisions.steering.attack import Group, Scene, Subject
from safety.decisions.steering.controlling import Target, Wish
from safety.decisions.steering.list_use import ListUse
from safety.domain.access import StaffSession
from safety.domain.attack import AttackLevel
from safety.domain.controls import Control, ControlKind, Over
from safety.domain.errors import InvalidInput, SafetyError
from safety.domain.verdicts import Verdict
from safety.web.desk_door import to
from safety.web.desk_frame import frame
from safety.web.desk_lists import HOME as LISTS
from safety.web.desk_pages import pages, utc
from safety.web.desk_rules import HOME as RULES
from safety.web.desk_rules import Analyst, AnalystsDangerousForm, Reason
from safety.web.limits import Limits
from safety.web.me import Said
from safety.web.services import Services, ServicesDep

HOME = "/desk/attack"
_HOUR = 3_600.0
_RESUMED = "resumed from the attack view"
_MINUTES = {"15": 900.0, "30": 1_800.0, "60": 3_600.0, "240": 14_400.0}
_TITLES = {
    "net.ip": "Addresses",
    "content.link_domain": "Link domains",
    "actor.email_domain": "Mail domains",
    "content.fingerprint": "Same texts",
    "device.id": "Devices",
    "rule": "Rules",
}
_LEVEL_WORDS = {
    AttackLevel.DEARER: "Every challenge costs four times as much. Nobody else is challenged.",
    AttackLevel.NEWCOMERS: "And whoever signs up, or whose account is younger than a week, is "
    "challenged.",
    AttackLevel.EVERYBODY: "And everybody is challenged whom no rule trusts.",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A frequent value, and where to go on from it."""

    subject: Subject
    link: str
    link_words: str


def attack_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Analyst,
    said: Said = "",
) -> Response:
    """What comes in just now."""
    return _attack(services, session, said=said)


def raise_level(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AnalystsDangerousForm,
    *,
    level: Annotated[AttackLevel, Form()],
    minutes: Annotated[Literal["15", "30", "60", "240"], Form()] = "30",
    reason: Reason = "",
) -> Response:
    """Raise the challenge level for a while."""
    try:
        services.steering.raising.raise_to(
            level, lasts=_MINUTES[minutes], reason=reason, author=session.staff
        )
    except InvalidInput as error:
        return _attack(services, session, error=error)
    return to(f"{HOME}?said=raised")


def lower_level(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AnalystsDangerousForm,
) -> Response:
    """End what is raised."""
    services.steering.raising.lower(author=session.staff)
    return to(f"{HOME}?said=lowered")


def resume(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AnalystsDangerousForm,
    *,
    over: Annotated[Literal["rule", "list_entry", "model"], Form()],
    subject: Annotated[str, Form(max_length=1000, pattern=r"^[^\x00]*$")],
) -> Response:
    """Obey what the circuit breaker has demoted, and keep it away for an hour."""
    wish = Wish(_RESUMED, session.staff, _HOUR)
    try:
        services.steering.controlling.resume(Target(Over(over), subject), wish)
    except InvalidInput as error:
        return _attack(services, session, error=error)
    return to(f"{HOME}?said=resumed#demoted")


def add_attack(router: APIRouter, limits: Limits) -> None:
    """Put the attack view under the desk."""
    page, form = limits.policy("desk.page"), limits.policy("desk.form")
    router.get("/attack")(page(attack_page))
    router.post("/attack/raise")(form(raise_level))
    router.post("/attack/lower")(form(lower_level))
    router.post("/attack/resume")(form(resume))


def _attack(
    services: Services,
    session: StaffSession,
    *,
    said: str = "",
    error: SafetyError | None = None,
) -> Response:
    raising, scene = services.steering.raising, services.steering.scene()
    raising.refresh()
    use = ListUse(services.steering.bundle())
    context = {
        "scene": scene,
        "chart": _chart(scene),
        "minute_rows": [_row(minute) for minute in reversed(scene.minutes) if minute.events],
        "groups": [(_TITLES[g.kind], g.kind, _places(g, use)) for g in scene.groups if g.subjects],
        "raised": raising.now,
        "levels": _LEVEL_WORDS,
        "history": raising.history(limit=5),
        "demoted": _demoted(services),
        "problem": error.detail if error else "",
    }
    context |= frame(services, session, path=HOME, said=said)
    return pages().render("rules/attack.html", context, error.status if error else HTTPStatus.OK)


def _demoted(services: Services) -> list[Control]:
    """What the circuit breaker has taken effect from, the latest first."""
    found = services.steering.controlling.in_force()
    demoted = [each for each in found if each.kind is ControlKind.BREAKER]
    return sorted(demoted, key=lambda each: each.created_at, reverse=True)


def _chart(scene: Scene) -> Any:
    """A column for each minute; the dark part was not simply allowed."""
    charts = import_module("safety.training.charts")
    labels = [utc(minute.start)[11:16] for minute in scene.minutes]
    return charts.column_chart(labels, [(each.events, each.stopped) for each in scene.minutes])


def _row(minute: Any) -> tuple[object, ...]:
    counts = (minute.counts.get(verdict, 0) for verdict in Verdict)
    return (utc(minute.start)[11:16], *counts)


def _places(group: Group, use: ListUse) -> list[Place]:
    return [Place(subject, *_way_on(group.kind, subject.value, use)) for subject in group.subjects]


def _way_on(kind: str, value: str, use: ListUse) -> tuple[str, str]:
    """A list that rules look this up in, ready to take it, or the rule itself."""
    if kind == "rule":
        return f"{RULES}/{value}", "Look at the rule"
    name = use.denying(kind)
    if not name:
        return "", ""
    return f"{LISTS}/{name}?{urlencode({'value': value})}#add", f"Put on {name}"
