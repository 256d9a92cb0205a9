"""The desk's door: signing in, the code, an invitation, the first enrolment, and signing out."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from safety.accounts.staff_entry import CodeNeeded
from safety.accounts.staff_links import named_in
from safety.accounts.staff_values import SignedIn
from safety.domain.accounts import Factor
from safety.domain.errors import (
    CodeRejected,
    InvalidCredentials,
    SafetyError,
    Unauthenticated,
    WeakPassword,
)
from safety.web.desk_access import FromWhere, Newcomer, NewcomersForm
from safety.web.desk_frame import frame
from safety.web.desk_guard import (
    ENROL,
    SIGN_IN,
    STEP,
    clear_cookie,
    cookie_token,
    set_cookie,
)
from safety.web.desk_pages import pages
from safety.web.limits import Limits
from safety.web.same_site import own_forms_only
from safety.web.services import ServicesDep

LONGEST_PASSWORD = 1024  # of what is typed; the policy says how long one may be
_CODE_PAGE = "/desk/code"

LinkToken = Annotated[str, Query(max_length=200)]
LinkTokenField = Annotated[str, Form(max_length=200)]
Password = Annotated[str, Form(max_length=LONGEST_PASSWORD)]
Code = Annotated[str, Form(max_length=100)]


def sign_in_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    token: LinkToken = "",
) -> Response:
    """The form, or for a link a button that spends it: mail programs look at links, too."""
    return _sign_in(token=token)


def sign_in(
    request: Request,
    services: ServicesDep,
    whence: FromWhere,
    *,
    token: LinkTokenField = "",
    name: Annotated[str, Form(max_length=100)] = "",
    password: Password = "",
) -> Response:
    """The first step, with a link or with name and password."""
    own_forms_only(request)
    entry = services.staff.entry
    try:
        if token:
            return _arrived(request, entry.by_link(token, whence))
        return _arrived(request, entry.by_password(name, password, whence))
    except (Unauthenticated, InvalidCredentials) as error:
        return _sign_in(problem=error.detail, status=HTTPStatus.FORBIDDEN)


def invitation_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    token: LinkToken = "",
) -> Response:
    """The form in which somebody who was invited chooses a password."""
    return _invitation(token)


def accept(
    request: Request,
    services: ServicesDep,
    whence: FromWhere,
    *,
    token: LinkTokenField = "",
    password: Password = "",
    again: Password = "",
) -> Response:
    """Spend an invitation."""
    own_forms_only(request)
    if password != again:
        return _invitation(token, "The two passwords are not the same.")
    try:
        return _arrived(request, services.staff.entry.accept(token, password, whence))
    except WeakPassword as error:
        return _invitation(token, reason_of(error))
    except Unauthenticated as error:
        return _sign_in(problem=error.detail, status=HTTPStatus.FORBIDDEN)


def code_page(
    request: Request, by: Annotated[str, Query(pattern="^(app|paper)$")] = "app"
) -> Response:
    """The second step, for whoever has just taken the first."""
    if not cookie_token(request, STEP):
        return to(SIGN_IN)
    return pages().render("code.html", {"by": by, "problem": ""})


def code(
    request: Request,
    services: ServicesDep,
    whence: FromWhere,
    code: Code = "",
    by: Annotated[str, Form(pattern="^(app|paper)$")] = "app",
) -> Response:
    """Prove the second factor, and go to the queue."""
    own_forms_only(request)
    try:
        signed_in = services.staff.entry.by_code(cookie_token(request, STEP), code, whence)
    except CodeRejected as error:
        context = {"by": by, "problem": error.detail}
        return pages().render("code.html", context, HTTPStatus.FORBIDDEN)
    used_paper = Factor.RECOVERY_CODE in signed_in.session.session.factors
    answer = to("/desk/me?said=recovery" if used_paper else "/desk")
    set_cookie(request, answer, signed_in.token)
    clear_cookie(request, answer, STEP)
    return answer


def enrol_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Newcomer,
) -> Response:
    """Says what is to be done; the secret comes with the next step and is shown once."""
    if services.staff.own.status(session).second_factor.is_enrolled:
        return to("/desk/me" if session.is_enrolled else SIGN_IN)
    return pages().render(
        "enrol.html", {"enrolled": None, "problem": ""} | frame(services, session)
    )


def enrol(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: NewcomersForm,
) -> Response:
    """Make a secret and show it, this once."""
    enrolled = services.staff.own.enrol(session)
    # We drew it ourselves, and nothing in it was written by anybody.
    drawing = Markup(enrolled.qr_svg)  # noqa: S704
    context = {"enrolled": enrolled, "qr": drawing, "problem": ""}
    return pages().render("enrol.html", context | frame(services, session))


def confirm_enrolment(
    request: Request, services: ServicesDep, session: NewcomersForm, code: Code = ""
) -> Response:
    """Put the second factor into force and show the recovery codes, this once."""
    try:
        codes, signed_in = services.staff.own.confirm(session, code.replace(" ", ""))
    except CodeRejected:
        problem = "That code is not right. Wait for the next one and check the time of your phone."
        context = {"enrolled": None, "problem": problem} | frame(services, session)
        return pages().render("enrol.html", context, HTTPStatus.FORBIDDEN)
    context = {"codes": codes, "is_new": True} | frame(services, signed_in.session)
    answer = pages().render("codes.html", context)
    set_cookie(request, answer, signed_in.token)
    return answer


def sign_out(request: Request, services: ServicesDep, session: NewcomersForm) -> Response:
    """End the session."""
    services.staff.sessions.sign_out(session)
    answer = to(SIGN_IN)
    clear_cookie(request, answer)
    return answer


def add_door(router: APIRouter, limits: Limits) -> None:
    """Put the door's endpoints under the desk."""
    page, form = limits.policy("desk.page"), limits.policy("desk.form")
    entry = limits.policy("desk.sign_in")
    router.get("/sign-in")(page(sign_in_page))
    router.post("/sign-in")(entry(sign_in))
    router.get("/invitation")(page(invitation_page))
    router.post("/invitation")(entry(accept))
    router.get("/code")(page(code_page))
    router.post("/code")(entry(code))
    router.get("/enrol")(page(enrol_page))
    router.post("/enrol")(form(enrol))
    router.post("/enrol/confirm")(form(confirm_enrolment))
    router.post("/sign-out")(form(sign_out))


def to(path: str) -> RedirectResponse:
    """Go on to another page of the desk after a form."""
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


def reason_of(error: SafetyError) -> str:
    """What a person should do about an error, field by field where it says so."""
    return " ".join(each.message for each in error.errors) or error.detail


def _arrived(request: Request, outcome: SignedIn | CodeNeeded) -> Response:
    if isinstance(outcome, CodeNeeded):
        answer = to(_CODE_PAGE)
        set_cookie(request, answer, outcome.token, STEP, outcome.lasts)
        return answer
    answer = to("/desk" if outcome.session.is_enrolled else ENROL)
    set_cookie(request, answer, outcome.token)
    return answer


def _sign_in(*, token: str = "", problem: str = "", status: HTTPStatus = HTTPStatus.OK) -> Response:
    return pages().render("sign_in.html", {"token": token, "problem": problem}, status)


def _invitation(token: str, problem: str = "") -> Response:
    context: dict[str, Any] = {"token": token, "name": named_in(token), "problem": problem}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return pages().render("invitation.html", context, status)
