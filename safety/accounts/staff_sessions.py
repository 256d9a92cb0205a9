"""Sessions of staff: opened, kept alive, proved again, listed and ended.

A session's token is random and only its hash is kept: whoever reads the database cannot come in
with what they find. Who somebody is and what they may do is read anew with every request.
"""

import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import structlog
from sqlalchemy import Connection, Engine

from safety.accounts.staff_values import Lasting, SignedIn, Whence
from safety.accounts.visitor import Visitor
from safety.domain.access import STAFF_TENANT, Member, StaffSession
from safety.domain.accounts import Factor, Session
from safety.domain.errors import NotFound, StepUpNeeded, Unauthenticated
from safety.gates.tokens import TOKEN_BYTES, hash_of, mint
from safety.store import audit
from safety.store.engine import read, write
from safety.store.members import get_member
from safety.store.sessions import (
    add_session,
    end_by_hash,
    end_session,
    end_sessions,
    get_session,
    list_sessions,
    refresh_session,
)

log = structlog.get_logger(__name__)

SECOND_FACTORS = frozenset({Factor.TOTP, Factor.RECOVERY_CODE})
_ENDED = "You are not signed in, or were away for too long."


@dataclass(frozen=True, slots=True)
class StaffSessions:
    """The sessions of staff. `clock` answers Unix seconds; `audit_key` binds the audit log's rows.

    Where `is_code_required` is false, somebody without a second factor works without one: that is
    for a first look on one's own machine.
    """

    engine: Engine
    clock: Callable[[], float]
    new_id: Callable[[str], str]
    audit_key: bytes = field(repr=False)
    is_code_required: bool = True
    lasting: Lasting = field(default_factory=Lasting)

    def open(
        self, connection: Connection, member: Member, factors: frozenset[Factor], whence: Whence
    ) -> SignedIn:
        """Open a session inside the caller's transaction, and say so in the audit log.

        The session that this browser held before ends, and a token that came from outside is never
        adopted.
        """
        at = self.clock()
        if whence.previous:
            end_by_hash(connection, hash_of(whence.previous))
        visitor = Visitor(whence.ip, user_agent=whence.agent)
        signed_in = self._add(
            connection, member, factors, visitor.subject, visitor.agent, started_at=at
        )
        proved = [each.value for each in sorted(factors)]
        details = json.dumps({"with": proved}).encode()
        self._note(connection, member.name, "staff.signed_in", member.account_id, details)
        log.info(
            "staff_signed_in",
            member=member.account_id,
            factors=[each.value for each in sorted(factors)],
        )
        return signed_in

    def of(self, token: str | None) -> StaffSession:
        """The session behind a cookie's token. Raises `Unauthenticated` when there is none.

        Using a session keeps it from going idle, never beyond its absolute end.
        """
        at = self.clock()
        if not token:
            raise Unauthenticated(_ENDED)
        with read(self.engine) as connection:
            session = get_session(connection, hash_of(token))
            if session is None or session.tenant != STAFF_TENANT or not session.is_open(at):
                raise Unauthenticated(_ENDED)
            member = get_member(connection, session.account_id)
        if member is None or member.disabled_at is not None:
            raise Unauthenticated(_ENDED)
        return self._seen(self._refreshed(session, at), member)

    def renew(self, session: StaffSession, proved: frozenset[Factor]) -> SignedIn:
        """Replace a session by one that has also proved these factors, under a new token."""
        with write(self.engine) as connection:
            return self.renew_in(connection, session, session.session.factors | proved)

    def renew_in(
        self, connection: Connection, session: StaffSession, factors: frozenset[Factor]
    ) -> SignedIn:
        """Replace a session inside the caller's transaction by one with exactly these factors.

        It ends no later than the old one would have. Raises `Unauthenticated` when the old one
        ended meanwhile.
        """
        if not end_by_hash(connection, session.session.token_hash):
            raise Unauthenticated("You have signed out.")
        old = session.session
        is_full = bool(factors & SECOND_FACTORS) and not (old.factors & SECOND_FACTORS)
        started_at = self.clock() if is_full else old.created_at
        return self._add(
            connection, session.member, factors, old.address, old.agent, started_at=started_at
        )

    def demand_fresh(self, session: StaffSession) -> None:
        """Raise `StepUpNeeded` unless a factor was proved a moment ago."""
        if not self.is_fresh(session):
            raise StepUpNeeded("Confirm that it is you, then do this again. Nothing was done.")

    def is_fresh(self, session: StaffSession) -> bool:
        """Whether a factor was proved within the last minutes."""
        age = self.clock() - session.session.proved_at
        return 0 <= age <= self.lasting.fresh

    def open_ones(self, session: StaffSession) -> list[Session]:
        """All open sessions of the same person, the one used last first."""
        with read(self.engine) as connection:
            at = self.clock()
            return list_sessions(connection, STAFF_TENANT, session.member.account_id, at)

    def sign_out(self, session: StaffSession) -> None:
        """End the session at once; one that has ended already stays ended."""
        with write(self.engine) as connection:
            if end_by_hash(connection, session.session.token_hash):
                account_id = session.member.account_id
                self._note(connection, session.staff, "staff.signed_out", account_id)
        log.info("staff_signed_out", member=session.member.account_id)

    def end(self, session: StaffSession, session_id: str) -> None:
        """End one of one's own sessions. Raises `NotFound` for any other."""
        account_id = session.member.account_id
        with write(self.engine) as connection:
            if not end_session(connection, STAFF_TENANT, account_id, session_id):
                raise NotFound("This session has already ended.")
            self._note(connection, session.staff, "staff.session_ended", account_id)

    def end_others(self, session: StaffSession) -> int:
        """End all sessions of this person but the one at hand; return how many."""
        with write(self.engine) as connection:
            return self.end_others_in(connection, session)

    def end_others_in(self, connection: Connection, session: StaffSession) -> int:
        """The same inside the caller's transaction."""
        account_id, own = session.member.account_id, session.session.id
        ended = end_sessions(connection, STAFF_TENANT, account_id, but=own)
        if ended:
            self._note(connection, session.staff, "staff.sessions_ended", account_id)
        return ended

    def end_all_in(self, connection: Connection, account_id: str) -> int:
        """End everything that is open for a person, inside the caller's transaction."""
        return end_sessions(connection, STAFF_TENANT, account_id)

    def _add(
        self,
        connection: Connection,
        member: Member,
        factors: frozenset[Factor],
        address: str,
        agent: str,
        *,
        started_at: float,
    ) -> SignedIn:
        at = self.clock()
        token, token_hash = mint(secrets.token_bytes(TOKEN_BYTES))
        is_full = self._may_work(factors)
        ends = started_at + (self.lasting.absolute if is_full else self.lasting.enrolment)
        session = Session(
            id=self.new_id("ses"),
            token_hash=token_hash,
            tenant=STAFF_TENANT,
            account_id=member.account_id,
            csrf=secrets.token_urlsafe(TOKEN_BYTES),
            factors=factors,
            created_at=started_at,
            seen_at=at,
            idle_at=min(at + self.lasting.idle, ends),
            expires_at=ends,
            proved_at=at,
            address=address,
            agent=agent,
        )
        if not add_session(connection, session):
            raise Unauthenticated(_ENDED)
        return SignedIn(token, self._seen(session, member))

    def _may_work(self, factors: frozenset[Factor]) -> bool:
        """Sessions without a code are opened for people who have no second factor yet."""
        return bool(factors & SECOND_FACTORS) or not self.is_code_required

    def _seen(self, session: Session, member: Member) -> StaffSession:
        return StaffSession(session, member, is_enrolled=self._may_work(session.factors))

    def _refreshed(self, session: Session, at: float) -> Session:
        idle_at = min(at + self.lasting.idle, session.expires_at)
        if idle_at - session.idle_at < self.lasting.refresh:
            return session
        with write(self.engine) as connection:
            # Only where it still is: somebody may have signed out since it was read.
            if not refresh_session(connection, session.token_hash, seen_at=at, idle_at=idle_at):
                raise Unauthenticated("You have signed out.")
        return replace(session, seen_at=at, idle_at=idle_at)

    def _note(
        self,
        connection: Connection,
        author: str,
        action: str,
        subject: str,
        details: bytes = b"{}",
    ) -> None:
        event = audit.AuditEvent(self.clock(), author, action, subject, details)
        audit.append(connection, event, key=self.audit_key)


def is_form_token(session: StaffSession, given: str) -> bool:
    """Whether a form was made for this session."""
    return hmac.compare_digest(session.csrf.encode(), given.encode(errors="replace"))
