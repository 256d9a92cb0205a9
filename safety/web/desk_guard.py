"""The guard of the desk: headers, cookie, cross-site refusal, and errors as pages for people."""

from http import HTTPStatus
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from slowapi.errors import RateLimitExceeded
from starlette.exceptions import HTTPException

from safety.accounts.staff import Staff
from safety.domain.errors import (
    InvalidInput,
    NotFound,
    SafetyError,
    StepUpNeeded,
    TooManyRequests,
    Unauthenticated,
)
from safety.web.desk_answers import is_told, refused
from safety.web.desk_pages import pages
from safety.web.desk_squeeze import squeezed
from safety.web.limits import seconds_to_wait
from safety.web.routes import CountedRoute, Handler

SIGN_IN = "/desk/sign-in"
ENROL = "/desk/enrol"
CONFIRM = "/desk/confirm"
SESSION = "safety_desk"
STEP = "safety_desk_step"  # between the password and the code
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types desk captcha"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# Whoever mistyped an address, or comes too late for what was there.
_NOWHERE = ("This is not here", "The address may be wrong, or what was here has ended.")
_A_YEAR_OF_HTTPS = "max-age=31536000"


class EnrolmentNeeded(Exception):
    """This person has to set up their second factor first: a page of the desk leads them there."""


class DeskRoute(CountedRoute):
    """A counted route whose answers are safe pages, also when something expected goes wrong."""

    def get_route_handler(self) -> Handler:
        """Wrap FastAPI's handler: a person reads the answer, so problem details become pages."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return secured(request, squeezed(request, await _answer(inner, request)))

        return handle


async def _answer(inner: Handler, request: Request) -> Response:  # noqa: PLR0911 -- one per error
    try:
        return await inner(request)
    except (Unauthenticated, EnrolmentNeeded) as error:
        path = SIGN_IN if isinstance(error, Unauthenticated) else ENROL
        return RedirectResponse(path, HTTPStatus.SEE_OTHER)
    except SafetyError as error:
        return _explained(request, error)
    except RateLimitExceeded as error:
        return _too_many(seconds_to_wait(error))
    except RequestValidationError:
        # The input is not repeated: it may be a secret or somebody's trap.
        if is_told(request):
            return refused(InvalidInput("That is not understood."))
        return message(HTTPStatus.UNPROCESSABLE_ENTITY, "That is not understood.", "Start again.")
    except HTTPException as error:
        return message(HTTPStatus(error.status_code), "That is not understood.", "Start again.")


def _explained(request: Request, error: SafetyError) -> Response:
    if is_told(request):
        return refused(error)
    if isinstance(error, TooManyRequests):
        return _too_many(error.retry_after)
    if isinstance(error, StepUpNeeded):
        section = "/".join(request.url.path.split("/")[:3])
        way_on = ("Confirm that it is you", f"{CONFIRM}?next={quote(section)}")
        return message(error.status, "Is it still you?", error.detail, way_on=way_on)
    return message(error.status, *words_of(error), error.retry_after)


def words_of(error: SafetyError) -> tuple[str, str]:
    """A heading and a sentence about an error, for a person who looks at a page."""
    if error.detail != error.title:
        return error.title, error.detail
    return _NOWHERE if isinstance(error, NotFound) else (error.title, "")


def _too_many(retry_after: int | None) -> Response:
    text = "Wait a few minutes, then try again."
    return message(HTTPStatus.TOO_MANY_REQUESTS, "Too many tries", text, retry_after)


def message(
    status: HTTPStatus,
    title: str,
    detail: str,
    retry_after: int | None = None,
    *,
    way_on: tuple[str, str] = ("Back to the queue", "/desk"),
) -> Response:
    """A page that says what went wrong, and where to go on: a link's text and address."""
    context = {
        "status": status.value,
        "title": title.rstrip("."),
        "detail": detail,
        "way_on": way_on,
    }
    answer = pages().render("message.html", context, status)
    if retry_after is not None:
        answer.headers["Retry-After"] = str(retry_after)
    return answer


def secured(request: Request, answer: Response) -> Response:
    """Set the headers that every page carries; what an endpoint set itself stays."""
    for name, text in HEADERS.items():
        answer.headers.setdefault(name, text)
    if _is_https(request):
        answer.headers.setdefault("Strict-Transport-Security", _A_YEAR_OF_HTTPS)
    return answer


def cookie_token(request: Request, cookie: str = SESSION) -> str | None:
    """The token that the browser sent in one of the desk's cookies, if any."""
    return request.cookies.get(_cookie_name(request, cookie))


def set_cookie(
    request: Request,
    answer: Response,
    token: str,
    cookie: str = SESSION,
    lasts: float | None = None,
) -> None:
    """Hand a token to the browser, out of reach of scripts and of other sites."""
    answer.set_cookie(
        _cookie_name(request, cookie),
        token,
        max_age=None if lasts is None else int(lasts),
        path="/",
        httponly=True,
        samesite="strict",
        secure=_is_https(request),
    )


def clear_cookie(request: Request, answer: Response, cookie: str = SESSION) -> None:
    """Make the browser forget a token."""
    answer.delete_cookie(
        _cookie_name(request, cookie),
        path="/",
        httponly=True,
        samesite="strict",
        secure=_is_https(request),
    )


def _cookie_name(request: Request, cookie: str) -> str:
    """Browsers hold `__Host-` to its promises, but only where there is TLS."""
    return f"__Host-{cookie}" if _is_https(request) else cookie


def _is_https(request: Request) -> bool:
    """Whether browsers reach us over TLS; a proxy may end it, so the request does not know."""
    staff: Staff = request.app.state.services.staff
    return staff.https
