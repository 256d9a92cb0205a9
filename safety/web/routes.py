"""Routes that count a request before they look at it, and read JSON that reads one way only."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from safety.decisions.strict_json import parse_json
from safety.domain.errors import MalformedBody, SafetyError, UnsupportedMedia
from safety.domain.origin import ORIGIN
from safety.gates.addresses import subject_of
from safety.web.limits import allowance_of, tell_quota
from safety.web.patience import RECEIVE_SECONDS
from safety.web.problems import for_the_caller_only

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_ESCAPE = b"\\u"  # in UTF-8 there is no other way to write half a character


class CountedRoute(APIRoute):
    """A route that cannot be made without a limit.

    It is counted first: before the body is read, the caller admitted and the input validated. Where
    a password may be hashed, it waits for its turn once its body is there.
    """

    is_audited = True  # whether the audit log may say where its requests come from

    def get_route_handler(self) -> Handler:
        """Wrap FastAPI's handler. Raises `LookupError` for an endpoint without a policy."""
        inner, allowance = super().get_route_handler(), allowance_of(self.endpoint)
        turns = allowance.limits.turns(allowance.policy)

        async def handle(request: Request) -> Response:
            allowance.spend(request)
            if self.is_audited:
                ORIGIN.set(subject_of(allowance.limits.address(request)))
            await _arrived(request)
            if turns is None:
                return await inner(request)
            async with turns.turn():
                return await inner(request)

        return handle


async def _arrived(request: Request) -> None:
    """Have the whole body, which the request keeps: no turn waits for somebody's slow line.

    Its size is bounded in front of the application. Raises `MalformedBody` when it takes too long.
    """
    try:
        async with asyncio.timeout(RECEIVE_SECONDS):
            await request.body()
    except TimeoutError:
        raise MalformedBody("the body did not arrive in time") from None
    except ClientDisconnect:
        raise MalformedBody("the body ended early") from None


class ApiRoute(CountedRoute):
    """A counted route whose answers say what is left and are kept nowhere; its body is JSON."""

    def get_route_handler(self) -> Handler:
        """Wrap the counted handler."""
        counted, has_body = super().get_route_handler(), self.body_field is not None

        async def handle(request: Request) -> Response:
            answer = await _unwrapped(counted, _StrictRequest(request, has_body=has_body))
            tell_quota(request, answer)
            for_the_caller_only(answer)
            return answer

        return handle


class _StrictRequest(Request):
    """A request whose `json` refuses what two parsers may read differently."""

    def __init__(self, request: Request, *, has_body: bool) -> None:
        super().__init__(request.scope, request.receive)
        self._has_body = has_body

    async def body(self) -> bytes:
        """The body. Raises `UnsupportedMedia` for a form that another site may have sent."""
        raw = await super().body()
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if raw and self._has_body and kind != "application/json":
            raise UnsupportedMedia
        return raw

    async def json(self) -> Any:
        """The body as JSON. Raises `MalformedBody`, for half a character too."""
        raw = await self.body()
        document = parse_json(raw)
        if _ESCAPE in raw:
            _refuse_halves(document)
        return document


def _refuse_halves(document: object) -> None:
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise MalformedBody("the body holds half a character (a lone surrogate)") from None


async def _unwrapped(handler: Handler, request: Request) -> Response:
    try:
        return await handler(request)
    except HTTPException as error:
        # FastAPI takes whatever goes wrong while a body is read for malformed JSON.
        if isinstance(error.__cause__, SafetyError):
            raise error.__cause__ from None
        raise
