"""What a platform does to accounts over HTTP: look, lock, end sessions, erase, import."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request

from safety.domain.access import ApiKey
from safety.domain.errors import InvalidInput, NotFound, Unavailable
from safety.web.accounts_in import ImportIn, ReasonIn
from safety.web.accounts_out import ErasedOut, ImportOut, ManagedAccountOut
from safety.web.api import ACCESS, BODY
from safety.web.callers import MayManage
from safety.web.limits import Limits
from safety.web.problems import documented
from safety.web.routes import ApiRoute
from safety.web.services import ServicesDep
from safety.web.sessions_out import EndedOut, SessionOut, SessionsOut

AccountId = Annotated[
    str, Path(max_length=64, pattern="^[A-Za-z0-9_.:-]+$", description="the account's id")
]


def get_account(
    request: Request,  # noqa: ARG001  the limiter reads it
    account_id: AccountId,
    key: MayManage,
    services: ServicesDep,
) -> ManagedAccountOut:
    """An account, and why its owner may be unable to sign in."""
    return ManagedAccountOut.of(services.accounts.lifecycle.get(key.tenant, account_id))


def lock_account(
    request: Request,  # noqa: ARG001  the limiter reads it
    account_id: AccountId,
    body: ReasonIn,
    key: MayManage,
    services: ServicesDep,
) -> ManagedAccountOut:
    """Keep the owner out, and end every session at once."""
    lifecycle = services.accounts.lifecycle
    locked = lifecycle.lock(key.tenant, account_id, reason=body.reason, author=_author(key))
    return ManagedAccountOut.of(locked)


def unlock_account(
    request: Request,  # noqa: ARG001  the limiter reads it
    account_id: AccountId,
    key: MayManage,
    services: ServicesDep,
) -> ManagedAccountOut:
    """Let the owner in again; wrong passwords of before are forgotten."""
    lifecycle = services.accounts.lifecycle
    return ManagedAccountOut.of(lifecycle.unlock(key.tenant, account_id, author=_author(key)))


def erase_account(
    request: Request,  # noqa: ARG001  the limiter reads it
    account_id: AccountId,
    key: MayManage,
    services: ServicesDep,
) -> ErasedOut:
    """Delete everything about an actor, account or not. There is no way back."""
    erased = services.accounts.lifecycle.erase(key.tenant, account_id, author=_author(key))
    return ErasedOut(erased=dict(erased))


def list_account_sessions(
    request: Request,  # noqa: ARG001  the limiter reads it
    account_id: AccountId,
    key: MayManage,
    services: ServicesDep,
) -> SessionsOut:
    """Where the owner is signed in."""
    services.accounts.lifecycle.get(key.tenant, account_id)
    found = services.accounts.sessions.list_open(key.tenant, account_id)
    return SessionsOut(sessions=[SessionOut.of(each) for each in found])


def end_account_sessions(
    request: Request,  # noqa: ARG001  the limiter reads it
    account_id: AccountId,
    key: MayManage,
    services: ServicesDep,
) -> EndedOut:
    """Sign the owner out everywhere."""
    lifecycle = services.accounts.lifecycle
    return EndedOut(ended=lifecycle.end_sessions(key.tenant, account_id, author=_author(key)))


def remove_account_factor(
    request: Request,  # noqa: ARG001  the limiter reads it
    account_id: AccountId,
    key: MayManage,
    services: ServicesDep,
) -> EndedOut:
    """Take away the second factor of an owner who lost phone and codes, and every session.

    Whoever asks for this on somebody's behalf has to prove who they are, to you.
    """
    lifecycle, author = services.accounts.lifecycle, _author(key)
    account = lifecycle.get(key.tenant, account_id)
    services.second_factor.remove(key.tenant, account.id, author=author)
    return EndedOut(ended=lifecycle.end_sessions(key.tenant, account.id, author=author))


def import_accounts(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: ImportIn,
    key: MayManage,
    services: ServicesDep,
) -> ImportOut:
    """Take accounts over with the hashes they have. Each login replaces one by ours."""
    brought = [each.brought() for each in body.accounts]
    importer = services.accounts.importer
    return ImportOut.of(importer.import_accounts(key.tenant, brought, author=_author(key)))


def manage_router(limits: Limits) -> APIRouter:
    """`/v1/accounts/{account_id}` and `/v1/accounts:import`."""
    router = APIRouter(prefix="/v1", tags=["managing accounts"], route_class=ApiRoute)
    manage, one = limits.policy("accounts.manage"), "/accounts/{account_id}"
    found = documented(*ACCESS, NotFound, InvalidInput, Unavailable)
    router.post("/accounts:import", responses=documented(*ACCESS, *BODY, Unavailable))(
        limits.policy("accounts.import")(import_accounts)
    )
    router.get(one, responses=found)(manage(get_account))
    router.post(f"{one}/lock", responses=documented(*ACCESS, *BODY, NotFound, Unavailable))(
        manage(lock_account)
    )
    router.post(f"{one}/unlock", responses=found)(manage(unlock_account))
    router.get(f"{one}/sessions", responses=found)(manage(list_account_sessions))
    router.delete(f"{one}/sessions", responses=found)(manage(end_account_sessions))
    router.delete(f"{one}/totp", responses=found)(manage(remove_account_factor))
    router.delete(one, status_code=HTTPStatus.OK, responses=found)(manage(erase_account))
    return router


def _author(key: ApiKey) -> str:
    """What the audit log says of a platform: whose key it used."""
    return f"key:{key.id}"
