"""Errors as the Perspective Comment Analyzer tells them: Google's shape, its codes and words."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from slowapi.errors import RateLimitExceeded
from starlette.exceptions import HTTPException

from safety.domain.errors import SafetyError, TooManyRequests, Unauthenticated
from safety.web.facades.keys import KeyMissing
from safety.web.limits import seconds_to_wait
from safety.web.problems import for_the_caller_only
from safety.web.routes import ApiRoute, Handler

_ERROR_TYPE = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
_ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
_WORDS = {
    HTTPStatus.BAD_REQUEST: "INVALID_ARGUMENT",
    HTTPStatus.UNAUTHORIZED: "UNAUTHENTICATED",
    HTTPStatus.FORBIDDEN: "PERMISSION_DENIED",
    HTTPStatus.NOT_FOUND: "NOT_FOUND",
    HTTPStatus.TOO_MANY_REQUESTS: "RESOURCE_EXHAUSTED",
    HTTPStatus.SERVICE_UNAVAILABLE: "UNAVAILABLE",
}
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class Refused(Exception):
    """A request that the analyzer does not take, with the details its clients look at."""

    def __init__(self, message: str, details: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.details = list(details)


def comment_empty() -> Refused:
    """There is no text."""
    return Refused("Comment must be non-empty.", [_of_type("COMMENT_EMPTY")])


def comment_too_long() -> Refused:
    """The text is longer than the analyzer takes."""
    return Refused("Comment text was too many bytes.", [_of_type("COMMENT_TOO_LONG")])


def unknown_attribute(name: str) -> Refused:
    """Nobody here scores this."""
    return Refused(f"Unknown requested attribute: {_shown(name)}")


def language_not_supported(attribute: str, languages: Sequence[str]) -> Refused:
    """No model speaks this language for this attribute."""
    shown = [_shown(each) for each in languages]
    message = f"Attribute {attribute} does not support request languages: {', '.join(shown)}"
    about = {"detectedLanguages": shown, "attribute": attribute}
    details = _of_type("LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE")
    return Refused(message, [details | {"languageNotSupportedByAttributeError": about}])


class PerspectiveRoute(ApiRoute):
    """An API route whose errors are told in Google's shape."""

    def get_route_handler(self) -> Handler:
        """Wrap the counted, strict handler."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await inner(request)
            except RateLimitExceeded as error:
                return _expected(TooManyRequests(retry_after=seconds_to_wait(error)))
            except (Refused, SafetyError, RequestValidationError, HTTPException) as error:
                return _answer_to(error)

        return handle


def _answer_to(error: Refused | SafetyError | RequestValidationError | HTTPException) -> Response:
    match error:
        case Refused():
            return _told(HTTPStatus.BAD_REQUEST, error.message, error.details)
        case KeyMissing():
            return _told(HTTPStatus.FORBIDDEN, "The request is missing a valid API key.")
        case Unauthenticated():
            info = {"@type": _ERROR_INFO, "reason": "API_KEY_INVALID"}
            message = "API key not valid. Please pass a valid API key."
            return _told(HTTPStatus.BAD_REQUEST, message, [info])
        case SafetyError():
            return _expected(error)
        case RequestValidationError():
            return _told(HTTPStatus.BAD_REQUEST, _invalid(error))
    status = HTTPStatus(error.status_code)
    return _told(status, status.phrase)


def _expected(error: SafetyError) -> Response:
    status = error.status if error.status in _WORDS else HTTPStatus.BAD_REQUEST
    answer = _told(status, error.detail or error.title)
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _told(status: HTTPStatus, message: str, details: Sequence[dict[str, Any]] = ()) -> Response:
    error: dict[str, Any] = {
        "code": int(status),
        "message": message,
        "status": _WORDS.get(status, "UNKNOWN"),
    }
    if details:
        error["details"] = list(details)
    body = msgspec.json.encode({"error": error})
    answer = Response(body, status_code=status, media_type="application/json")
    for_the_caller_only(answer)
    return answer


def _invalid(error: RequestValidationError) -> str:
    """What is wrong with which field; never the value."""
    for each in error.errors():
        place = ".".join(_shown(str(part)) for part in each["loc"][1:]) or "body"
        return f"Invalid JSON payload received. {place}: {each['msg']}"
    return "Invalid JSON payload received."


def _of_type(kind: str) -> dict[str, Any]:
    return {"@type": _ERROR_TYPE, "errorType": kind}


def _shown(name: str) -> str:
    """A name as it was sent if it is one; anything else is not repeated."""
    return name if _PLAIN_NAME.fullmatch(name) else "(not a name)"
