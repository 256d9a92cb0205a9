"""Is it alive, is it ready, and what is wrong: for load balancers, operators and the desk."""

from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from safety.domain.errors import TooManyRequests
from safety.web.limits import Limits
from safety.web.problems import documented
from safety.web.routes import ApiRoute

Probe = Callable[[], str | None]


@dataclass(slots=True)
class Health:
    """What is known of the parts. Each probe answers what is wrong with its part, or None.

    Whatever is wrong, a service that has started answers decisions (by fail policy if it must), so
    it is never taken out of traffic for it.
    """

    probes: dict[str, Probe] = field(default_factory=dict)
    is_started: bool = False

    def report(self) -> "Readiness":
        """Ask every probe."""
        wrong = {name: text for name, probe in self.probes.items() if (text := probe())}
        if not self.is_started:
            return Readiness(status="starting", problems=wrong)
        return Readiness(status="degraded" if wrong else "ready", problems=wrong)


class Readiness(BaseModel):
    """`ready` and `degraded` take traffic; `starting` does not yet."""

    status: Literal["starting", "ready", "degraded"]
    problems: dict[str, str]


class Liveness(BaseModel):
    """The process answers."""

    status: str = "alive"


def health_router(health: Health, limits: Limits) -> APIRouter:
    """`/healthz` and `/readyz`."""
    router = APIRouter(tags=["operate"], route_class=ApiRoute)
    counted = limits.policy("health")

    @router.get("/healthz", responses=documented(TooManyRequests))
    @counted
    def healthz(request: Request) -> Liveness:  # noqa: ARG001  the limiter reads it
        """Whether the process answers at all."""
        return Liveness()

    @router.get(
        "/readyz",
        responses={
            503: {"model": Readiness, "description": "Not ready to take traffic."},
            **documented(TooManyRequests),
        },
    )
    @counted
    def readyz(request: Request, response: Response) -> Readiness:  # noqa: ARG001  as above
        """Whether decisions are answered, and which parts are missing."""
        readiness = health.report()
        if readiness.status == "starting":
            response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        return readiness

    return router
