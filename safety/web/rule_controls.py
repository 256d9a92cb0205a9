"""Controls over rules by HTTP: what is taken away now, snooze, switch off and on, resume."""

from typing import Annotated, Literal, Self

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from safety.decisions.record import iso
from safety.decisions.steering.controlling import LONGEST_REASON, Target, Wish
from safety.domain.access import ApiKey
from safety.domain.controls import Control, ControlKind, Over
from safety.domain.errors import InvalidInput, Unavailable
from safety.web.api import ACCESS, BODY
from safety.web.callers import MayChangeRules
from safety.web.limits import Limits
from safety.web.problems import documented
from safety.web.routes import ApiRoute
from safety.web.services import ServicesDep

_RULE = "link-burst-new-account"
_YEAR = 366 * 86_400
_SWITCHED = (Over.RULE, Over.OWNER, Over.VERDICT)

_Reason = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_REASON,
        pattern=r"^[^\x00]*$",
        description="for those who ask, and the audit log",
        examples=["hits everybody"],
    ),
]
_Subject = Annotated[
    str, Field(min_length=1, max_length=1_000, pattern=r"^[^\x00]*$", examples=[_RULE])
]


class SnoozeIn(BaseModel):
    """A wish to let one rule rest for one entity."""

    model_config = ConfigDict(extra="forbid", strict=True)

    rule: _Subject
    entity: str = Field(
        max_length=100,
        pattern=r"^[^\x00]*$",
        description="the feature that names whom",
        examples=["actor.id"],
    )
    value: str = Field(min_length=1, max_length=1_000, pattern=r"^[^\x00]*$", examples=["u_17"])
    seconds: int = Field(ge=60, le=_YEAR, examples=[604_800])
    reason: _Reason
    tenant: str = Field(
        default="",
        max_length=100,
        pattern=r"^[^\x00]*$",
        description="only in this tenant; in all when left out",
    )


class SwitchOffIn(BaseModel):
    """A wish not to obey a rule, or all of an owner or a verdict, any more."""

    model_config = ConfigDict(extra="forbid", strict=True)

    over: Literal["rule", "owner", "verdict"] = "rule"
    subject: _Subject
    reason: _Reason
    seconds: int | None = Field(
        default=None, ge=60, le=_YEAR, description="until it is switched on, when left out"
    )


class SwitchOnIn(BaseModel):
    """A wish to obey it again; for a rule, its snoozes end as well."""

    model_config = ConfigDict(extra="forbid", strict=True)

    over: Literal["rule", "owner", "verdict"] | None = Field(
        default=None, description="everything of this name, when left out"
    )
    subject: _Subject


class ResumeIn(BaseModel):
    """A wish to end what the circuit breaker took, and to keep it away for a while."""

    model_config = ConfigDict(extra="forbid", strict=True)

    over: Literal["rule", "list_entry", "model"] = "rule"
    subject: _Subject
    reason: _Reason
    seconds: int = Field(default=3_600, ge=60, le=_YEAR)


class ControlOut(BaseModel):
    """One thing that is taken away from rules."""

    kind: ControlKind
    over: Over
    subject: str = Field(examples=[_RULE])
    most: str = Field(description="the strictest verdict that is left", examples=["allow"])
    entity: str | None = Field(description="whom a snooze is for", examples=["actor.id"])
    value: str | None = Field(examples=["u_17"])
    tenant: str | None
    reason: str
    author: str
    created_at: str
    expires_at: str | None = Field(description="null is until it is ended")

    @classmethod
    def of(cls, control: Control) -> Self:
        """As people see it."""
        kind, value = control.entity
        return cls(
            kind=control.kind,
            over=control.over,
            subject=control.subject,
            most=control.most.word,
            entity=kind or None,
            value=value or None,
            tenant=control.tenant or None,
            reason=control.reason,
            author=control.author,
            created_at=iso(control.created_at),
            expires_at=None if control.expires_at is None else iso(control.expires_at),
        )


class ControlsOut(BaseModel):
    """Everything that is taken away now."""

    controls: list[ControlOut]


class EndedOut(BaseModel):
    """How many controls ended."""

    ended: int


def get_rule_controls(
    request: Request,  # noqa: ARG001  the limiter reads it
    _key: MayChangeRules,
    services: ServicesDep,
) -> ControlsOut:
    """What is taken away from rules now, by whom, why and until when."""
    found = services.steering.controlling.in_force()
    return ControlsOut(controls=[ControlOut.of(control) for control in found])


def snooze_rule(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: SnoozeIn,
    key: MayChangeRules,
    services: ServicesDep,
) -> ControlOut:
    """Let one rule rest for one entity. It is recorded with the verdict it would have had."""
    wish = Wish(body.reason, _author(key), float(body.seconds))
    return ControlOut.of(
        services.steering.controlling.snooze(
            body.rule, (body.entity, body.value), wish, tenant=body.tenant
        )
    )


def switch_off_rule(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: SwitchOffIn,
    key: MayChangeRules,
    services: ServicesDep,
) -> ControlOut:
    """Stop obeying. Rules are still judged and recorded; every process follows in a second."""
    wish = Wish(body.reason, _author(key), None if body.seconds is None else float(body.seconds))
    target = Target(Over(body.over), body.subject)
    return ControlOut.of(services.steering.controlling.switch_off(target, wish))


def switch_on_rule(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: SwitchOnIn,
    key: MayChangeRules,
    services: ServicesDep,
) -> EndedOut:
    """Obey again what was switched off."""
    controlling, author = services.steering.controlling, _author(key)
    over = _SWITCHED if body.over is None else [Over(body.over)]
    ended = [controlling.switch_on(Target(each, body.subject), author) for each in over]
    return EndedOut(ended=sum(ended))


def resume_rule(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: ResumeIn,
    key: MayChangeRules,
    services: ServicesDep,
) -> ControlOut:
    """Obey again what the circuit breaker demoted, and keep it from acting at once again."""
    wish = Wish(body.reason, _author(key), float(body.seconds))
    target = Target(Over(body.over), body.subject)
    return ControlOut.of(services.steering.controlling.resume(target, wish))


def rule_controls_router(limits: Limits) -> APIRouter:
    """`/v1/rules/controls` and what sets and ends them."""
    router = APIRouter(prefix="/v1/rules/controls", tags=["rules"], route_class=ApiRoute)
    counted = limits.policy("rules")
    router.get("", responses=documented(*ACCESS, Unavailable))(counted(get_rule_controls))
    for path, endpoint in (
        (":snooze", snooze_rule),
        (":switch-off", switch_off_rule),
        (":switch-on", switch_on_rule),
        (":resume", resume_rule),
    ):
        responses = documented(*ACCESS, *BODY, InvalidInput, Unavailable)
        router.post(path, responses=responses)(counted(endpoint))
    return router


def _author(key: ApiKey) -> str:
    return f"key:{key.id}"
