"""Hosted pages: somebody signs up and in with a browser, through the same flows as the API."""

from contextlib import suppress
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from safety.accounts.login import LoginRequest, Refused, SecondFactorNeeded
from safety.accounts.sessions import SignedIn as Entered
from safety.domain.errors import (
    CodeRejected,
    InvalidCredentials,
    NotFound,
    ProofRejected,
    SafetyError,
    SessionEnded,
    TokenRejected,
)
from safety.web.desk_pages import pages
from safety.web.hosted_account import add_account_pages
from safety.web.hosted_challenge import Answered
from safety.web.hosted_guard import (
    ACCOUNT,
    SESSION,
    SIGN_IN,
    STEP,
    Code,
    GateRoute,
    OwnForm,
    Password,
    Typed,
    Whoever,
    clear_cookie,
    cookie,
    page,
    set_cookie,
    to,
)
from safety.web.hosted_mail import add_mail_pages
from safety.web.hosted_sign_up import add_sign_up
from safety.web.limits import Limits
from safety.web.same_site import own_forms_only
from safety.web.services import Services, ServicesDep

_KEPT_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_CODE = "/gate/code"
_PROBLEMS: dict[type[SafetyError], str] = {
    InvalidCredentials: "The name or the password is not right.",
    CodeRejected: "That code is not right, or was used before. Please sign in again.",
    ProofRejected: "That took too long. Please try again.",
    NotFound: "That took too long. Please try again.",
}


def sign_in_page(
    request: Request,  # noqa: ARG001  the limiter reads it
    said: Annotated[str, Query(pattern="^(created|held|reset)?$")] = "",
) -> Response:
    """The form to come in."""
    return _sign_in(said=said)


def sign_in(  # noqa: PLR0917  the fields of the form
    request: Request,
    services: ServicesDep,
    visitor: Whoever,
    answered: Answered,
    login: Typed = "",
    password: Password = "",
) -> Response:
    """The first step: name and password."""
    own_forms_only(request)
    try:
        wanted = LoginRequest(login, password, visitor, answered.proved(services, visitor))
        entered = services.accounts.login.login(services.hosted_tenant, wanted)
    except (InvalidCredentials, CodeRejected, ProofRejected, NotFound) as error:
        return _sign_in(HTTPStatus.FORBIDDEN, login, problem=_PROBLEMS[type(error)])
    if isinstance(entered, Refused):
        return _sign_in(HTTPStatus.FORBIDDEN, login, decision=entered.decision)
    if isinstance(entered, SecondFactorNeeded):
        answer = to(_CODE)
        set_cookie(request, answer, STEP, entered.token)
        return answer
    return _arrived(request, services, entered)


def code_page(request: Request) -> Response:
    """The second step, for whoever has taken the first."""
    return page("code", problem="") if cookie(request, STEP) else to(SIGN_IN)


def code(
    request: Request,
    services: ServicesDep,
    visitor: Whoever,
    code: Code = "",
) -> Response:
    """Check the code that completes the sign-in."""
    own_forms_only(request)
    login, step = services.accounts.login, cookie(request, STEP)
    try:
        entered = login.second_step(services.hosted_tenant, step, code, visitor)
    except CodeRejected as error:
        return page("code", HTTPStatus.FORBIDDEN, problem=error.detail)
    except TokenRejected:
        return to(SIGN_IN)
    return _arrived(request, services, entered)


def sign_out(request: Request, services: ServicesDep, session: OwnForm) -> Response:
    """End the session."""
    services.accounts.sessions.end(session)
    answer = to(SIGN_IN)
    clear_cookie(request, answer, SESSION)
    return answer


def home(request: Request) -> Response:
    """Whoever is signed in sees their account, everybody else the door."""
    return to(ACCOUNT if cookie(request, SESSION) else SIGN_IN)


def static(
    request: Request,  # noqa: ARG001  the limiter reads it
    version: Annotated[str, Path(max_length=64)],
    name: Annotated[str, Path(max_length=64)],
) -> Response:
    """A static file; its address changes with its content, so it may be kept for ever."""
    file = pages().files.get(name)
    if file is None or version != pages().version:
        raise NotFound
    return Response(file.content, media_type=file.media_type, headers=_KEPT_FOR_EVER)


def nowhere(
    request: Request,  # noqa: ARG001  the limiter reads it
    path: str,  # noqa: ARG001  whatever it is
) -> Response:
    """A page for whoever mistyped an address. Raises `NotFound`."""
    raise NotFound


def hosted_router(limits: Limits) -> APIRouter:
    """The hosted pages under `/gate`."""
    router = APIRouter(prefix="/gate", route_class=GateRoute, include_in_schema=False)
    view, form = limits.policy("pages.view"), limits.policy("pages.form")
    entry = limits.policy("pages.sign_in")
    router.get("")(view(home))
    router.get("/sign-in")(view(sign_in_page))
    router.post("/sign-in")(entry(sign_in))
    router.get("/code")(view(code_page))
    router.post("/code")(entry(code))
    router.post("/sign-out")(form(sign_out))
    router.get("/static/{version}/{name}")(limits.policy("pages.static")(static))
    add_sign_up(router, limits)
    add_mail_pages(router, limits)
    add_account_pages(router, limits)
    router.get("/{path:path}")(view(nowhere))
    return router


def _sign_in(
    status: HTTPStatus = HTTPStatus.OK,
    login: str = "",
    *,
    said: str = "",
    problem: str = "",
    decision: Any = None,
) -> Response:
    return page("sign_in", status, login=login, said=said, problem=problem, decision=decision)


def _arrived(request: Request, services: Services, entered: Entered) -> Response:
    """Start the session under a token of its own; one that was open here before ends."""
    sessions = services.accounts.sessions
    with suppress(SessionEnded):
        sessions.end(sessions.of(services.hosted_tenant, cookie(request, SESSION)))
    answer = to(ACCOUNT)
    set_cookie(request, answer, SESSION, entered.token)
    clear_cookie(request, answer, STEP)
    return answer
