"""Passwords of staff: checked like those of users, by name and address, and chosen."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine

from safety.accounts.credentials import Credentials, Right, Who
from safety.accounts.marks import Marks
from safety.accounts.places import Places
from safety.accounts.staff_links import NAME
from safety.accounts.throttle import Doorbell, Knock
from safety.accounts.visitor import Visitor
from safety.domain.access import STAFF_TENANT, Member
from safety.domain.accounts import TokenPurpose
from safety.domain.errors import InvalidCredentials, TooManyRequests
from safety.gates.hashing_pool import HashingPool
from safety.gates.password_policy import PasswordPolicy
from safety.gates.passwords import Hashed, Passwords
from safety.store import accounts, one_time
from safety.store.engine import read
from safety.store.members import find_member

# Words that a password of staff must not lean on, besides the person's own name.
_STAFF_WORDS = ("safety", "gate", "review", "desk", "moderator", "admin")
_NOBODY = ""  # no member has this name or id, and looking for it costs the same
_WRONG = "The name or the password is not right."
_SLOW_DOWN = "Too many wrong passwords. Wait a while, or ask for a new link."


@dataclass(frozen=True, slots=True)
class Proven:
    """A password that was right a moment ago; `StaffPasswords.settle` makes it count."""

    member: Member
    right: Right = field(repr=False)
    knock: Knock = field(repr=False)


@dataclass(frozen=True, slots=True)
class StaffPasswords:
    """What staff know. The limits are those of users: by address, by name, and in all."""

    engine: Engine
    clock: Callable[[], float]
    passwords: Passwords
    pool: HashingPool
    policy: PasswordPolicy
    credentials: Credentials
    doorbell: Doorbell
    places: Places
    marks: Marks

    def prove(self, name: str, given: str, ip: str | None) -> Proven:
        """Check a password.

        Raises `InvalidCredentials` for an unknown name, a wrong password and a person who was
        disabled, all alike and at one price, `TooManyRequests` after too many of those, and
        `Unavailable` when too many passwords wait for their turn.
        """
        visitor = Visitor(ip)
        knock = self.doorbell.knock(STAFF_TENANT, visitor)
        member, who = self._find(name, visitor)
        try:
            right = self.credentials.check(who, given)
        except InvalidCredentials:
            raise InvalidCredentials(_WRONG) from None
        except TooManyRequests as error:
            raise TooManyRequests(_SLOW_DOWN, retry_after=error.retry_after) from None
        if member is None:  # there was no account to be right about
            raise InvalidCredentials(_WRONG)
        return Proven(member, right, knock)

    def settle(self, connection: Connection, proven: Proven) -> None:
        """Let a right password count, inside the caller's transaction.

        Raises `InvalidCredentials` when it was changed since it was checked.
        """
        self.credentials.accept(connection, proven.right)
        self.doorbell.forgive(proven.knock)

    def remember(self, connection: Connection, member: Member, ip: str | None) -> None:
        """Note an address from which somebody came in: strangers cannot use up its tries."""
        self.places.remember(connection, STAFF_TENANT, member.account_id, Visitor(ip), self.clock())

    def chosen(self, password: str, name: str) -> Hashed:
        """A new password, hashed. Raises `WeakPassword` with what is wrong with it.

        A second factor is asked for as well, so the shorter minimum holds.
        """

        def work() -> Hashed:
            words = (name, *_STAFF_WORDS)
            self.policy.check(password, user_words=words, has_second_factor=True)
            return self.passwords.hash(password)

        return self.pool.run(work)

    def keep(self, connection: Connection, account_id: str, hashed: Hashed) -> None:
        """Set a new password; whoever began to sign in with the old one begins again."""
        accounts.set_password(
            connection, STAFF_TENANT, account_id, hashed.hash, hashed.pepper, self.clock()
        )
        one_time.drop_tokens(connection, STAFF_TENANT, account_id, TokenPurpose.SECOND_FACTOR)

    def _find(self, name: str, visitor: Visitor) -> tuple[Member | None, Who]:
        """Whoever goes by this name. One who was disabled is nobody, like a name of nobody."""
        key = _key(name)
        with read(self.engine) as connection:
            member = find_member(connection, key)
            if member is not None and member.disabled_at is not None:
                member = None
            account_id = member.account_id if member else _NOBODY
            account = accounts.get_account(connection, STAFF_TENANT, account_id)
            subject = account_id or self.marks.unknown(STAFF_TENANT, key)
            known = self.places.find(connection, STAFF_TENANT, subject, visitor, self.clock())
        return member, Who(STAFF_TENANT, subject, account, known)


def _key(name: str) -> str:
    """The name as it is kept, or nobody's: no database should see anything else."""
    folded = name.strip().lower()
    return folded if NAME.fullmatch(folded) else _NOBODY
