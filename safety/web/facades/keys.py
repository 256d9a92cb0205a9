"""API keys where other services' clients put them: in the query, a header or a form."""

from collections.abc import Iterable

from safety.domain.access import ApiKey, Scope
from safety.domain.errors import Unauthenticated
from safety.web.services import Services


class KeyMissing(Unauthenticated):
    """This request carries no API key."""


def admitted(services: Services, given: Iterable[str | None]) -> ApiKey:
    """The key behind the first of these that is there.

    Raises `KeyMissing` without any, `Unauthenticated` for one that is no good, `Forbidden` for one
    without the scope.
    """
    token = next((each.strip() for each in given if each and each.strip()), None)
    if token is None:
        raise KeyMissing
    scheme, _, rest = token.partition(" ")
    if scheme.lower() == "bearer" and rest:
        token = rest
    header = b"Bearer " + token.encode("latin-1", "replace")
    return services.keyring.admit(header, Scope.TEXTS)
