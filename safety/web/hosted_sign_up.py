"""The hosted page on which somebody makes an account."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response

from safety.accounts.signup import SignUpRequest
from safety.domain.accounts import AccountStatus
from safety.domain.errors import (
    CodeRejected,
    InvalidInput,
    NameTaken,
    NotFound,
    ProofRejected,
    SafetyError,
    WeakPassword,
)
from safety.web.hosted_challenge import Answered
from safety.web.hosted_guard import SIGN_IN, Password, Typed, Whoever, page, to
from safety.web.limits import Limits
from safety.web.same_site import own_forms_only
from safety.web.services import Services, ServicesDep

# What whoever fills in the form can mend.
_TO_MEND = (InvalidInput, WeakPassword, NameTaken, ProofRejected, CodeRejected, NotFound)


def sign_up_page(
    request: Request,  # noqa: ARG001  the limiter reads it
    services: ServicesDep,
) -> Response:
    """The form for a new account."""
    return _sign_up(services)


def sign_up(  # noqa: PLR0917  the fields of the form
    request: Request,
    services: ServicesDep,
    visitor: Whoever,
    answered: Answered,
    username: Typed = "",
    email: Typed = "",
    password: Password = "",
) -> Response:
    """Make an account, unless something is wrong or has to be proved first."""
    own_forms_only(request)
    typed = {"username": username, "email": email}
    try:
        wanted = SignUpRequest(
            username, email or None, password, visitor, answered.proved(services, visitor)
        )
        outcome = services.accounts.sign_up.sign_up(services.hosted_tenant, wanted)
    except _TO_MEND as error:
        return _sign_up(services, HTTPStatus.UNPROCESSABLE_ENTITY, typed, wrong=_by_field(error))
    if outcome.account is None:
        return _sign_up(services, HTTPStatus.FORBIDDEN, typed, decision=outcome.decision)
    is_held = outcome.account.status is AccountStatus.HELD
    return to(f"{SIGN_IN}?said={'held' if is_held else 'created'}")


def add_sign_up(router: APIRouter, limits: Limits) -> None:
    """Put this page into the router of the hosted pages."""
    router.get("/sign-up")(limits.policy("pages.view")(sign_up_page))
    router.post("/sign-up")(limits.policy("pages.sign_in")(sign_up))


def _sign_up(
    services: Services,
    status: HTTPStatus = HTTPStatus.OK,
    typed: dict[str, str] | None = None,
    *,
    wrong: dict[str, str] | None = None,
    decision: Any = None,
) -> Response:
    """The form, what was typed before (but never a password), and what is wrong with it."""
    return page(
        "sign_up",
        status,
        typed=typed or {"username": "", "email": ""},
        wrong=wrong or {},
        minimum=services.accounts.new_passwords.policy.minimum,
        decision=decision,
    )


def _by_field(error: SafetyError) -> dict[str, str]:
    if isinstance(error, ProofRejected | CodeRejected | NotFound):
        return {"form": "That took too long. Please send it again."}
    return {each.field: each.message for each in error.errors} or {"username": error.detail}
