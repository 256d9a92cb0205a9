"""The API beside the decision itself: read it back, prove a challenge, report what came of it."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Request, Response

from safety.domain.access import Scope
from safety.domain.errors import (
    BodyTooLarge,
    Forbidden,
    InvalidInput,
    MalformedBody,
    NotFound,
    ProofRejected,
    TooManyRequests,
    Unauthenticated,
    UnsupportedMedia,
)
from safety.web.callers import MayDecide, MayRead, MayScrape
from safety.web.limits import Limits
from safety.web.problems import documented
from safety.web.routes import ApiRoute
from safety.web.schemas import DecisionForUser, DecisionInFull, DecisionOut, OutcomeIn, ProofIn
from safety.web.services import ServicesDep

DecisionId = Annotated[
    str,
    Path(
        max_length=64,
        pattern=r"^[^\x00-\x1f]*$",
        description="the decision's id",
        examples=["dec_0199f0c2a41b7c3d"],
    ),
]
ACCESS = (Unauthenticated, Forbidden, TooManyRequests)
BODY = (MalformedBody, BodyTooLarge, UnsupportedMedia, InvalidInput)


def get_decision(
    request: Request,  # noqa: ARG001  the limiter reads it
    decision_id: DecisionId,
    key: MayRead,
    services: ServicesDep,
) -> Response:
    """Read a decision: in full with `decisions:explain`, otherwise as its user may see it."""
    if Scope.EXPLAIN in key.scopes:
        view = services.explainer.in_full(key.tenant, decision_id)
    else:
        view = services.explainer.for_user(key.tenant, decision_id)
    return Response(msgspec.json.encode(view), media_type="application/json")


def prove(
    request: Request,  # noqa: ARG001  the limiter reads it
    decision_id: DecisionId,
    body: ProofIn,
    key: MayDecide,
    services: ServicesDep,
) -> Response:
    """Hand in a solved challenge: the same decision, upgraded. Each solution works once."""
    upgraded = services.challenges.prove(key.tenant, decision_id, body.to_proof())
    return Response(upgraded, media_type="application/json")


def report_outcome(
    request: Request,  # noqa: ARG001  the limiter reads it
    decision_id: DecisionId,
    body: OutcomeIn,
    key: MayDecide,
    services: ServicesDep,
) -> None:
    """Say what came of a decision; models and rules learn from it."""
    services.explainer.add_outcome(
        key.tenant, decision_id, body.outcome, body.note, services.clock(), body.model
    )


def metrics(
    request: Request,  # noqa: ARG001  the limiter reads it
    _key: MayScrape,
    services: ServicesDep,
) -> Response:
    """Prometheus metrics, for a key with `metrics:read`."""
    return Response(services.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


def api_router(limits: Limits) -> APIRouter:
    """Everything about a decision but the decision, and the metrics."""
    router = APIRouter(route_class=ApiRoute)
    counted = limits.policy("decisions")
    decision = "/v1/decisions/{decision_id}"
    router.get(
        decision,
        tags=["decisions"],
        response_model=DecisionInFull | DecisionForUser,
        responses=documented(*ACCESS, NotFound, InvalidInput),
    )(counted(get_decision))
    router.post(
        f"{decision}/proof",
        tags=["decisions"],
        response_model=DecisionOut,
        responses=documented(*ACCESS, NotFound, *BODY, ProofRejected),
    )(counted(prove))
    router.post(
        f"{decision}/outcome",
        tags=["decisions"],
        status_code=204,
        responses=documented(*ACCESS, NotFound, *BODY),
    )(counted(report_outcome))
    router.get(
        "/metrics",
        tags=["operate"],
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}}, **documented(*ACCESS)},
    )(limits.policy("metrics")(metrics))
    return router
