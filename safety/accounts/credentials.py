"""One way to check a password: counted first, hashed in the pool, and alike for everybody."""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from safety.accounts.held import settle
from safety.accounts.proofs import Proofs
from safety.accounts.throttle import AccountThrottle, Try
from safety.domain.accounts import Account, AccountStatus
from safety.domain.errors import InvalidCredentials, Unavailable
from safety.gates.hashing_pool import HashingPool
from safety.gates.passwords import Hashed, Passwords
from safety.store import accounts
from safety.store.engine import write


@dataclass(frozen=True, slots=True)
class Who:
    """Whoever a password is checked for.

    `subject` is the account's id, or stands for a name that no account has. `known` names the place
    when the account was signed in to from there before.
    """

    tenant: str
    subject: str
    account: Account | None
    known: str = ""


@dataclass(frozen=True, slots=True)
class Right:
    """A password that was right. It opens nothing until `Credentials.accept` has written it down.

    `hashed` is there when the hash was outdated and is to be replaced.
    """

    who: Who
    account: Account
    tried: Try
    hashed: Hashed | None


@dataclass(frozen=True, slots=True)
class Credentials:
    """Checks passwords.

    An account that is not there, held, locked or closed, or that needs a reset, is answered like a
    wrong password: with the same error, after the same work and the same writes. Each counts as
    wrong beforehand, so that nothing is left to write once it is known to be.
    """

    engine: Engine
    passwords: Passwords
    pool: HashingPool
    proofs: Proofs | None  # None where nobody is ever challenged
    throttle: AccountThrottle

    def check(self, who: Who, password: str, *, proof: str | None = None) -> Right:
        """Check a password. `proof` is the decision whose challenge was proved, used up by this.

        Raises `InvalidCredentials`, `TooManyRequests` before any hash, or `Unavailable` when too
        many wait; a try that nobody looked at is not counted.
        """
        tried = self._count(who, proof)
        account = who.account
        stored, pepper = _kept(account)
        try:
            checked = self.pool.run(lambda: self.passwords.verify(stored, pepper, password))
            hashed = self._renewed(password) if checked.is_right and checked.is_outdated else None
        except Unavailable:
            self._take_back(tried)
            raise
        if account is not None and checked.is_right:
            account = settle(self.engine, account)
            if is_welcome(account, who.known):
                return Right(who, account, tried, hashed)
        raise InvalidCredentials

    def accept(self, connection: Connection, right: Right) -> Account:
        """Write down that the password was right; the account as it is now.

        Whatever changed while the password was hashed wins: raises `InvalidCredentials` when the
        account was locked, erased or given another password meanwhile.
        """
        who, stored = right.who, right.account.password_hash
        account = accounts.hold_account(connection, who.tenant, who.subject)
        if account is None or account.password_hash != stored or stored is None:
            raise InvalidCredentials
        if not is_welcome(account, who.known):
            raise InvalidCredentials
        self.throttle.forgive(connection, right.tried)
        accounts.clear_failures(connection, who.tenant, who.subject)
        if right.hashed is not None:
            accounts.rehash(
                connection,
                who.tenant,
                who.subject,
                old_hash=stored,
                new_hash=right.hashed.hash,
                pepper=right.hashed.pepper,
            )
        return account

    def _count(self, who: Who, proof: str | None) -> Try:
        with write(self.engine) as connection:
            if proof is not None and self.proofs is not None:
                self.proofs.spend(connection, proof)
            # The account before the throttle, as in `accept`: nobody waits in a circle.
            accounts.count_failure(
                connection, who.tenant, who.subject, most=self.throttle.limits.consecutive
            )
            return self.throttle.count(
                connection, who.tenant, who.subject, known=who.known, proved=proof is not None
            )

    def _take_back(self, tried: Try) -> None:
        with write(self.engine) as connection:
            accounts.take_back_failure(connection, tried.tenant, tried.subject)
            self.throttle.forgive(connection, tried)

    def _renewed(self, password: str) -> Hashed:
        return self.pool.run(lambda: self.passwords.hash(password))


def is_welcome(account: Account, known: str) -> bool:
    """Whether its owner may sign in with a password.

    Too many wrong ones ask for a reset, except where the owner signed in before: otherwise anybody
    could make anybody reset their password.
    """
    return account.status is AccountStatus.ACTIVE and (not account.must_reset or bool(known))


def _kept(account: Account | None) -> tuple[str | None, str | None]:
    return (None, None) if account is None else (account.password_hash, account.password_pepper)
