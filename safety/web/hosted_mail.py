"""Hosted pages that mails lead to: another password, and addresses that are confirmed.

A platform puts the tokens that its webhook receives into links to these pages (docs/webhooks.md).
"""

from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Query, Request, Response

from safety.domain.errors import TokenRejected, WeakPassword
from safety.web.hosted_guard import SIGN_IN, Password, Typed, Whoever, page, to
from safety.web.limits import Limits
from safety.web.same_site import own_forms_only
from safety.web.services import ServicesDep

_NO_LONGER = "This link is too old, or was used before. Ask for a new one."

Token = Annotated[str, Query(max_length=200)]
TokenField = Annotated[str, Form(alias="token", max_length=200)]
What = Annotated[Literal["verify-email", "email-change"], Path()]


@dataclass(frozen=True, slots=True)
class _Words:
    """What a page says to whoever comes with a mailed link about an address."""

    title: str
    button: str
    done: str


_ADDRESSES = MappingProxyType(
    {
        "verify-email": _Words(
            "Is this your address?",
            "Yes, confirm it",
            "From now on you can sign in with it, and get back in with it.",
        ),
        "email-change": _Words(
            "Is this your new address?",
            "Yes, use it from now on",
            "It has replaced the one that you had before.",
        ),
    }
)


def forgotten_page(request: Request) -> Response:  # noqa: ARG001  the limiter reads it
    """Asks who forgot their password."""
    return page("forgotten", is_sent=False)


def forgotten(
    request: Request, services: ServicesDep, visitor: Whoever, login: Typed = ""
) -> Response:
    """Have a link sent; the answer is always the same."""
    own_forms_only(request)
    services.accounts.passwords.request_reset(services.hosted_tenant, login, visitor)
    return page("forgotten", is_sent=True)


def reset_page(
    request: Request,  # noqa: ARG001  the limiter reads it
    token: Token = "",
) -> Response:
    """The form for another password."""
    return page("reset", token=token, wrong="")


def reset(
    request: Request,
    services: ServicesDep,
    visitor: Whoever,
    token: TokenField = "",
    new: Password = "",
) -> Response:
    """Set another password, with the token from the mail."""
    own_forms_only(request)
    passwords = services.accounts.passwords
    try:
        passwords.confirm_reset(services.hosted_tenant, token, new, visitor)
    except TokenRejected:
        return page("forgotten", HTTPStatus.UNPROCESSABLE_ENTITY, is_sent=False, problem=_NO_LONGER)
    except WeakPassword as error:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return page("reset", status, token=token, wrong=error.detail)
    return to(f"{SIGN_IN}?said=reset")


def address_page(
    request: Request,  # noqa: ARG001  the limiter reads it
    what: What,
    token: Token = "",
) -> Response:
    """Asks for a click: mail programs open links, too."""
    return page("address", what=what, words=_ADDRESSES[what], token=token)


def confirm_address(
    request: Request, services: ServicesDep, what: What, token: TokenField = ""
) -> Response:
    """Take an address over as its owner's."""
    own_forms_only(request)
    emails = services.accounts.emails
    confirm = emails.verify if what == "verify-email" else emails.confirm_change
    try:
        confirm(services.hosted_tenant, token)
    except TokenRejected:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return page("message", status, title="That did not work", detail=_NO_LONGER)
    return page("message", title="Thank you", detail=_ADDRESSES[what].done)


def add_mail_pages(router: APIRouter, limits: Limits) -> None:
    """Put these pages into the router of the hosted pages."""
    view, form = limits.policy("pages.view"), limits.policy("pages.form")
    router.get("/forgotten")(view(forgotten_page))
    router.post("/forgotten")(form(forgotten))
    router.get("/reset")(view(reset_page))
    router.post("/reset")(limits.policy("pages.sign_in")(reset))
    router.get("/address/{what}")(view(address_page))
    router.post("/address/{what}")(form(confirm_address))
