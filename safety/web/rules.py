"""Versions of the rules over HTTP: which is in force, publish the folders, go back to one."""

from typing import Annotated, Self

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from safety.decisions.record import iso
from safety.decisions.versions import SHOWN
from safety.domain.access import ApiKey
from safety.domain.errors import InvalidInput, NotFound, RulesRefused, Unavailable
from safety.store.bundles import Active, Version
from safety.web.api import ACCESS, BODY
from safety.web.callers import MayChangeRules
from safety.web.limits import Limits
from safety.web.problems import documented
from safety.web.routes import ApiRoute
from safety.web.services import ServicesDep

_LISTED = 50
_EXAMPLE = "5f0c2a41b7c3"
_Why = Annotated[
    str,
    Field(
        max_length=500,
        pattern=r"^[^\x00]*$",
        description="for history and the audit log",
        examples=["blocks too much"],
    ),
]


class ReloadIn(BaseModel):
    """A wish to put in force what the folders hold."""

    model_config = ConfigDict(extra="forbid", strict=True)

    why: _Why = ""


class RollBackIn(BaseModel):
    """A wish to go back to an earlier version."""

    model_config = ConfigDict(extra="forbid", strict=True)

    version: str | None = Field(
        default=None,
        min_length=4,
        max_length=64,
        pattern="^[0-9a-f]+$",
        description="its name or how it begins; without one, the version before this one",
        examples=[_EXAMPLE],
    )
    why: _Why = ""


class ActiveOut(BaseModel):
    """The version in force. A pinned one stays until the folders change or somebody publishes."""

    version: str = Field(examples=[_EXAMPLE])
    is_pinned: bool
    author: str
    why: str
    since: str

    @classmethod
    def of(cls, active: Active) -> Self:
        """As people see it."""
        return cls(
            version=active.version[:SHOWN],
            is_pinned=active.is_pinned,
            author=active.author,
            why=active.why,
            since=iso(active.since),
        )


class VersionOut(BaseModel):
    """One version of the rules, as it was made."""

    version: str = Field(examples=[_EXAMPLE])
    rules: int
    author: str
    why: str
    created_at: str

    @classmethod
    def of(cls, version: Version) -> Self:
        """As people see it."""
        return cls(
            version=version.version[:SHOWN],
            rules=version.rules,
            author=version.author,
            why=version.why,
            created_at=iso(version.created_at),
        )


class RulesOut(BaseModel):
    """What is in force, what could be, and what keeps newer files from it."""

    active: ActiveOut
    serving: str = Field(description="what the process that answers judges by just now")
    error: str | None = Field(description="the first error of the files; null when all is well")
    versions: list[VersionOut] = Field(description=f"the latest {_LISTED}, newest first")


def get_rules(
    request: Request,  # noqa: ARG001  the limiter reads it
    _key: MayChangeRules,
    services: ServicesDep,
) -> RulesOut:
    """Which version of the rules is in force, and the versions that were."""
    active = services.versions.active()
    if active is None:
        raise NotFound
    return RulesOut(
        active=ActiveOut.of(active),
        serving=services.serving_version()[:SHOWN],
        error=services.health.probes["rules"](),
        versions=[VersionOut.of(each) for each in services.versions.history(limit=_LISTED)],
    )


def reload_rules(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: ReloadIn,
    key: MayChangeRules,
    services: ServicesDep,
) -> ActiveOut:
    """Compile, test and publish what the folders hold now. With an error, nothing changes."""
    return ActiveOut.of(services.reload_rules(author=_author(key), why=body.why))


def roll_back_rules(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: RollBackIn,
    key: MayChangeRules,
    services: ServicesDep,
) -> ActiveOut:
    """Put an earlier version in force. Every process follows within a second or two."""
    versions = services.versions
    return ActiveOut.of(versions.roll_back(body.version, author=_author(key), why=body.why))


def rules_router(limits: Limits) -> APIRouter:
    """`/v1/rules`, `/v1/rules:reload` and `/v1/rules:rollback`."""
    router = APIRouter(prefix="/v1", tags=["rules"], route_class=ApiRoute)
    counted = limits.policy("rules")
    router.get("/rules", responses=documented(*ACCESS, NotFound, Unavailable))(counted(get_rules))
    router.post("/rules:reload", responses=documented(*ACCESS, *BODY, RulesRefused, Unavailable))(
        counted(reload_rules)
    )
    router.post(
        "/rules:rollback",
        responses=documented(*ACCESS, *BODY, NotFound, InvalidInput, Unavailable),
    )(counted(roll_back_rules))
    return router


def _author(key: ApiKey) -> str:
    return f"key:{key.id}"
