"""A user's own second factor over HTTP: enrol, confirm, new recovery codes, remove."""

from http import HTTPStatus

from fastapi import APIRouter, Request

from safety.domain.errors import (
    AlreadyEnrolled,
    CodeRejected,
    InvalidInput,
    NotFound,
    SessionEnded,
    StepUpNeeded,
    Unavailable,
)
from safety.web.accounts_in import CodeIn
from safety.web.accounts_out import EnrolledOut, RecoveryCodesOut, TotpOut
from safety.web.api import ACCESS, BODY
from safety.web.limits import Limits
from safety.web.own_session import FreshSession, OwnSession
from safety.web.problems import documented
from safety.web.routes import ApiRoute
from safety.web.services import ServicesDep


def second_factor_status(
    request: Request,  # noqa: ARG001  the limiter reads it
    session: OwnSession,
    services: ServicesDep,
) -> TotpOut:
    """Whether this user has a second factor, and how many recovery codes are left."""
    return TotpOut.of(services.second_factor.status(session.tenant, session.account_id))


def enrol_app(
    request: Request,  # noqa: ARG001  the limiter reads it
    session: FreshSession,
    services: ServicesDep,
) -> EnrolledOut:
    """Make a secret for an authenticator app. It counts once a code has confirmed it."""
    account = services.accounts.lifecycle.get(session.tenant, session.account_id)
    enrolled = services.second_factor.enrol(session.tenant, account.id, account.username)
    return EnrolledOut.of(enrolled)


def confirm_app(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: CodeIn,
    session: FreshSession,
    services: ServicesDep,
) -> RecoveryCodesOut:
    """Confirm with a code of the app. Every other session ends; the codes are shown this once."""
    factor = services.second_factor
    codes = factor.confirm(session.tenant, session.account_id, body.code)
    services.accounts.sessions.end_others(session)
    return RecoveryCodesOut(codes=codes)


def replace_recovery_codes(
    request: Request,  # noqa: ARG001  the limiter reads it
    session: FreshSession,
    services: ServicesDep,
) -> RecoveryCodesOut:
    """Ten new recovery codes; the old ones are void."""
    factor = services.second_factor
    return RecoveryCodesOut(codes=factor.regenerate(session.tenant, session.account_id))


def remove_second_factor(
    request: Request,  # noqa: ARG001  the limiter reads it
    session: FreshSession,
    services: ServicesDep,
) -> None:
    """Remove the second factor and its recovery codes."""
    if not services.second_factor.remove(session.tenant, session.account_id):
        raise NotFound


def own_factor_router(limits: Limits) -> APIRouter:
    """`/v1/accounts/me/totp` and the recovery codes."""
    router = APIRouter(prefix="/v1/accounts/me", tags=["second factor"], route_class=ApiRoute)
    own, code = limits.policy("accounts.own"), limits.policy("accounts.code")
    signed_in = (*ACCESS, SessionEnded, InvalidInput, Unavailable)
    fresh = (*signed_in, StepUpNeeded)
    router.get("/totp", responses=documented(*signed_in))(own(second_factor_status))
    router.post("/totp", responses=documented(*fresh, AlreadyEnrolled))(own(enrol_app))
    confirming = documented(*ACCESS, *BODY, SessionEnded, StepUpNeeded, CodeRejected, Unavailable)
    router.post("/totp/confirm", responses=confirming)(code(confirm_app))
    router.delete(
        "/totp", status_code=HTTPStatus.NO_CONTENT, responses=documented(*fresh, NotFound)
    )(own(remove_second_factor))
    router.post("/recovery-codes", responses=documented(*fresh, NotFound))(
        code(replace_recovery_codes)
    )
    return router
