"""Another password: for whoever knows the current one, or returns what their mail brought."""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from safety.accounts.credentials import Credentials, Who
from safety.accounts.emails import Emails
from safety.accounts.find import Finder
from safety.accounts.held import settle
from safety.accounts.new_password import NewPasswords
from safety.accounts.notices import Notices
from safety.accounts.one_time import OneTimeTokens
from safety.accounts.places import Places
from safety.accounts.second_factor import SecondFactor
from safety.accounts.throttle import Doorbell
from safety.accounts.visitor import Visitor
from safety.domain.accounts import Account, AccountStatus, Session, TokenPurpose
from safety.domain.errors import SessionEnded, TokenRejected
from safety.gates.passwords import Hashed
from safety.store import accounts, outbox, sessions
from safety.store.engine import read, write

# Whoever began something with the old password begins again: to sign in, or to take the account
# to an address of theirs.
_ENDED_BY_CHANGE = (
    TokenPurpose.RESET_PASSWORD,
    TokenPurpose.SECOND_FACTOR,
    TokenPurpose.CHANGE_EMAIL,
)


@dataclass(frozen=True, slots=True)
class PasswordChanges:
    """Changes and resets passwords. Both end all other sessions and tell the owner."""

    engine: Engine
    finder: Finder
    doorbell: Doorbell
    credentials: Credentials
    new_passwords: NewPasswords
    second_factor: SecondFactor
    tokens: OneTimeTokens
    notices: Notices
    emails: Emails
    places: Places

    def change(self, session: Session, current: str, new: str) -> None:
        """Replace a password. Raises `InvalidCredentials` for the current one, `WeakPassword`."""
        with read(self.engine) as connection:
            account = accounts.get_account(connection, session.tenant, session.account_id)
        if account is None:
            raise SessionEnded
        self._judge(account, new)
        right = self.credentials.check(self.finder.owner(account), current)
        hashed = self.new_passwords.hash(new)
        with write(self.engine) as connection:
            account = self.credentials.accept(connection, right)
            self._replace(connection, account, hashed, by="owner", but=session.id)

    def request_reset(self, tenant: str, login: str, visitor: Visitor) -> None:
        """Have a token sent to the account's address. Says the same whether there is one or not.

        Raises `TooManyRequests` by address only: how often an account was asked for stays unsaid.
        """
        self.doorbell.knock(tenant, visitor)
        with read(self.engine) as connection:
            who = self.finder.find(connection, tenant, login, visitor)
        if who.account is not None:
            settle(self.engine, who.account)
        with write(self.engine) as connection:
            # As it is by now: nobody who is erased meanwhile is written to.
            account = _mailable(accounts.hold_account(connection, tenant, who.subject))
            if self.credentials.throttle.may_mail(connection, tenant, who.subject):
                self._send(connection, who, account)

    def confirm_reset(self, tenant: str, token: str, new: str, visitor: Visitor) -> Account:
        """Set a new password with a token, which ends every session and skips no second factor.

        Raises `TokenRejected`, or `WeakPassword`, after which the token may be tried again.
        """
        knock = self.doorbell.knock(tenant, visitor)
        account_id = self.tokens.use(tenant, token, TokenPurpose.RESET_PASSWORD).subject
        with read(self.engine) as connection:
            account = accounts.get_account(connection, tenant, account_id)
        if account is None:
            raise TokenRejected
        self._judge(account, new)
        hashed = self.new_passwords.hash(new)
        with write(self.engine) as connection:
            account = self._returned(connection, tenant, account_id)
            self._replace(connection, account, hashed, by="reset", but=None)
            self.credentials.throttle.forget(connection, tenant, account_id)
            self.emails.prove(connection, account)
            self.places.remember(connection, tenant, account_id, visitor, self.tokens.clock())
            account = accounts.get_account(connection, tenant, account_id) or account
        self.doorbell.forgive(knock)
        return account

    def _judge(self, account: Account, new: str) -> None:
        has_second_factor = self.second_factor.is_enrolled(account.tenant, account.id)
        self.new_passwords.judge_for(account, new, has_second_factor=has_second_factor)

    def _returned(self, connection: Connection, tenant: str, account_id: str) -> Account:
        """The account, if its token is still there: of two who return it at once, one finds it."""
        account = accounts.hold_account(connection, tenant, account_id)
        is_there = self.tokens.drop(connection, tenant, account_id, TokenPurpose.RESET_PASSWORD)
        if account is None or account.status is not AccountStatus.ACTIVE or not is_there:
            raise TokenRejected
        return account

    def _replace(
        self, connection: Connection, account: Account, hashed: Hashed, *, by: str, but: str | None
    ) -> None:
        at = self.tokens.clock()
        accounts.set_password(
            connection, account.tenant, account.id, hashed.hash, hashed.pepper, at
        )
        sessions.end_sessions(connection, account.tenant, account.id, but=but)
        self.tokens.drop(connection, account.tenant, account.id, *_ENDED_BY_CHANGE)
        outbox.add(connection, self.notices.about(account, "account.password_changed", at, by=by))

    def _send(self, connection: Connection, who: Who, account: Account | None) -> None:
        """Write a token for whoever was named; only where there is an address does it leave."""
        purpose = TokenPurpose.RESET_PASSWORD
        token, expires_at = self.tokens.add(connection, who.tenant, who.subject, purpose)
        if account is not None and account.email is not None:
            message = self.notices.with_token(
                account,
                purpose,
                token,
                account.email,
                expires_at=expires_at,
                at=self.tokens.clock(),
            )
            outbox.add(connection, message)


def _mailable(account: Account | None) -> Account | None:
    if account is None or account.status is not AccountStatus.ACTIVE:
        return None
    return account
