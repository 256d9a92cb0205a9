"""E-mail addresses: claimed at first, somebody's own once they return what was sent there.

An address is unique, and signs in, only when it is verified. Until then anybody may claim it, so
nobody can keep its owner out by claiming it first, and nobody learns who else has it.
"""

import json
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from safety.accounts.credentials import Credentials
from safety.accounts.find import Finder
from safety.accounts.marks import Marks
from safety.accounts.notices import Notices
from safety.accounts.one_time import OneTimeTokens
from safety.accounts.throttle import AccountThrottle
from safety.domain.accounts import Account, Session, TokenPurpose
from safety.domain.errors import FieldError, InvalidInput, SessionEnded, TokenRejected
from safety.gates.names import Email, read_email
from safety.store import accounts, outbox
from safety.store.engine import read, write
from safety.store.one_time import OneTime

_VERIFY = TokenPurpose.VERIFY_EMAIL
# Tokens that were sent to an address, or opened with it, end with it.
_ENDED_BY_CHANGE = (
    _VERIFY,
    TokenPurpose.CHANGE_EMAIL,
    TokenPurpose.RESET_PASSWORD,
)


@dataclass(frozen=True, slots=True)
class Emails:
    """Sends tokens to addresses, by the platform's mail, and believes whoever brings them back."""

    engine: Engine
    tokens: OneTimeTokens
    notices: Notices
    throttle: AccountThrottle
    marks: Marks
    credentials: Credentials
    finder: Finder

    def ask_to_verify(self, connection: Connection, account: Account, email: Email) -> None:
        """Have a token sent to an address that an account claims, in the caller's transaction."""
        self._send(connection, account, email, _VERIFY)

    def resend(self, session: Session) -> None:
        """Send the token again. Says nothing when there is nothing to verify, or no more today."""
        with write(self.engine) as connection:
            account = accounts.hold_account(connection, session.tenant, session.account_id)
            if account is None:
                raise SessionEnded
            if account.email is not None and account.email_verified_at is None:
                self._send(connection, account, read_email(account.email), _VERIFY)

    def verify(self, tenant: str, token: str) -> Account:
        """The account whose address is verified now. Raises `TokenRejected`.

        Also when somebody else has verified the same address meanwhile: the first one has it.
        """
        with write(self.engine) as connection:
            used = self.tokens.use_in(connection, tenant, token, _VERIFY)
            account = self._take(connection, used, is_change=False)
            self.tokens.drop(connection, tenant, account.id, _VERIFY)
        return account

    def change(self, session: Session, password: str, new_email: str) -> None:
        """Have a token sent to a new address; nothing changes until it comes back.

        The address so far is told. Whether somebody has the new one already is not.
        Raises `InvalidInput` for what is no address, and `InvalidCredentials`.
        """
        email = read_email(new_email)
        with read(self.engine) as connection:
            account = accounts.get_account(connection, session.tenant, session.account_id)
        if account is None:
            raise SessionEnded
        if account.email_key == email.key:
            fault = "This is your address already."
            raise InvalidInput(fault, errors=[FieldError("email", fault)])
        right = self.credentials.check(self.finder.owner(account), password)
        with write(self.engine) as connection:
            account = self.credentials.accept(connection, right)
            self._send(connection, account, email, TokenPurpose.CHANGE_EMAIL)
            self._tell(connection, account, "account.email_change_requested")

    def confirm_change(self, tenant: str, token: str) -> Account:
        """The account with its new address. Raises `TokenRejected`."""
        with write(self.engine) as connection:
            used = self.tokens.use_in(connection, tenant, token, TokenPurpose.CHANGE_EMAIL)
            account = self._take(connection, used, is_change=True)
            self.tokens.drop(connection, tenant, account.id, *_ENDED_BY_CHANGE)
            self._tell(connection, account, "account.email_changed")
        return account

    def prove(self, connection: Connection, account: Account) -> None:
        """Its owner has just returned a token that was sent to the address which they claim."""
        if account.email is not None and account.email_verified_at is None:
            key, at = read_email(account.email).key, self.tokens.clock()
            accounts.change_email(connection, account.tenant, account.id, account.email, key, at)

    def _send(
        self, connection: Connection, account: Account, email: Email, purpose: TokenPurpose
    ) -> None:
        at = self.tokens.clock()
        mark = self.marks.mail(account.tenant, email.key)
        if not self.throttle.may_mail(connection, account.tenant, mark):
            return
        owner = accounts.find_by_login(
            connection, account.tenant, username_key=None, email_key=email.key
        )
        if owner is not None and owner.id != account.id:
            self._tell(connection, owner, "account.email_already_known")
            return
        data = json.dumps({"email": email.shown, "key": email.key}).encode()
        token, expires_at = self.tokens.add(connection, account.tenant, account.id, purpose, data)
        message = self.notices.with_token(
            account, purpose, token, email.shown, expires_at=expires_at, at=at
        )
        outbox.add(connection, message)

    def _take(self, connection: Connection, used: OneTime, *, is_change: bool) -> Account:
        """Give the address of a token to its account."""
        asked = json.loads(used.data)
        account = accounts.hold_account(connection, used.tenant, used.subject)
        if account is None or (account.email != asked["email"] and not is_change):
            raise TokenRejected
        if not accounts.change_email(
            connection,
            used.tenant,
            used.subject,
            asked["email"],
            asked["key"],
            self.tokens.clock(),
        ):
            raise TokenRejected
        changed = accounts.get_account(connection, used.tenant, used.subject)
        return changed or account

    def _tell(self, connection: Connection, account: Account, kind: str) -> None:
        outbox.add(connection, self.notices.about(account, kind, self.tokens.clock()))
