"""The page of members: who is on the staff, and everything that an admin may change about it."""

from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Path, Request, Response

from safety.accounts.staff_links import named_in
from safety.domain.access import Permission, Role, StaffSession
from safety.domain.errors import InvalidInput, LastAdmin, NameTaken, SafetyError
from safety.web.desk_access import demands, demands_form
from safety.web.desk_door import to
from safety.web.desk_frame import frame
from safety.web.desk_pages import pages
from safety.web.limits import Limits
from safety.web.me import Said
from safety.web.services import Services, ServicesDep

_HOME = "/desk/members"
_ROLE_WORDS = {
    Role.MODERATOR: "reviews what waits",
    Role.LEAD: "also leads a team and reads the audit log",
    Role.ANALYST: "reviews, and works on rules and lists",
    Role.ADMIN: "everything, members and API keys included",
}

AccountId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Admin = Annotated[StaffSession, demands(Permission.MANAGE_MEMBERS)]
AdminsForm = Annotated[StaffSession, demands_form(Permission.MANAGE_MEMBERS, is_dangerous=True)]


def members_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Admin,
    said: Said = "",
) -> Response:
    """Everybody on the staff."""
    return _list(services, session, said=said)


def invite(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AdminsForm,
    name: Annotated[str, Form(max_length=100)] = "",
    role: Annotated[Role, Form()] = Role.MODERATOR,
) -> Response:
    """Invite somebody and show their link, this once."""
    try:
        token = services.staff.members.invite(name.strip().lower(), role, session.staff)
    except (InvalidInput, NameTaken) as error:
        return _list(services, session, error=error)
    return _link(services, session, token)


def invite_again(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AdminsForm,
    account_id: AccountId,
) -> Response:
    """Make a new link for somebody and show it, this once."""
    token = services.staff.members.invite_again(account_id, session.staff)
    return _link(services, session, token)


def set_role(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AdminsForm,
    account_id: AccountId,
    role: Annotated[Role, Form()],
) -> Response:
    """Change somebody's role."""
    try:
        services.staff.members.set_role(account_id, role, session.staff)
    except LastAdmin as error:
        return _list(services, session, error=error)
    return to(f"{_HOME}?said=role")


def disable(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AdminsForm,
    account_id: AccountId,
) -> Response:
    """Put somebody out at once."""
    try:
        services.staff.members.disable(account_id, session.staff)
    except LastAdmin as error:
        return _list(services, session, error=error)
    return to(f"{_HOME}?said=disabled")


def enable(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AdminsForm,
    account_id: AccountId,
) -> Response:
    """Let somebody in again."""
    services.staff.members.enable(account_id, session.staff)
    return to(f"{_HOME}?said=enabled")


def reset_second_factor(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AdminsForm,
    account_id: AccountId,
) -> Response:
    """Remove the second factor of somebody who lost it."""
    services.staff.members.reset_second_factor(account_id, session.staff)
    return to(f"{_HOME}?said=reset")


def add_members(router: APIRouter, limits: Limits) -> None:
    """Put the endpoints about members under the desk."""
    page, form = limits.policy("desk.page"), limits.policy("desk.form")
    router.get("/members")(page(members_page))
    router.post("/members")(form(invite))
    router.post("/members/{account_id}/link")(form(invite_again))
    router.post("/members/{account_id}/role")(form(set_role))
    router.post("/members/{account_id}/disable")(form(disable))
    router.post("/members/{account_id}/enable")(form(enable))
    router.post("/members/{account_id}/reset")(form(reset_second_factor))


def _list(
    services: Services,
    session: StaffSession,
    *,
    said: str = "",
    error: SafetyError | None = None,
) -> Response:
    problem, status = (error.detail, error.status) if error else ("", HTTPStatus.OK)
    context: dict[str, object] = {
        "members": services.staff.members.everybody(),
        "roles": _ROLE_WORDS,
        "problem": problem,
    }
    context |= frame(services, session, path=_HOME, said=said)
    return pages().render("members.html", context, status)


def _link(services: Services, session: StaffSession, token: str) -> Response:
    """The link has no host in it: the browser adds its own, which nobody can have forged."""
    context = {
        "name": named_in(token),
        "link": f"/desk/invitation?{urlencode({'token': token})}",
        "minutes": int(services.staff.sessions.lasting.link // 60),
    }
    return pages().render("link.html", context | frame(services, session, path=_HOME))
