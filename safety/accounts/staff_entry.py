"""How staff come in: by invitation, by name and password or by a link, and then by a code."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine

from safety.accounts.second_factor import SecondFactor
from safety.accounts.staff_links import NAME, named_in
from safety.accounts.staff_passwords import StaffPasswords
from safety.accounts.staff_sessions import StaffSessions
from safety.accounts.staff_values import SignedIn, Whence
from safety.domain.access import STAFF_TENANT, Member
from safety.domain.accounts import Factor, TokenPurpose
from safety.domain.errors import Unauthenticated
from safety.gates.tokens import TOKEN_BYTES, hash_of, mint
from safety.store import accounts, audit, one_time, totp
from safety.store.engine import read, write
from safety.store.members import get_member

_USED = "This link was already used, or is too old."
_TOO_LATE = "That took too long. Sign in again."
_TRIES = 5  # codes that may be typed after one password (OWASP ASVS 5.0, 2.3.1)


@dataclass(frozen=True, slots=True)
class CodeNeeded:
    """The first factor was right, and a code is still to come. `token` opens nothing else."""

    token: str = field(repr=False)
    lasts: float


@dataclass(frozen=True, slots=True)
class Entry:
    """The door. Every way in ends in a session, or first in `CodeNeeded`.

    Whoever has no second factor yet gets a session in which they can enrol and, unless this
    installation says otherwise, nothing else.
    """

    engine: Engine
    clock: Callable[[], float]
    sessions: StaffSessions
    passwords: StaffPasswords
    second_factor: SecondFactor
    audit_key: bytes = field(repr=False)

    def by_link(self, token: str, whence: Whence) -> SignedIn | CodeNeeded:
        """Spend an operator's one-time link.

        Raises `Unauthenticated` for a link that is unknown, spent or expired, and for one of a
        person who was disabled: which of them is not told.
        """
        with write(self.engine) as connection:
            member = self._spend(connection, token, TokenPurpose.SIGN_IN)
            return self._enter(connection, member, Factor.LINK, whence)

    def by_password(self, name: str, password: str, whence: Whence) -> SignedIn | CodeNeeded:
        """Sign in with name and password. Raises what `StaffPasswords.prove` raises."""
        proven = self.passwords.prove(name, password, whence.ip)
        with write(self.engine) as connection:
            self.passwords.settle(connection, proven)
            return self._enter(connection, proven.member, Factor.PASSWORD, whence)

    def by_code(self, token: str | None, code: str, whence: Whence) -> SignedIn:
        """The second step: a code of the authenticator app, or a recovery code.

        Raises `Unauthenticated` when the first step is too long ago or was followed by too many
        codes, `CodeRejected` for a wrong one, and `TooManyRequests`.
        """
        with write(self.engine) as connection:
            step = token and one_time.use_token(
                connection, hash_of(token), TokenPurpose.SECOND_FACTOR, STAFF_TENANT, self.clock()
            )
        if not step:
            raise Unauthenticated(_TOO_LATE)
        factor = self.second_factor.check_code(STAFF_TENANT, step.subject, code)
        with write(self.engine) as connection:
            # Held first, as whoever changes the password does, and then the tokens are gone.
            accounts.hold_account(connection, STAFF_TENANT, step.subject)
            if not one_time.drop_tokens(
                connection, STAFF_TENANT, step.subject, TokenPurpose.SECOND_FACTOR
            ):
                raise Unauthenticated(_TOO_LATE)
            member = _enabled(connection, step.subject)
            self.passwords.remember(connection, member, whence.ip)
            factors = frozenset({Factor(step.data.decode()), factor})
            return self.sessions.open(connection, member, factors, whence)

    def accept(self, token: str, password: str, whence: Whence) -> SignedIn | CodeNeeded:
        """Spend an invitation by choosing a password; all sessions of this person end.

        Raises `WeakPassword`, which leaves the invitation good, and `Unauthenticated`, before
        anything is hashed, for whoever has none.
        """
        self._demand_invitation(token)
        hashed = self.passwords.chosen(password, named_in(token))
        with write(self.engine) as connection:
            member = self._spend(connection, token, TokenPurpose.INVITATION)
            account_id = member.account_id
            self.passwords.keep(connection, account_id, hashed)
            self.sessions.end_all_in(connection, account_id)
            event = audit.AuditEvent(self.clock(), member.name, "staff.password_chosen", account_id)
            audit.append(connection, event, key=self.audit_key)
            return self._enter(connection, member, Factor.PASSWORD, whence)

    def _enter(
        self, connection: Connection, member: Member, factor: Factor, whence: Whence
    ) -> SignedIn | CodeNeeded:
        if not totp.is_confirmed(connection, STAFF_TENANT, member.account_id):
            return self.sessions.open(connection, member, frozenset({factor}), whence)
        token, token_hash = mint(secrets.token_bytes(TOKEN_BYTES))
        lasts = self.sessions.lasting.step
        one_time.add_token(
            connection,
            token_hash,
            TokenPurpose.SECOND_FACTOR,
            STAFF_TENANT,
            member.account_id,
            expires_at=self.clock() + lasts,
            uses=_TRIES,
            data=factor.value.encode(),
        )
        return CodeNeeded(token, lasts)

    def _demand_invitation(self, token: str) -> None:
        with read(self.engine) as connection:
            invited = one_time.find_token(
                connection, hash_of(token), TokenPurpose.INVITATION, STAFF_TENANT, self.clock()
            )
        if invited is None:
            raise Unauthenticated(_USED)

    def _spend(self, connection: Connection, token: str, purpose: TokenPurpose) -> Member:
        if not NAME.fullmatch(named_in(token)):  # no link was ever made for it
            raise Unauthenticated(_USED)
        spent = one_time.use_token(connection, hash_of(token), purpose, STAFF_TENANT, self.clock())
        if spent is None:
            raise Unauthenticated(_USED)
        return _enabled(connection, spent.subject)


def _enabled(connection: Connection, account_id: str) -> Member:
    member = get_member(connection, account_id)
    if member is None or member.disabled_at is not None:
        raise Unauthenticated(_USED)
    return member
