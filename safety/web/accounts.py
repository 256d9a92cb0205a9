"""Accounts over HTTP: sign up, prove an address, change and reset what its owner may change."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from safety.accounts.signup import SignUpRequest
from safety.domain.errors import (
    InvalidCredentials,
    InvalidInput,
    NameTaken,
    ProofRejected,
    SessionEnded,
    StepUpNeeded,
    TokenRejected,
    Unavailable,
    WeakPassword,
)
from safety.web.accounts_in import (
    ChangeEmailIn,
    ChangePasswordIn,
    ResetConfirmIn,
    ResetRequestIn,
    SignUpIn,
    StrengthIn,
    TokenIn,
)
from safety.web.accounts_out import AboutMeOut, AccountOut, SignUpOut, StrengthOut
from safety.web.api import ACCESS, BODY
from safety.web.callers import MaySignIn
from safety.web.limits import Limits
from safety.web.own_session import OwnSession
from safety.web.problems import documented
from safety.web.routes import ApiRoute
from safety.web.services import ServicesDep
from safety.web.sessions_out import SessionOut


def sign_up(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: SignUpIn,
    key: MaySignIn,
    services: ServicesDep,
) -> SignUpOut:
    """Make an account, if the decision about it allows.

    Whether an address is known is never said: its owner is told by webhook instead.
    """
    visitor = body.context.visitor()
    wanted = SignUpRequest(body.username, body.email, body.password, visitor, body.decision_id)
    return SignUpOut.of(services.accounts.sign_up.sign_up(key.tenant, wanted))


def about_me(
    request: Request,  # noqa: ARG001  the limiter reads it
    session: OwnSession,
    services: ServicesDep,
) -> AboutMeOut:
    """Whose session this is."""
    account = services.accounts.lifecycle.get(session.tenant, session.account_id)
    return AboutMeOut(
        account=AccountOut.of(account),
        session=SessionOut.of(session, session.id),
        has_second_factor=services.second_factor.is_enrolled(session.tenant, session.account_id),
    )


def verify_email(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: TokenIn,
    key: MaySignIn,
    services: ServicesDep,
) -> AccountOut:
    """Prove an address with the token that was sent there. From now on it signs in, too."""
    return AccountOut.of(services.accounts.emails.verify(key.tenant, body.token))


def resend_verification(
    request: Request,  # noqa: ARG001  the limiter reads it
    session: OwnSession,
    services: ServicesDep,
) -> Response:
    """Have the token sent again, by webhook `account.verify_email`."""
    services.accounts.emails.resend(session)
    return Response(status_code=HTTPStatus.ACCEPTED)


def change_password(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: ChangePasswordIn,
    session: OwnSession,
    services: ServicesDep,
) -> None:
    """Replace the password. Every other session of this user ends."""
    services.accounts.passwords.change(session, body.current_password, body.new_password)


def change_email(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: ChangeEmailIn,
    session: OwnSession,
    services: ServicesDep,
) -> Response:
    """Have a token sent to a new address. Nothing changes until it comes back."""
    services.accounts.emails.change(session, body.password, body.email)
    return Response(status_code=HTTPStatus.ACCEPTED)


def confirm_email_change(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: TokenIn,
    key: MaySignIn,
    services: ServicesDep,
) -> AccountOut:
    """Take the new address over, with the token that was sent there."""
    return AccountOut.of(services.accounts.emails.confirm_change(key.tenant, body.token))


def request_reset(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: ResetRequestIn,
    key: MaySignIn,
    services: ServicesDep,
) -> Response:
    """Have a token sent to whoever forgot their password. The answer is always the same."""
    visitor = body.context.visitor()
    services.accounts.passwords.request_reset(key.tenant, body.login, visitor)
    return Response(status_code=HTTPStatus.ACCEPTED)


def confirm_reset(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: ResetConfirmIn,
    key: MaySignIn,
    services: ServicesDep,
) -> AccountOut:
    """Set a new password with the token. Every session ends, and a second factor stays."""
    visitor = body.context.visitor()
    changes = services.accounts.passwords
    return AccountOut.of(changes.confirm_reset(key.tenant, body.token, body.new_password, visitor))


def password_strength(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: StrengthIn,
    key: MaySignIn,  # noqa: ARG001  only for who may sign people up
    services: ServicesDep,
) -> StrengthOut:
    """What our policy says of a password, for a form that helps to choose one."""
    passwords, words = services.accounts.new_passwords, [body.username, body.email]
    try:
        passwords.judge(body.password, words, has_second_factor=body.has_second_factor)
        problem = None
    except WeakPassword as error:
        problem = error.detail
    return StrengthOut.of(passwords.strength(body.password, words), problem)


def accounts_router(limits: Limits) -> APIRouter:
    """`/v1/accounts` as users need it, `/v1/password-resets` and `/v1/passwords`."""
    router = APIRouter(prefix="/v1", tags=["accounts"], route_class=ApiRoute)
    own, password = limits.policy("accounts.own"), limits.policy("accounts.password")
    reset, accepted = limits.policy("accounts.reset"), HTTPStatus.ACCEPTED
    asked, signed_in = (*ACCESS, *BODY, Unavailable), (*ACCESS, SessionEnded, InvalidInput)
    router.post("/accounts", responses=documented(*asked, WeakPassword, NameTaken, ProofRejected))(
        limits.policy("accounts.sign_up")(sign_up)
    )
    router.get("/accounts/me", responses=documented(*signed_in, Unavailable))(own(about_me))
    router.post("/accounts/verify-email", responses=documented(*asked, TokenRejected))(
        reset(verify_email)
    )
    router.post(
        "/accounts/me/verification",
        status_code=accepted,
        response_class=Response,
        responses=documented(*signed_in, Unavailable),
    )(own(resend_verification))
    mine = (*asked, SessionEnded, InvalidCredentials)
    router.post(
        "/accounts/me/password",
        status_code=HTTPStatus.NO_CONTENT,
        responses=documented(*mine, WeakPassword),
    )(password(change_password))
    router.post(
        "/accounts/me/email",
        status_code=accepted,
        response_class=Response,
        responses=documented(*mine, StepUpNeeded),
    )(password(change_email))
    router.post("/accounts/email-change", responses=documented(*asked, TokenRejected))(
        reset(confirm_email_change)
    )
    router.post(
        "/password-resets",
        status_code=accepted,
        response_class=Response,
        responses=documented(*asked),
    )(reset(request_reset))
    router.post(
        "/password-resets/confirm", responses=documented(*asked, TokenRejected, WeakPassword)
    )(reset(confirm_reset))
    router.post("/passwords/strength", responses=documented(*asked))(password(password_strength))
    return router
