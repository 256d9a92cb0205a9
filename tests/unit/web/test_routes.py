"""A route has the whole body before it takes a turn that others wait for."""

import asyncio
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, Request
from starlette.types import Message

from safety.domain.origin import ORIGIN
from safety.web import routes
from safety.web.hosted_guard import GateRoute
from safety.web.limits import Limits
from safety.web.problems import install
from safety.web.routes import ApiRoute, CountedRoute
from safety.web.turns import Turns


def a_gate(turns: Turns) -> FastAPI:
    limits = Limits(turns=turns)
    router = APIRouter(route_class=ApiRoute)

    @router.post("/sign-in")
    @limits.policy("accounts.sign_in")
    def sign_in(request: Request) -> dict[str, Any]:
        return {"path": request.url.path}

    app = FastAPI()
    install(app)
    app.state.limiter = limits
    app.include_router(router)
    return app


async def asked(app: FastAPI, *messages: Message) -> int:
    """The status of one request whose body arrives as these messages, and then no more."""
    waiting = list(messages)
    statuses: list[int] = []

    async def receive() -> Message:
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop(0)

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/sign-in",
        "raw_path": b"/sign-in",
        "query_string": b"",
        "headers": [(b"host", b"gate"), (b"content-type", b"application/json")],
        "client": ("203.0.113.9", 1),
        "server": ("gate", 80),
        "scheme": "http",
        "http_version": "1.1",
        "root_path": "",
    }
    await app(scope, receive, send)
    return statuses[0]


WHOLE: Message = {"type": "http.request", "body": b"{}", "more_body": False}
HALF: Message = {"type": "http.request", "body": b"{", "more_body": True}


def test_slow_bodies_keep_nobody_from_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "RECEIVE_SECONDS", 1.0)
    app = a_gate(Turns(at_once=1, queue=1, wait=0.5))

    async def storm() -> tuple[int, list[int]]:
        slow = [asyncio.create_task(asked(app, HALF)) for _ in range(8)]
        await asyncio.sleep(0.1)
        quick = await asked(app, WHOLE)
        return quick, await asyncio.gather(*slow)

    quick, slow = asyncio.run(storm())
    assert quick == 200
    assert slow == [400] * 8


def test_a_body_that_breaks_off_is_a_bad_request() -> None:
    gone: Message = {"type": "http.disconnect"}
    assert asyncio.run(asked(a_gate(Turns()), HALF, gone)) == 400


class Unplaced(CountedRoute):
    is_audited = False


def test_staff_and_platforms_are_placed_for_the_audit_log_and_users_are_not() -> None:
    seen: list[str] = []

    def placed(route_class: type[CountedRoute]) -> FastAPI:
        limits = Limits()
        router = APIRouter(route_class=route_class)

        @router.post("/sign-in")
        @limits.policy("accounts.manage")
        def act(request: Request) -> None:
            seen.append(ORIGIN.get())

        app = FastAPI()
        app.state.limiter = limits
        app.include_router(router)
        return app

    asyncio.run(asked(placed(ApiRoute), WHOLE))
    asyncio.run(asked(placed(Unplaced), WHOLE))
    assert seen == ["203.0.113.9", ""]
    assert not GateRoute.is_audited
