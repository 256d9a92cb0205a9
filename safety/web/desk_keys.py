"""The page of API keys: which there are, what they may do, when they were used, and new ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Request, Response

from safety.accounts.api_keys import LONGEST_NAME, MadeKey
from safety.domain.access import ApiKey, Permission, Scope, StaffSession
from safety.domain.errors import InvalidInput, NotFound, SafetyError
from safety.web.desk_access import demands, demands_form
from safety.web.desk_door import to
from safety.web.desk_frame import frame
from safety.web.desk_pages import pages
from safety.web.limits import Limits
from safety.web.me import Said
from safety.web.services import Services, ServicesDep

_HOME = "/desk/keys"
_DAY = 86400.0
_SCOPE_WORDS = {
    Scope.DECIDE: "ask for decisions, prove challenges, report outcomes",
    Scope.READ: "read a decision in the words its user may see",
    Scope.EXPLAIN: "read everything behind a decision",
    Scope.METRICS: "read metrics",
    Scope.ACCOUNTS: "sign people up and in",
    Scope.ACCOUNTS_MANAGE: "read, lock, import and erase accounts",
    Scope.GATE: "CAPTCHA and codes by themselves",
    Scope.TEXTS: "score texts and comments for plug-ins of other services",
}
# Seconds that a key lasts, and that an old one works on; None is for ever.
_LASTS = MappingProxyType({"": None, "30": 30 * _DAY, "90": 90 * _DAY, "365": 365 * _DAY})
_OVERLAPS = MappingProxyType({"0": 0.0, "1": _DAY, "7": 7 * _DAY, "30": 30 * _DAY})

KeyId = Annotated[str, Path(pattern=r"^[0-9a-f]{1,64}$")]
Keeper = Annotated[StaffSession, demands(Permission.MANAGE_KEYS)]
KeepersForm = Annotated[StaffSession, demands_form(Permission.MANAGE_KEYS, is_dangerous=True)]


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as the list shows it."""

    key: ApiKey
    state: str
    tone: str
    is_usable: bool


def keys_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Keeper,
    said: Said = "",
) -> Response:
    """Every key, those that work first."""
    return _list(services, session, said=said)


def make(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: KeepersForm,
    *,
    tenant: Annotated[str, Form(max_length=100)] = "",
    name: Annotated[str, Form(max_length=200)] = "",
    scope: Annotated[Sequence[Scope], Form(max_length=len(Scope))] = (),
    lasts: Annotated[Literal["", "30", "90", "365"], Form()] = "",
    kind: Annotated[Literal["live", "test"], Form()] = "live",
) -> Response:
    """Make a key and show it, this once."""
    try:
        made = services.staff.keys.make(
            tenant.strip(),
            name,
            frozenset(scope),
            author=session.staff,
            is_test=kind == "test",
            lasts=_LASTS[lasts],
        )
    except InvalidInput as error:
        return _list(services, session, error=error)
    return _shown_once(services, session, made)


def rotate(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: KeepersForm,
    key_id: KeyId,
    overlap: Annotated[Literal["0", "1", "7", "30"], Form()] = "7",
) -> Response:
    """Make the successor of a key and show it, this once."""
    try:
        made = services.staff.keys.rotate(key_id, overlap=_OVERLAPS[overlap], author=session.staff)
    except NotFound as error:
        return _list(services, session, error=error)
    return _shown_once(services, session, made)


def revoke(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: KeepersForm,
    key_id: KeyId,
) -> Response:
    """Close a key for good."""
    try:
        services.staff.keys.revoke(key_id, author=session.staff)
    except NotFound as error:
        return _list(services, session, error=error)
    return to(f"{_HOME}?said=revoked")


def add_keys(router: APIRouter, limits: Limits) -> None:
    """Put the endpoints about API keys under the desk."""
    page, form = limits.policy("desk.page"), limits.policy("desk.form")
    router.get("/keys")(page(keys_page))
    router.post("/keys")(form(make))
    router.post("/keys/{key_id}/rotate")(form(rotate))
    router.post("/keys/{key_id}/revoke")(form(revoke))


def _list(
    services: Services,
    session: StaffSession,
    *,
    said: str = "",
    error: SafetyError | None = None,
) -> Response:
    at = services.clock()
    rows = [_row(key, at) for key in services.staff.keys.all()]
    problem, status = (error.detail, error.status) if error else ("", HTTPStatus.OK)
    context = {
        "keys": sorted(rows, key=lambda row: not row.is_usable),
        "scopes": _SCOPE_WORDS,
        "longest_name": LONGEST_NAME,
        "problem": problem,
    }
    context |= frame(services, session, path=_HOME, said=said)
    return pages().render("keys.html", context, status)


def _shown_once(services: Services, session: StaffSession, made: MadeKey) -> Response:
    return pages().render("key.html", {"made": made} | frame(services, session, path=_HOME))


def _row(key: ApiKey, at: float) -> KeyRow:
    is_usable = key.is_usable(at)
    if key.revoked_at is not None:
        return KeyRow(key, "revoked", "bad", is_usable)
    if not is_usable:
        return KeyRow(key, "expired", "bad", is_usable)
    if key.replaced_by is not None:
        return KeyRow(key, "being replaced", "warn", is_usable)
    return KeyRow(key, "works", "good", is_usable)
