"""Who may come to an endpoint of the desk: each one says so, and these dependencies see to it."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Form, Request

from safety.accounts.staff_sessions import is_form_token
from safety.accounts.staff_values import Whence
from safety.domain.access import Permission, StaffSession
from safety.domain.errors import Forbidden
from safety.gates.addresses import address_of
from safety.web.desk_guard import EnrolmentNeeded, cookie_token
from safety.web.limits import allowance_of
from safety.web.same_site import own_forms_only
from safety.web.services import ServicesDep


@dataclass(frozen=True)
class Demand:
    """Admits signed-in staff with a permission, or with None whoever may work at the desk.

    Unless `is_enrolled`, it also admits those who have their second factor still to enrol.
    """

    permission: Permission | None
    is_enrolled: bool = True

    def __call__(self, request: Request, services: ServicesDep) -> StaffSession:
        """The session. Raises `Unauthenticated`, `EnrolmentNeeded` or `Forbidden`."""
        session = services.staff.sessions.of(cookie_token(request))
        if self.is_enrolled and not session.is_enrolled:
            raise EnrolmentNeeded
        if self.permission is not None and not session.may(self.permission):
            raise Forbidden("Your role does not let you do that.")
        return session


@dataclass(frozen=True)
class FormDemand:
    """Admits the same people, when the desk made the form for this very session.

    A form that `is_dangerous` also takes a factor that was proved a moment ago.
    """

    demand: Demand
    is_dangerous: bool = False

    def __call__(
        self,
        request: Request,
        services: ServicesDep,
        csrf: Annotated[str, Form(max_length=100)] = "",
    ) -> StaffSession:
        """The session. Raises `StepUpNeeded` and whatever `Demand` raises."""
        own_forms_only(request)
        session = self.demand(request, services)
        if not is_form_token(session, csrf):
            raise Forbidden("This form is from another session. Nothing was done.")
        if self.is_dangerous:
            services.staff.sessions.demand_fresh(session)
        return session


def demands(permission: Permission | None, *, is_enrolled: bool = True) -> Any:
    """A dependency that admits whoever may look at a page."""
    return Depends(Demand(permission, is_enrolled))


def demands_form(
    permission: Permission | None, *, is_enrolled: bool = True, is_dangerous: bool = False
) -> Any:
    """A dependency that admits whoever may send a form."""
    return Depends(FormDemand(Demand(permission, is_enrolled), is_dangerous))


def whence(request: Request) -> Whence:
    """Where a request comes from, as sessions remember it."""
    address = allowance_of(request.scope["endpoint"]).limits.address(request)
    return Whence(address_of(address), request.headers.get("user-agent"), cookie_token(request))


FromWhere = Annotated[Whence, Depends(whence)]
Anybody = Annotated[StaffSession, demands(None)]
AnybodysForm = Annotated[StaffSession, demands_form(None)]
AnybodysDangerousForm = Annotated[StaffSession, demands_form(None, is_dangerous=True)]
Newcomer = Annotated[StaffSession, demands(None, is_enrolled=False)]
NewcomersForm = Annotated[StaffSession, demands_form(None, is_enrolled=False)]
