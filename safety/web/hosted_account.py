"""Hosted pages for somebody who is signed in: their sessions, password and second factor."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from markupsafe import Markup

from safety.domain.accounts import Session
from safety.domain.errors import CodeRejected, InvalidCredentials, InvalidInput, WeakPassword
from safety.web.agents import describe
from safety.web.hosted_guard import (
    ACCOUNT,
    SESSION,
    Code,
    DangerousForm,
    OwnForm,
    Password,
    SignedIn,
    page,
    set_cookie,
    to,
)
from safety.web.limits import Limits
from safety.web.services import Services, ServicesDep

SessionId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
_SAID = {
    "password": "Your password was changed. Your other sessions have ended.",
    "ended": "That session has ended.",
    "others": "Your other sessions have ended.",
    "sent": "A mail with another link is on its way, unless several were sent just now.",
    "removed": "Your second factor was removed.",
    "confirmed": "Thank you. Now go on.",
}


def account_page(
    request: Request,  # noqa: ARG001  the limiter reads it
    services: ServicesDep,
    session: SignedIn,
    said: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Everything that its owner may see and change."""
    return _account(services, session, said=_SAID.get(said, ""))


def end_session(
    request: Request,  # noqa: ARG001  the limiter reads it
    services: ServicesDep,
    session: OwnForm,
    session_id: SessionId,
) -> Response:
    """End one of the owner's sessions."""
    services.accounts.sessions.end_one(session.tenant, session.account_id, session_id)
    return to(f"{ACCOUNT}?said=ended")


def end_others(
    request: Request,  # noqa: ARG001  the limiter reads it
    services: ServicesDep,
    session: OwnForm,
) -> Response:
    """End every session but this one."""
    services.accounts.sessions.end_others(session)
    return to(f"{ACCOUNT}?said=others")


def send_again(
    request: Request,  # noqa: ARG001  the limiter reads it
    services: ServicesDep,
    session: OwnForm,
) -> Response:
    """Have the link that confirms the address sent again."""
    services.accounts.emails.resend(session)
    return to(f"{ACCOUNT}?said=sent")


def change_password(
    request: Request,  # noqa: ARG001  the limiter reads it
    services: ServicesDep,
    session: OwnForm,
    current: Password = "",
    new: Password = "",
) -> Response:
    """Replace the password."""
    try:
        services.accounts.passwords.change(session, current, new)
    except InvalidCredentials:
        return _account(services, session, wrong={"current": "This is not your password."})
    except WeakPassword as error:
        return _account(services, session, wrong={"new": error.detail})
    return to(f"{ACCOUNT}?said=password")


def confirm_page(
    request: Request,  # noqa: ARG001  the limiter reads it
    services: ServicesDep,
    session: SignedIn,
) -> Response:
    """Asks for a factor once more, before something dangerous."""
    return _confirm(services, session)


def confirm(
    request: Request,
    services: ServicesDep,
    session: OwnForm,
    password: Password = "",
    code: Code = "",
) -> Response:
    """Renew the session with a fresh proof, and go back to the account."""
    step_up = services.accounts.step_up
    try:
        renewed = step_up.step_up(session, password=password or None, code=code or None)
    except (InvalidCredentials, CodeRejected, InvalidInput):
        return _confirm(services, session, problem="That is not right.")
    answer = to(f"{ACCOUNT}?said=confirmed")
    set_cookie(request, answer, SESSION, renewed.token)
    return answer


def enrol(
    request: Request,  # noqa: ARG001  the limiter reads it
    services: ServicesDep,
    session: DangerousForm,
) -> Response:
    """Make a secret and show it, this once."""
    account = services.accounts.lifecycle.get(session.tenant, session.account_id)
    enrolled = services.second_factor.enrol(session.tenant, account.id, account.username)
    # The image is made by us from the secret alone: no text of anybody's is in it unescaped.
    qr = Markup(enrolled.qr_svg)  # noqa: S704  see above
    return page("enrol", session=session, enrolled=enrolled, qr=qr, problem="")


def confirm_app(
    request: Request,  # noqa: ARG001  the limiter reads it
    services: ServicesDep,
    session: DangerousForm,
    code: Code = "",
) -> Response:
    """Put the second factor into force, and show the recovery codes, this once."""
    try:
        codes = services.second_factor.confirm(session.tenant, session.account_id, code)
    except CodeRejected as error:
        return page(
            "enrol",
            HTTPStatus.FORBIDDEN,
            session=session,
            enrolled=None,
            qr="",
            problem=error.detail,
        )
    services.accounts.sessions.end_others(session)
    return page("codes", session=session, codes=codes)


def new_codes(
    request: Request,  # noqa: ARG001  the limiter reads it
    services: ServicesDep,
    session: DangerousForm,
) -> Response:
    """Ten new recovery codes; the old ones are void."""
    codes = services.second_factor.regenerate(session.tenant, session.account_id)
    return page("codes", session=session, codes=codes)


def remove_app(
    request: Request,  # noqa: ARG001  the limiter reads it
    services: ServicesDep,
    session: DangerousForm,
) -> Response:
    """Remove the second factor."""
    services.second_factor.remove(session.tenant, session.account_id)
    return to(f"{ACCOUNT}?said=removed")


def add_account_pages(router: APIRouter, limits: Limits) -> None:
    """Put these pages into the router of the hosted pages."""
    view, form = limits.policy("pages.view"), limits.policy("pages.form")
    guess = limits.policy("pages.sign_in")
    router.get("/account")(view(account_page))
    router.post("/sessions/end-others")(form(end_others))
    router.post("/sessions/{session_id}/end")(form(end_session))
    router.post("/verification")(form(send_again))
    router.post("/password")(guess(change_password))
    router.get("/confirm")(view(confirm_page))
    router.post("/confirm")(guess(confirm))
    router.post("/second-factor")(form(enrol))
    router.post("/second-factor/confirm")(guess(confirm_app))
    router.post("/second-factor/codes")(form(new_codes))
    router.post("/second-factor/remove")(form(remove_app))


def _account(
    services: Services, session: Session, *, said: str = "", wrong: dict[str, str] | None = None
) -> Response:
    accounts, policy = services.accounts, services.accounts.new_passwords.policy
    found = accounts.sessions.list_open(session.tenant, session.account_id)
    factor = services.second_factor.status(session.tenant, session.account_id)
    minimum = policy.minimum_with_second_factor if factor.is_enrolled else policy.minimum
    return page(
        "account",
        HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        session=session,
        account=accounts.lifecycle.get(session.tenant, session.account_id),
        sessions=[(each, describe(each.agent), each.id == session.id) for each in found],
        factor=factor,
        minimum=minimum,
        now=services.clock(),
        said=said,
        wrong=wrong or {},
    )


def _confirm(services: Services, session: Session, problem: str = "") -> Response:
    needs_code = services.second_factor.is_enrolled(session.tenant, session.account_id)
    status = HTTPStatus.FORBIDDEN if problem else HTTPStatus.OK
    return page(
        "confirm",
        status,
        session=session,
        needs_code=needs_code,
        problem=problem,
    )
