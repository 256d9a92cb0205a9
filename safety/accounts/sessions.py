"""Sessions of users: opened with a fresh token, kept alive, proved again, listed and ended."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, Engine

from safety.accounts.visitor import Visitor
from safety.domain.accounts import Account, Factor, Session
from safety.domain.errors import NotFound, SessionEnded, StepUpNeeded
from safety.gates.tokens import TOKEN_BYTES, hash_of, mint
from safety.store import sessions
from safety.store.engine import read, write

_DAY = 86400.0
_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class SessionLasting:
    """How long sessions last, in seconds: in any case, unused, and as proof for dangerous acts.

    `refresh` bounds how often a session's last use is written down. Ten minutes is what ASVS 7.5
    asks a factor to be at most as old before something dangerous is done.
    """

    absolute: float = 30 * _DAY
    idle: float = 14 * _DAY
    fresh: float = 10 * _MINUTE
    refresh: float = _MINUTE


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that was just opened, with its token, which is shown only once."""

    session: Session
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sessions:
    """Every session's token is made here, from 256 random bits, and only its hash is kept.

    A token that came from outside is never adopted: whoever plants one in a browser gains nothing.
    """

    engine: Engine
    clock: Callable[[], float]
    new_id: Callable[[str], str]
    random_bytes: Callable[[int], bytes]
    lasting: SessionLasting

    def open(
        self,
        connection: Connection,
        account: Account,
        factors: frozenset[Factor],
        visitor: Visitor,
    ) -> SignedIn:
        """Open a session inside the caller's transaction, which has made sure of the account."""
        at = self.clock()
        session = Session(
            id=self.new_id("ses"),
            token_hash=b"",
            tenant=account.tenant,
            account_id=account.id,
            csrf=mint(self.random_bytes(TOKEN_BYTES))[0],
            factors=factors,
            created_at=at,
            seen_at=at,
            idle_at=at + min(self.lasting.idle, self.lasting.absolute),
            expires_at=at + self.lasting.absolute,
            proved_at=at,
            address=visitor.subject,
            agent=visitor.agent,
        )
        return self._keep(connection, session)

    def renew(
        self, connection: Connection, session: Session, proved: frozenset[Factor]
    ) -> SignedIn:
        """Replace a session by one that has proved these factors now, under a new token.

        It ends when the old one would have. Raises `SessionEnded` when the old one ended meanwhile.
        """
        at = self.clock()
        if not session.is_open(at) or not sessions.end_by_hash(connection, session.token_hash):
            raise SessionEnded
        return self._keep(
            connection,
            replace(
                session,
                id=self.new_id("ses"),
                csrf=mint(self.random_bytes(TOKEN_BYTES))[0],
                factors=session.factors | proved,
                seen_at=at,
                idle_at=self._idle_at(session, at),
                proved_at=at,
            ),
        )

    def of(self, tenant: str, token: str) -> Session:
        """The session of a token. Using it keeps it from going idle. Raises `SessionEnded`."""
        at = self.clock()
        with read(self.engine) as connection:
            session = sessions.get_session(connection, hash_of(token))
        if session is None or session.tenant != tenant or not session.is_open(at):
            raise SessionEnded
        return self._seen(session, at)

    def list_open(self, tenant: str, account_id: str) -> list[Session]:
        """The open sessions of an account, the one that was used last first."""
        with read(self.engine) as connection:
            return sessions.list_sessions(connection, tenant, account_id, self.clock())

    def end(self, session: Session) -> None:
        """Sign out. A session that has ended already stays ended."""
        with write(self.engine) as connection:
            sessions.end_by_hash(connection, session.token_hash)

    def end_one(self, tenant: str, account_id: str, session_id: str) -> None:
        """End one session of an account. Raises `NotFound` when it has no such session."""
        with write(self.engine) as connection:
            if not sessions.end_session(connection, tenant, account_id, session_id):
                raise NotFound

    def end_others(self, session: Session) -> int:
        """End every session of the same account but this one; return how many."""
        with write(self.engine) as connection:
            return sessions.end_sessions(
                connection, session.tenant, session.account_id, but=session.id
            )

    def demand_fresh(self, session: Session, within: float | None = None) -> None:
        """Raise `StepUpNeeded` unless a factor was proved a moment ago.

        A proof from the future, after a clock went back, is no proof.
        """
        age = self.clock() - session.proved_at
        if not 0 <= age <= (self.lasting.fresh if within is None else within):
            raise StepUpNeeded

    def _keep(self, connection: Connection, draft: Session) -> SignedIn:
        token, token_hash = mint(self.random_bytes(TOKEN_BYTES))
        session = replace(draft, token_hash=token_hash)
        if not sessions.add_session(connection, session):
            raise SessionEnded  # the account was locked or erased at this very moment
        return SignedIn(session, token)

    def _seen(self, session: Session, at: float) -> Session:
        if 0 <= at - session.seen_at < self.lasting.refresh:
            return session
        idle_at = self._idle_at(session, at)
        with write(self.engine) as connection:
            # Only where it still is: its owner may have signed out since it was read.
            if not sessions.refresh_session(
                connection, session.token_hash, seen_at=at, idle_at=idle_at
            ):
                raise SessionEnded
        return replace(session, seen_at=at, idle_at=idle_at)

    def _idle_at(self, session: Session, at: float) -> float:
        return min(at + self.lasting.idle, session.expires_at)
