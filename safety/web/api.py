"""The API beside the decision itself: read it back, prove a challenge, report what came of it."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Response

from safety.domain.access import Scope
from safety.domain.errors import (
    Forbidden,
    InvalidInput,
    MalformedBody,
    NotFound,
    ProofRejected,
    Unauthenticated,
)
from safety.web.callers import MayDecide, MayRead, MayScrape
from safety.web.problems import documented
from safety.web.schemas import DecisionForUser, DecisionInFull, DecisionOut, OutcomeIn, ProofIn
from safety.web.services import ServicesDep

router = APIRouter()

DecisionId = Annotated[
    str, Path(max_length=64, description="the decision's id", examples=["dec_0199f0c2a41b7c3d"])
]
_ACCESS = (Unauthenticated, Forbidden)


@router.get(
    "/v1/decisions/{decision_id}",
    tags=["decisions"],
    response_model=DecisionInFull | DecisionForUser,
    responses=documented(*_ACCESS, NotFound, InvalidInput),
)
def get_decision(decision_id: DecisionId, key: MayRead, services: ServicesDep) -> Response:
    """Read a decision: in full with `decisions:explain`, otherwise as its user may see it."""
    if Scope.EXPLAIN in key.scopes:
        view = services.explainer.in_full(key.tenant, decision_id)
    else:
        view = services.explainer.for_user(key.tenant, decision_id)
    return Response(msgspec.json.encode(view), media_type="application/json")


@router.post(
    "/v1/decisions/{decision_id}/proof",
    tags=["decisions"],
    response_model=DecisionOut,
    responses=documented(*_ACCESS, NotFound, InvalidInput, ProofRejected, MalformedBody),
)
def prove(
    decision_id: DecisionId, body: ProofIn, key: MayDecide, services: ServicesDep
) -> Response:
    """Hand in a solved challenge: the same decision, upgraded. Each solution works once."""
    upgraded = services.challenges.prove(key.tenant, decision_id, body.payload)
    return Response(upgraded, media_type="application/json")


@router.post(
    "/v1/decisions/{decision_id}/outcome",
    tags=["decisions"],
    status_code=204,
    responses=documented(*_ACCESS, NotFound, InvalidInput, MalformedBody),
)
def report_outcome(
    decision_id: DecisionId, body: OutcomeIn, key: MayDecide, services: ServicesDep
) -> None:
    """Say what came of a decision; models and rules learn from it."""
    services.explainer.add_outcome(
        key.tenant, decision_id, body.outcome, body.note, services.clock()
    )


@router.get(
    "/metrics",
    tags=["operate"],
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}, **documented(*_ACCESS)},
)
def metrics(_key: MayScrape, services: ServicesDep) -> Response:
    """Prometheus metrics, for a key with `metrics:read`."""
    return Response(services.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
