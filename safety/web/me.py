"""One's own account at the desk: password, second factor, sessions, and proving oneself anew."""

import re
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request, Response

from safety.domain.access import StaffSession
from safety.domain.accounts import Session
from safety.domain.errors import CodeRejected, InvalidCredentials, WeakPassword
from safety.web.agents import describe
from safety.web.desk_access import Anybody, AnybodysDangerousForm, AnybodysForm, FromWhere
from safety.web.desk_door import Code, Password, reason_of, to
from safety.web.desk_frame import frame
from safety.web.desk_guard import ENROL, set_cookie
from safety.web.desk_pages import pages
from safety.web.limits import Limits
from safety.web.services import Services, ServicesDep

_HOME = "/desk/me"
# Where a step-up may lead: our own sections, never an address that somebody made up.
_SECTION = re.compile(r"/desk/(me|members|keys|models|rules|lists|attack|changes|undos)")

SessionId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Said = Annotated[str, Query(pattern=r"^[a-z]{0,20}$")]
Next = Annotated[str, Query(max_length=100)]
NextField = Annotated[str, Form(alias="next", max_length=100)]


def me_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Anybody,
    said: Said = "",
) -> Response:
    """What one signs in with, and where one is signed in."""
    return _me(services, session, said=said)


def change_password(
    request: Request,
    services: ServicesDep,
    session: AnybodysForm,
    whence: FromWhere,
    *,
    current: Password = "",
    password: Password = "",
    again: Password = "",
) -> Response:
    """Set a new password."""
    if password != again:
        return _me(services, session, problem="The two new passwords are not the same.")
    try:
        renewed = services.staff.own.change_password(session, current, password, whence.ip)
    except InvalidCredentials:
        return _me(services, session, problem="Your current password is not right.")
    except WeakPassword as error:
        return _me(services, session, problem=reason_of(error))
    answer = to(f"{_HOME}?said=password")
    set_cookie(request, answer, renewed.token)
    return answer


def new_codes(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AnybodysDangerousForm,
) -> Response:
    """Make ten new recovery codes and show them, this once."""
    codes = services.staff.own.new_codes(session)
    return pages().render(
        "codes.html", {"codes": codes, "is_new": False} | frame(services, session)
    )


def replace_second_factor(
    request: Request, services: ServicesDep, session: AnybodysDangerousForm
) -> Response:
    """Forget the authenticator app and enrol another."""
    renewed = services.staff.own.forget_second_factor(session)
    answer = to(ENROL)
    set_cookie(request, answer, renewed.token)
    return answer


def end_session(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AnybodysForm,
    session_id: SessionId,
) -> Response:
    """End one of one's own sessions."""
    services.staff.sessions.end(session, session_id)
    return to(f"{_HOME}?said=ended")


def end_others(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AnybodysForm,
) -> Response:
    """End all sessions but this one."""
    services.staff.sessions.end_others(session)
    return to(f"{_HOME}?said=others")


def confirm_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Anybody,
    then: Annotated[str, Query(alias="next", max_length=100)] = _HOME,
) -> Response:
    """Ask for a code before something dangerous."""
    if not services.staff.own.status(session).second_factor.is_enrolled:
        return to(ENROL)
    context = {"next": _section(then), "problem": ""}
    return pages().render("confirm.html", context | frame(services, session))


def confirm(
    request: Request,
    services: ServicesDep,
    session: AnybodysForm,
    code: Code = "",
    then: NextField = _HOME,
) -> Response:
    """Prove oneself anew, and go on where it was asked for."""
    try:
        renewed = services.staff.own.step_up(session, code)
    except CodeRejected as error:
        context = {"next": _section(then), "problem": error.detail} | frame(services, session)
        return pages().render("confirm.html", context, HTTPStatus.FORBIDDEN)
    answer = to(_section(then))
    set_cookie(request, answer, renewed.token)
    return answer


def add_me(router: APIRouter, limits: Limits) -> None:
    """Put the endpoints of one's own account under the desk."""
    page, form = limits.policy("desk.page"), limits.policy("desk.form")
    router.get("/me")(page(me_page))
    router.post("/me/password")(form(change_password))
    router.post("/me/codes")(form(new_codes))
    router.post("/me/second-factor/replace")(form(replace_second_factor))
    router.post("/me/sessions/{session_id}/end")(form(end_session))
    router.post("/me/sessions/end-others")(form(end_others))
    router.get("/confirm")(page(confirm_page))
    router.post("/confirm")(form(confirm))


def _me(
    services: Services, session: StaffSession, *, said: str = "", problem: str = ""
) -> Response:
    opened = services.staff.sessions.open_ones(session)
    context = {
        "own": services.staff.own.status(session),
        "sessions": [(each, _place(each), each.id == session.session.id) for each in opened],
        "problem": problem,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    context |= frame(services, session, path=_HOME, said=said)
    return pages().render("me.html", context, status)


def _place(session: Session) -> str:
    return describe(session.agent)


def _section(path: str) -> str:
    return path if _SECTION.fullmatch(path) else _HOME
