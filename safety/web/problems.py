"""Errors as RFC 9457 problem details. An answer never repeats what was sent."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from slowapi.errors import RateLimitExceeded
from starlette.exceptions import HTTPException

from safety.domain.errors import (
    FieldError,
    InvalidInput,
    NotFound,
    SafetyError,
    TooManyRequests,
)
from safety.web.limits import seconds_to_wait, tell_quota

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
Json = dict[str, Any]


def problem(error: SafetyError) -> Json:
    """The problem document of an expected error."""
    document: Json = {
        "type": f"/problems/{error.slug}",
        "title": error.title,
        "status": int(error.status),
        "detail": error.detail,
    }
    if error.errors:
        document["errors"] = [{"field": e.field, "message": e.message} for e in error.errors]
    return document


def headers_of(error: SafetyError) -> dict[str, str]:
    """Headers that go with an error."""
    headers = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if error.status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="safety-gate"'
    return headers


def problem_response(error: SafetyError) -> Response:
    """The whole response for an expected error."""
    return Response(
        msgspec.json.encode(problem(error)),
        status_code=error.status,
        media_type=MEDIA_TYPE,
        headers=headers_of(error),
    )


def documented(*errors: type[SafetyError]) -> dict[int | str, dict[str, Any]]:
    """OpenAPI's `responses` for the errors that an endpoint may answer with."""
    found: dict[int | str, dict[str, Any]] = {}
    for error in errors:
        text = (error.__doc__ or "").strip().split("\n")[0]
        known = found.setdefault(int(error.status), {"description": "", "content": _CONTENT})
        known["description"] = f"{known['description']} {text}".strip()
    return found


_CONTENT: Mapping[str, Any] = {
    MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}},
}


async def _expected(request: Request, error: Exception) -> Response:
    assert isinstance(error, SafetyError)  # noqa: S101  registered for this class only
    return _told(request, problem_response(error))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for this class only
    fields = [
        FieldError(".".join(str(part) for part in each["loc"][1:]) or "body", str(each["msg"]))
        for each in error.errors()
    ]
    detail = f"{fields[0].field}: {fields[0].message}" if fields else None
    return _told(request, problem_response(InvalidInput(detail, errors=fields[:20])))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for this class only
    if error.status_code == HTTPStatus.NOT_FOUND:
        return _told(request, problem_response(NotFound()))
    status = HTTPStatus(error.status_code)
    document = {"type": "about:blank", "title": status.phrase, "status": int(status)}
    answer = Response(
        msgspec.json.encode(document),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers=dict(error.headers or {}),
    )
    return _told(request, answer)


async def _limited(request: Request, error: Exception) -> Response:
    assert isinstance(error, RateLimitExceeded)  # noqa: S101  registered for this class only
    return _told(request, problem_response(TooManyRequests(retry_after=seconds_to_wait(error))))


def for_the_caller_only(answer: Response) -> None:
    """Set the headers that keep an answer out of caches, and from being taken for a page."""
    answer.headers.setdefault("Cache-Control", "no-store")
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")


def _told(request: Request, answer: Response) -> Response:
    tell_quota(request, answer)
    for_the_caller_only(answer)
    return answer


def unexpected(error: Exception, route: str) -> SafetyError:
    """Log an error that nobody expected, and what to say of it."""
    # The text of an exception may quote content, so the log gets its type and place only.
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    log.error(
        "unexpected_error",
        error=type(error).__name__,
        file=place.tb_frame.f_code.co_filename if place else "",
        line=place.tb_lineno if place else 0,
        route=route,
    )
    return SafetyError("Something went wrong on our side.")


async def _unexpected(request: Request, error: Exception) -> Response:
    route = getattr(request.scope.get("route"), "path", "")
    return problem_response(unexpected(error, route))


def install(app: FastAPI) -> None:
    """Make every error of this application a problem document."""
    app.add_exception_handler(SafetyError, _expected)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RateLimitExceeded, _limited)
    app.add_exception_handler(Exception, _unexpected)
