"""Second factors for a platform that keeps its users' passwords itself."""

from dataclasses import dataclass

from sqlalchemy import Engine

from safety.accounts.second_factor import Enrolled, SecondFactor, Status
from safety.domain.accounts import Factor
from safety.domain.errors import Forbidden, NotFound
from safety.store.accounts import get_account
from safety.store.engine import read


@dataclass(frozen=True, slots=True)
class PlatformFactor:
    """The second factors of subjects that a platform names, and never those of our accounts.

    Whoever may enrol people by their name could otherwise strip an account of its second factor:
    what belongs to an account is changed by its owner's session. Every method raises `Forbidden`
    for the id of an account. `author` is the key that asks, for the audit log.
    """

    engine: Engine
    factor: SecondFactor

    def status(self, tenant: str, subject: str) -> Status:
        """What this subject has."""
        self._refuse_accounts(tenant, subject)
        return self.factor.status(tenant, subject)

    def enrol(self, tenant: str, subject: str, name: str) -> Enrolled:
        """Make a secret, shown once. Raises `AlreadyEnrolled`."""
        self._refuse_accounts(tenant, subject)
        return self.factor.enrol(tenant, subject, name)

    def confirm(self, tenant: str, subject: str, code: str, *, author: str) -> list[str]:
        """Put it into force. Raises `CodeRejected` or `TooManyRequests`."""
        self._refuse_accounts(tenant, subject)
        return self.factor.confirm(tenant, subject, code, author=author)

    def check(self, tenant: str, subject: str, code: str) -> Factor:
        """Which factor a code proves. Raises `CodeRejected` or `TooManyRequests`."""
        self._refuse_accounts(tenant, subject)
        return self.factor.check_code(tenant, subject, code)

    def regenerate(self, tenant: str, subject: str, *, author: str) -> list[str]:
        """Ten new recovery codes. Raises `NotFound` without a second factor."""
        self._refuse_accounts(tenant, subject)
        return self.factor.regenerate(tenant, subject, author=author)

    def remove(self, tenant: str, subject: str, *, author: str) -> None:
        """Forget the second factor. Raises `NotFound` when there is none."""
        self._refuse_accounts(tenant, subject)
        if not self.factor.remove(tenant, subject, author=author):
            raise NotFound

    def _refuse_accounts(self, tenant: str, subject: str) -> None:
        with read(self.engine) as connection:
            if get_account(connection, tenant, subject) is not None:
                raise Forbidden("the second factor of an account belongs to its owner's session")
