"""Sessions over HTTP: sign in, the second step, see and end what is open, prove again."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request

from safety.accounts.login import LoginRequest, Refused, SecondFactorNeeded
from safety.accounts.sessions import SignedIn
from safety.decisions.record import iso
from safety.domain.errors import (
    CodeRejected,
    InvalidCredentials,
    InvalidInput,
    NotFound,
    ProofRejected,
    SessionEnded,
    TokenRejected,
    Unavailable,
)
from safety.web.accounts_in import SecondStepIn, SignInIn, StepUpIn
from safety.web.api import ACCESS, BODY
from safety.web.callers import MaySignIn
from safety.web.limits import Limits
from safety.web.own_session import OwnSession
from safety.web.problems import documented
from safety.web.routes import ApiRoute
from safety.web.schemas import DecisionOut
from safety.web.services import ServicesDep
from safety.web.sessions_out import (
    EndedOut,
    OpenedOut,
    SecondStepOut,
    SessionOut,
    SessionsOut,
    SignInOut,
)

SessionId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="the session's id")]


def sign_in(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: SignInIn,
    key: MaySignIn,
    services: ServicesDep,
) -> SignInOut:
    """Sign in with a name and a password.

    A wrong password, a name that nobody has and an account that may not sign in are answered
    alike. The decision comes first: unless it is `allow`, no password is looked at.
    """
    wanted = LoginRequest(body.login, body.password, body.context.visitor(), body.decision_id)
    return _said(services.accounts.login.login(key.tenant, wanted))


def second_step(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: SecondStepIn,
    key: MaySignIn,
    services: ServicesDep,
) -> OpenedOut:
    """Complete a sign-in with a code of the authenticator app, or with a recovery code."""
    visitor = body.context.visitor()
    login = services.accounts.login
    return OpenedOut.of(login.second_step(key.tenant, body.token, body.code, visitor))


def step_up(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: StepUpIn,
    session: OwnSession,
    services: ServicesDep,
) -> OpenedOut:
    """Prove a factor again, before something dangerous. The session gets a new token."""
    renewed = services.accounts.step_up.step_up(session, password=body.password, code=body.code)
    return OpenedOut.of(renewed)


def list_sessions(
    request: Request,  # noqa: ARG001  the limiter reads it
    session: OwnSession,
    services: ServicesDep,
) -> SessionsOut:
    """Every place where this user is signed in."""
    found = services.accounts.sessions.list_open(session.tenant, session.account_id)
    return SessionsOut(sessions=[SessionOut.of(each, session.id) for each in found])


def current_session(
    request: Request,  # noqa: ARG001  the limiter reads it
    session: OwnSession,
) -> SessionOut:
    """Whether the token is good, and whose it is: ask on each request of a user."""
    return SessionOut.of(session, session.id)


def sign_out(
    request: Request,  # noqa: ARG001  the limiter reads it
    session: OwnSession,
    services: ServicesDep,
) -> None:
    """End this session at once."""
    services.accounts.sessions.end(session)


def end_session(
    request: Request,  # noqa: ARG001  the limiter reads it
    session_id: SessionId,
    session: OwnSession,
    services: ServicesDep,
) -> None:
    """End one session of this user."""
    services.accounts.sessions.end_one(session.tenant, session.account_id, session_id)


def end_others(
    request: Request,  # noqa: ARG001  the limiter reads it
    session: OwnSession,
    services: ServicesDep,
) -> EndedOut:
    """End every session of this user but this one."""
    return EndedOut(ended=services.accounts.sessions.end_others(session))


def sessions_router(limits: Limits) -> APIRouter:
    """`/v1/sessions`."""
    router = APIRouter(prefix="/v1/sessions", tags=["sessions"], route_class=ApiRoute)
    entry, code, own = map(limits.policy, ("accounts.sign_in", "accounts.code", "accounts.session"))
    guesses = (*ACCESS, *BODY, Unavailable)
    signed_in = (*ACCESS, SessionEnded, InvalidInput, Unavailable)
    router.post("", responses=documented(*guesses, InvalidCredentials, ProofRejected))(
        entry(sign_in)
    )
    router.post("/second-factor", responses=documented(*guesses, CodeRejected, TokenRejected))(
        code(second_step)
    )
    stepping_up = (*guesses, SessionEnded, InvalidCredentials, CodeRejected)
    router.post("/current/step-up", responses=documented(*stepping_up))(code(step_up))
    router.get("", responses=documented(*signed_in))(own(list_sessions))
    router.get("/current", responses=documented(*signed_in))(own(current_session))
    gone = HTTPStatus.NO_CONTENT
    router.delete("/current", status_code=gone, responses=documented(*signed_in))(own(sign_out))
    router.delete("/{session_id}", status_code=gone, responses=documented(*signed_in, NotFound))(
        own(end_session)
    )
    router.delete("", responses=documented(*signed_in))(own(end_others))
    return router


def _said(entered: SignedIn | SecondFactorNeeded | Refused) -> SignInOut:
    if isinstance(entered, SignedIn):
        return SignInOut(outcome="signed_in", opened=OpenedOut.of(entered))
    if isinstance(entered, SecondFactorNeeded):
        needed = SecondStepOut(token=entered.token, expires_at=iso(entered.expires_at))
        return SignInOut(outcome="second_factor_needed", second_step=needed)
    decision = DecisionOut.model_validate(entered.decision)
    return SignInOut(outcome="refused", decision=decision)
