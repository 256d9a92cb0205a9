"""Who a login name is: an account, or a stand-in that is treated like one."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from safety.accounts.credentials import Who
from safety.accounts.marks import Marks
from safety.accounts.places import Places
from safety.accounts.visitor import Visitor
from safety.domain.accounts import Account
from safety.gates.names import login_key
from safety.store import accounts


@dataclass(frozen=True, slots=True)
class Finder:
    """Looks names up, with the same queries whether there is an account or not."""

    marks: Marks
    places: Places
    clock: Callable[[], float]

    def find(self, connection: Connection, tenant: str, login: str, visitor: Visitor) -> Who:
        """Whoever goes by this username, or by this address once it is verified."""
        username_key, email_key = login_key(login)
        account = accounts.find_by_login(
            connection, tenant, username_key=username_key, email_key=email_key
        )
        named = username_key or email_key or login
        subject = self.marks.unknown(tenant, named) if account is None else account.id
        known = self.places.find(connection, tenant, subject, visitor, self.clock())
        return Who(tenant, subject, account, known)

    def owner(self, account: Account) -> Who:
        """The owner of an open session: strangers cannot use up what they may try."""
        return Who(account.tenant, account.id, account, known="session")
