"""The guard of the desk: headers, cookie, cross-site refusal, and errors as pages for people."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from slowapi.errors import RateLimitExceeded

from safety.accounts.staff import Staff
from safety.domain.errors import Forbidden, SafetyError, Unauthenticated
from safety.web.desk_pages import pages
from safety.web.limits import seconds_to_wait

SIGN_IN = "/desk/sign-in"
_COOKIE = "safety_desk"
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_A_YEAR_OF_HTTPS = "max-age=31536000"

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class DeskRoute(APIRoute):
    """A route whose answers are safe pages, also when something expected goes wrong."""

    def get_route_handler(self) -> Handler:
        """Wrap FastAPI's handler: a person reads the answer, so problem details become pages."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return secured(request, await _answer(inner, request))

        return handle


async def _answer(inner: Handler, request: Request) -> Response:
    try:
        return await inner(request)
    except Unauthenticated:
        return RedirectResponse(SIGN_IN, HTTPStatus.SEE_OTHER)
    except SafetyError as error:
        return message(error.status, error.title, error.detail, error.retry_after)
    except RateLimitExceeded as error:
        return message(
            HTTPStatus.TOO_MANY_REQUESTS,
            "Too many tries.",
            "Wait a moment, then try again.",
            seconds_to_wait(error),
        )
    except RequestValidationError:
        # The input is not repeated: it may be a secret or somebody's trap.
        return message(HTTPStatus.UNPROCESSABLE_ENTITY, "That is not understood.", "Start again.")
    except HTTPException as error:
        return message(HTTPStatus(error.status_code), "That is not understood.", "Start again.")


def message(
    status: HTTPStatus, title: str, detail: str, retry_after: int | None = None
) -> Response:
    """A page that says what went wrong."""
    context = {"status": status.value, "title": title.rstrip("."), "detail": detail}
    answer = pages().render("message.html", context, status)
    if retry_after is not None:
        answer.headers["Retry-After"] = str(retry_after)
    return answer


def secured(request: Request, answer: Response) -> Response:
    """Set the headers that every page carries; what an endpoint set itself stays."""
    for name, text in _HEADERS.items():
        answer.headers.setdefault(name, text)
    if _is_https(request):
        answer.headers.setdefault("Strict-Transport-Security", _A_YEAR_OF_HTTPS)
    return answer


def refuse_other_sites(request: Request) -> None:
    """Refuse a form that another site sent, and one that does not say where it comes from.

    `Sec-Fetch-Site` is set by the browser and out of reach of any page; browsers that do not send
    it send `Origin`. Raises `Forbidden`.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        is_ours = site == "same-origin"
    else:
        origin = urlsplit(request.headers.get("origin", ""))
        is_ours = origin.netloc != "" and origin.netloc == request.headers.get("host")
    if not is_ours:
        raise Forbidden("This form did not come from the desk. Nothing was done.")


def cookie_token(request: Request) -> str | None:
    """The session token that the browser sent, if any."""
    return request.cookies.get(_cookie_name(request))


def set_cookie(request: Request, answer: Response, token: str) -> None:
    """Hand the token to the browser, out of reach of scripts and of other sites."""
    answer.set_cookie(
        _cookie_name(request),
        token,
        path="/",
        httponly=True,
        samesite="strict",
        secure=_is_https(request),
    )


def clear_cookie(request: Request, answer: Response) -> None:
    """Make the browser forget the token."""
    answer.delete_cookie(
        _cookie_name(request),
        path="/",
        httponly=True,
        samesite="strict",
        secure=_is_https(request),
    )


def _cookie_name(request: Request) -> str:
    """Browsers hold `__Host-` to its promises, but only where there is TLS."""
    return f"__Host-{_COOKIE}" if _is_https(request) else _COOKIE


def _is_https(request: Request) -> bool:
    """Whether browsers reach us over TLS; a proxy may end it, so the request does not know."""
    staff: Staff = request.app.state.services.staff
    return staff.https
