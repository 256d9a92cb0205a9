"""The header that says whose session a request is about, and the sessions behind it."""

from typing import Annotated

from fastapi import Depends, Header

from safety.domain.accounts import Session
from safety.web.callers import MaySignIn
from safety.web.services import ServicesDep

HEADER = "Safety-Session"


def _own(
    key: MaySignIn,
    services: ServicesDep,
    token: Annotated[
        str, Header(alias=HEADER, max_length=200, description="the token of the user's session")
    ] = "",
) -> Session:
    """The open session of the key's tenant that the token belongs to. Raises `SessionEnded`."""
    return services.accounts.sessions.of(key.tenant, token)


OwnSession = Annotated[Session, Depends(_own)]


def _fresh(session: OwnSession, services: ServicesDep) -> Session:
    """The same, for something dangerous. Raises `StepUpNeeded` when the last proof is old."""
    services.accounts.sessions.demand_fresh(session)
    return session


FreshSession = Annotated[Session, Depends(_fresh)]
