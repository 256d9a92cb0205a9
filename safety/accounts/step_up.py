"""Proving again that it is you, before something dangerous is done."""

from dataclasses import dataclass

from sqlalchemy import Engine

from safety.accounts.credentials import Credentials
from safety.accounts.find import Finder
from safety.accounts.second_factor import SecondFactor
from safety.accounts.sessions import Sessions, SignedIn
from safety.domain.accounts import Factor, Session
from safety.domain.errors import FieldError, InvalidInput, SessionEnded
from safety.store import accounts
from safety.store.engine import read, write


@dataclass(frozen=True, slots=True)
class StepUp:
    """Renews a session, under a new token, for whoever proves a factor once more."""

    engine: Engine
    finder: Finder
    credentials: Credentials
    second_factor: SecondFactor
    sessions: Sessions

    def step_up(
        self, session: Session, *, password: str | None = None, code: str | None = None
    ) -> SignedIn:
        """The session with a fresh proof. Where a second factor is enrolled, only its code counts.

        Raises `InvalidInput` when the factor that counts is missing, `InvalidCredentials`,
        `CodeRejected`, `TooManyRequests`, and `SessionEnded` when it ended meanwhile.
        """
        if self.second_factor.is_enrolled(session.tenant, session.account_id):
            return self._with_code(session, _given("code", code))
        return self._with_password(session, _given("password", password))

    def _with_code(self, session: Session, code: str) -> SignedIn:
        factor = self.second_factor.check_code(session.tenant, session.account_id, code)
        with write(self.engine) as connection:
            return self.sessions.renew(connection, session, frozenset({factor}))

    def _with_password(self, session: Session, password: str) -> SignedIn:
        with read(self.engine) as connection:
            account = accounts.get_account(connection, session.tenant, session.account_id)
        if account is None:
            raise SessionEnded
        right = self.credentials.check(self.finder.owner(account), password)
        with write(self.engine) as connection:
            self.credentials.accept(connection, right)
            return self.sessions.renew(connection, session, frozenset({Factor.PASSWORD}))


def _given(field: str, value: str | None) -> str:
    if value is None:
        fault = f"Send your {field}."
        raise InvalidInput(fault, errors=[FieldError(field, "is required here")])
    return value
