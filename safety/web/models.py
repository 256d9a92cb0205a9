"""Models over HTTP: which versions there are, which serve, and the way back in an emergency."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from safety.decisions.model_versions import By, ModelVersions
from safety.decisions.record import iso
from safety.domain.errors import InvalidInput, ModelUnusable, NotFound, Unavailable
from safety.store.models import Change, Pointer
from safety.web.api import ACCESS, BODY
from safety.web.callers import MayChangeRules
from safety.web.limits import Limits
from safety.web.problems import documented
from safety.web.routes import ApiRoute
from safety.web.services import ServicesDep

_LISTED = 20

Name = Annotated[
    str,
    Path(pattern=r"^[a-z][a-z0-9_]{0,63}$", description="the model's name", examples=["spam"]),
]


class ModelRollBackIn(BaseModel):
    """A wish to make the version live that was live before."""

    model_config = ConfigDict(extra="forbid", strict=True)

    why: str = Field(
        default="",
        max_length=500,
        pattern=r"^[^\x00]*$",
        description="for history and the audit log",
        examples=["flags poems"],
    )


class ModelChangeOut(BaseModel):
    """One change of what is live, in shadow or the threshold."""

    action: str = Field(examples=["promoted"])
    live: str = Field(description="what was live afterwards; empty is the newest shipped version")
    shadow: str
    author: str
    why: str
    at: str
    is_forced: bool = Field(description="although the comparison spoke against it")

    @classmethod
    def of(cls, change: Change) -> "ModelChangeOut":
        """As people see it."""
        details: dict[str, Any] = json.loads(change.details)
        return cls(
            action=change.action,
            live=change.live,
            shadow=change.shadow,
            author=change.author,
            why=change.why,
            at=iso(change.at),
            is_forced=bool(details.get("forced")),
        )


class ModelOut(BaseModel):
    """A model: the version that serves, its threshold, and every other that is there."""

    name: str = Field(examples=["spam"])
    live: str = Field(description="empty when no version is in force", examples=["2"])
    is_chosen: bool = Field(description="whether somebody chose it; else it is the newest shipped")
    shadow: str = Field(description="the version that is scored beside it; empty when none is")
    versions: list[str]
    threshold: float | None = Field(description="what rules read as `threshold.<name>`")
    changes: list[ModelChangeOut] = Field(description=f"the latest {_LISTED}, newest first")


class ModelsOut(BaseModel):
    """Every model, and what keeps a chosen version from serving here."""

    models: list[ModelOut]
    trouble: str | None = Field(description="null when all is well")


def get_models(
    request: Request,  # noqa: ARG001  the limiter reads it
    _key: MayChangeRules,
    services: ServicesDep,
) -> ModelsOut:
    """Which versions of models serve, and what changed that."""
    versions = services.models
    pointers = versions.pointers()
    names = sorted({*versions.shelf.names(), *pointers})
    return ModelsOut(
        models=[_model(versions, name, pointers.get(name)) for name in names],
        trouble=services.health.probes["models"](),
    )


def roll_back_model(
    request: Request,  # noqa: ARG001  the limiter reads it
    name: Name,
    body: ModelRollBackIn,
    key: MayChangeRules,
    services: ServicesDep,
) -> ModelOut:
    """Make the version live that was live before. Every process follows within two seconds."""
    pointer = services.models.roll_back(name, By(f"key:{key.id}", body.why))
    return _model(services.models, name, pointer)


def models_router(limits: Limits) -> APIRouter:
    """`/v1/models` and `/v1/models/{name}:rollback`."""
    router = APIRouter(prefix="/v1", tags=["models"], route_class=ApiRoute)
    counted = limits.policy("rules")
    router.get("/models", responses=documented(*ACCESS, Unavailable))(counted(get_models))
    router.post(
        "/models/{name}:rollback",
        responses=documented(*ACCESS, *BODY, NotFound, InvalidInput, ModelUnusable, Unavailable),
    )(counted(roll_back_model))
    return router


def _model(versions: ModelVersions, name: str, pointer: Pointer | None) -> ModelOut:
    live = versions.live(name, pointer)
    try:
        threshold = versions.threshold(name, live)[0] if live else None
    except (ModelUnusable, NotFound):
        threshold = None
    return ModelOut(
        name=name,
        live=live,
        is_chosen=bool(pointer and pointer.live),
        shadow=pointer.shadow if pointer else "",
        versions=versions.versions(name),
        threshold=threshold,
        changes=[ModelChangeOut.of(each) for each in versions.history(name, limit=_LISTED)],
    )
