"""The guard of the hosted pages: cookies, own forms only, and errors as pages for people."""

import hmac
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Form, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from slowapi.errors import RateLimitExceeded
from starlette.exceptions import HTTPException

from safety.accounts.visitor import Visitor
from safety.domain.accounts import Session
from safety.domain.errors import (
    Forbidden,
    SafetyError,
    SessionEnded,
    StepUpNeeded,
    TooManyRequests,
)
from safety.gates.addresses import address_of
from safety.web.addresses import client_address
from safety.web.desk_guard import secured, words_of
from safety.web.desk_pages import pages
from safety.web.limits import seconds_to_wait
from safety.web.routes import CountedRoute, Handler
from safety.web.same_site import own_forms_only
from safety.web.services import Services, ServicesDep

SIGN_IN = "/gate/sign-in"
ACCOUNT = "/gate/account"
CONFIRM = "/gate/confirm"
SESSION = "safety_gate"
STEP = "safety_gate_step"  # between the password and the code
_LONGEST_AGENT = 512

Typed = Annotated[str, Form(max_length=300)]
Password = Annotated[str, Form(max_length=1024)]
Code = Annotated[str, Form(max_length=64)]


class GateRoute(CountedRoute):
    """A counted route whose answers are safe pages, also when something expected goes wrong."""

    is_audited = False  # users do these things, not staff

    def get_route_handler(self) -> Handler:
        """Wrap the counted handler."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return secured(request, await _answer(inner, request))

        return handle


async def _answer(inner: Handler, request: Request) -> Response:
    try:
        return await inner(request)
    except (SessionEnded, StepUpNeeded) as error:
        return to(SIGN_IN if isinstance(error, SessionEnded) else CONFIRM)
    except RateLimitExceeded as error:
        return _explained(TooManyRequests(retry_after=seconds_to_wait(error)))
    except SafetyError as error:
        return _explained(error)
    except (RequestValidationError, HTTPException):
        # The input is not repeated: it may be a secret or somebody's trap.
        return _message(HTTPStatus.UNPROCESSABLE_ENTITY, "That is not understood", "Start again.")


def page(template: str, status: HTTPStatus = HTTPStatus.OK, **context: Any) -> Response:
    """One of the hosted pages."""
    static = f"/gate/static/{pages().version}"
    return pages().render(f"gate/{template}.html", {"static": static, **context}, status)


def to(path: str) -> Response:
    """Go there, with a GET."""
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


def visitor(request: Request, services: ServicesDep) -> Visitor:
    """Whoever looks at a page, as the flows take it."""
    agent = request.headers.get("user-agent", "")[:_LONGEST_AGENT]
    return Visitor(address_of(client_address(request, services.proxies)), None, agent or None)


def cookie(request: Request, name: str) -> str:
    """A token that the browser sent; nothing, if it sent none."""
    return request.cookies.get(_shown(request, name), "")


def set_cookie(request: Request, answer: Response, name: str, token: str) -> None:
    """Hand a token to the browser, out of reach of scripts and of other sites' forms."""
    answer.set_cookie(
        _shown(request, name),
        token,
        path="/",
        httponly=True,
        samesite="lax",
        secure=_is_https(request),
    )


def clear_cookie(request: Request, answer: Response, name: str) -> None:
    """Make the browser forget a token."""
    answer.delete_cookie(
        _shown(request, name), path="/", httponly=True, samesite="lax", secure=_is_https(request)
    )


def _signed_in(request: Request, services: ServicesDep) -> Session:
    return services.accounts.sessions.of(services.hosted_tenant, cookie(request, SESSION))


SignedIn = Annotated[Session, Depends(_signed_in)]


def _own_form(
    request: Request, session: SignedIn, csrf: Annotated[str, Form(max_length=100)] = ""
) -> Session:
    """The session of somebody who sent a form that was made for it."""
    own_forms_only(request)
    if not hmac.compare_digest(session.csrf.encode(), csrf.encode(errors="replace")):
        raise Forbidden("This form is from another session. Nothing was done.")
    return session


OwnForm = Annotated[Session, Depends(_own_form)]


def _dangerous_form(services: ServicesDep, session: OwnForm) -> Session:
    services.accounts.sessions.demand_fresh(session)
    return session


DangerousForm = Annotated[Session, Depends(_dangerous_form)]
Whoever = Annotated[Visitor, Depends(visitor)]


def _explained(error: SafetyError) -> Response:
    if isinstance(error, TooManyRequests):
        answer = _message(error.status, "Too many tries", "Wait a few minutes, then try again.")
    else:
        answer = _message(error.status, *words_of(error))
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _message(status: HTTPStatus, title: str, detail: str) -> Response:
    return page("message", status, title=title.rstrip("."), detail=detail)


def _shown(request: Request, name: str) -> str:
    """Browsers hold `__Host-` to its promises, but only where there is TLS."""
    return f"__Host-{name}" if _is_https(request) else name


def _is_https(request: Request) -> bool:
    services: Services = request.app.state.services
    return services.staff.https
