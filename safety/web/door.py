"""The short way in for decisions: from bytes to bytes without a framework in between.

An ordinary endpoint costs more than the whole judgement (docs/performance.md), so this ASGI layer
answers the two decision paths itself and hands everything else on. It also gives every response
its request id. The OpenAPI document describes the same paths, and a contract test holds the two
together.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import msgspec
import structlog
from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from safety.decisions.checks import ID_LENGTH
from safety.decisions.decide import Caller
from safety.decisions.strict_json import parse_json
from safety.domain.access import Scope as KeyScope
from safety.domain.errors import (
    BodyTooLarge,
    FieldError,
    InvalidInput,
    SafetyError,
    UnsupportedMedia,
)
from safety.web.patience import RECEIVE_SECONDS, Patience
from safety.web.problems import MEDIA_TYPE, headers_of, problem, unexpected
from safety.web.services import Services

BODY_LIMIT = 256 * 1024
BATCH_BODY_LIMIT = 1024 * 1024
OTHER_BODY_LIMIT = 64 * 1024
BATCH_LENGTH = 100

_JSON = b"application/json"
_PROBLEM = MEDIA_TYPE.encode()
# What an endpoint does not say itself: answers are for whoever asked, and are what they say.
_CAREFUL = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")

Headers = dict[bytes, bytes]
Decide = Callable[[Caller, bytes, Headers, float], Awaitable[bytes]]


class DecisionDoor:
    """Answers `POST /v1/decisions` and `POST /v1/decisions:batch`; passes on the rest."""

    def __init__(
        self,
        inner: FastAPI,
        services: Services,
        body_limit: Callable[[str], int] = lambda _path: OTHER_BODY_LIMIT,
    ) -> None:
        self.inner = inner
        self._body_limit = body_limit
        self.services = services
        self._patience = Patience(RECEIVE_SECONDS)
        self._answers: dict[str, tuple[Decide, int]] = {
            "/v1/decisions": (self._one, BODY_LIMIT),
            "/v1/decisions:batch": (self._many, BATCH_BODY_LIMIT),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        headers = dict(scope["headers"])
        request_id = _request_id(headers, self.services)
        door = self._answers.get(scope["path"]) if scope["method"] == "POST" else None
        try:
            if door is None:
                await self._pass_on(scope, receive, send, headers, request_id)
                return
            arrived = self.services.timer()
            decide, limit = door
            key = self.services.keyring.admit(headers.get(b"authorization"), KeyScope.DECIDE)
            _demand_json(headers)
            _refuse_declared(headers, limit)
            raw = await self._patience.body(receive, limit)
            body = await decide(Caller(key.tenant, key.is_test), raw, headers, arrived)
            answer = _Answer(200, _JSON, body)
        except SafetyError as error:
            answer = _refusal(error)
        except Exception as error:
            if door is None:
                raise  # the framework has answered already
            structlog.contextvars.bind_contextvars(request_id=request_id.decode())
            answer = _refusal(unexpected(error, scope["path"]))
        self.services.metrics.answered(answer.status)
        await send(answer.start(request_id))
        await send({"type": "http.response.body", "body": answer.body})

    async def _pass_on(
        self, scope: Scope, receive: Receive, send: Send, headers: Headers, request_id: bytes
    ) -> None:
        structlog.contextvars.bind_contextvars(request_id=request_id.decode())
        limit = self._body_limit(scope["path"])
        _refuse_declared(headers, limit)
        counted = _counted(send, request_id, self.services)
        await self.inner(scope, _limited(receive, limit), counted)

    def _one(
        self, caller: Caller, raw: bytes, headers: Headers, arrived: float
    ) -> Awaitable[bytes]:
        event = self.services.decider.read(raw, _fallback_id(headers, self.services))
        return self.services.decider.decide(caller, event, arrived)

    async def _many(self, caller: Caller, raw: bytes, _headers: Headers, arrived: float) -> bytes:
        tasks = []
        for each in _events(raw):
            tasks.append(asyncio.create_task(self._element(caller, each, arrived)))
            # One element a turn: whoever else is waiting goes in between.
            await asyncio.sleep(0)
        answers = await asyncio.gather(*tasks)
        return b'{"decisions":[' + b",".join(answers) + b"]}"

    async def _element(self, caller: Caller, document: Any, arrived: float) -> bytes:
        try:
            event = self.services.decider.read_object(document, lambda: self.services.new_id("evt"))
            return await self.services.decider.decide(caller, event, arrived)
        except SafetyError as error:
            return msgspec.json.encode({"problem": problem(error)})


class _Answer(NamedTuple):
    """A response, ready to be sent."""

    status: int
    content_type: bytes
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()

    def start(self, request_id: bytes) -> Message:
        """What goes out before the body."""
        return {
            "type": "http.response.start",
            "status": self.status,
            "headers": [
                (b"content-type", self.content_type),
                (b"content-length", b"%d" % len(self.body)),
                (b"x-request-id", request_id),
                (b"cache-control", b"no-store"),
                *self.headers,
            ],
        }


def _refusal(error: SafetyError) -> _Answer:
    extra = tuple((n.lower().encode(), v.encode()) for n, v in headers_of(error).items())
    return _Answer(int(error.status), _PROBLEM, msgspec.json.encode(problem(error)), extra)


def _events(raw: bytes) -> list[Any]:
    document = parse_json(raw)
    if type(document) is not dict or type(document.get("events")) is not list:
        raise InvalidInput("events: is required and must be a list")
    unknown = [name for name in document if name != "events"]
    if unknown:
        raise InvalidInput("a batch holds events and nothing else")
    events: list[Any] = document["events"]
    if not 1 <= len(events) <= BATCH_LENGTH:
        raise InvalidInput(
            f"events: must hold 1 to {BATCH_LENGTH} events",
            errors=[FieldError("events", f"must hold 1 to {BATCH_LENGTH} events")],
        )
    return events


def _fallback_id(headers: Headers, services: Services) -> Callable[[], str]:
    given = headers.get(b"idempotency-key")
    if given is None:
        return lambda: services.new_id("evt")
    if not 1 <= len(given) <= ID_LENGTH or not given.isascii() or not given.decode().isprintable():
        message = f"must be 1 to {ID_LENGTH} printable ASCII characters"
        raise InvalidInput(
            f"Idempotency-Key: {message}", errors=[FieldError("Idempotency-Key", message)]
        )
    return given.decode


def _demand_json(headers: Headers) -> None:
    kind = headers.get(b"content-type", b"")
    if kind != _JSON and kind.partition(b";")[0].strip().lower() != _JSON:
        raise UnsupportedMedia


def _refuse_declared(headers: Headers, limit: int) -> None:
    declared = headers.get(b"content-length", b"")
    if declared.isdigit() and int(declared[:12]) > limit:
        raise BodyTooLarge(f"the body may have {limit} bytes")


def _limited(receive: Receive, limit: int) -> Receive:
    """What an ordinary endpoint may read: a stream that does not say how long it is ends, too."""
    size = 0

    async def limited() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise BodyTooLarge(f"the body may have {limit} bytes")
        return message

    return limited


def _request_id(headers: Headers, services: Services) -> bytes:
    given = headers.get(b"x-request-id")
    if given is not None and _REQUEST_ID.fullmatch(given):
        return given
    return services.new_id("req").encode()


def _counted(send: Send, request_id: bytes, services: Services) -> Send:
    async def counted(message: Message) -> None:
        if message["type"] == "http.response.start":
            services.metrics.answered(message["status"])
            given = message.get("headers", [])
            named = {name.lower() for name, _ in given}
            careful = [pair for pair in _CAREFUL if pair[0] not in named]
            message["headers"] = [*given, *careful, (b"x-request-id", request_id)]
        await send(message)

    return counted
