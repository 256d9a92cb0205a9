"""What members of staff do with their own account: password, second factor, a fresh proof."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine

from safety.accounts.second_factor import Enrolled, SecondFactor, Status
from safety.accounts.staff_passwords import StaffPasswords
from safety.accounts.staff_sessions import SECOND_FACTORS, StaffSessions
from safety.accounts.staff_values import SignedIn
from safety.domain.access import STAFF_TENANT, StaffSession
from safety.domain.accounts import Factor
from safety.store import accounts, audit, recovery, totp
from safety.store.engine import read, write
from safety.store.preferences import get_preferences, put_preferences


@dataclass(frozen=True, slots=True)
class OwnStatus:
    """What somebody has to sign in with."""

    has_password: bool
    second_factor: Status


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """One's own account. Whoever proves or changes something gets a session under a new token."""

    engine: Engine
    sessions: StaffSessions
    passwords: StaffPasswords
    second_factor: SecondFactor
    audit_key: bytes = field(repr=False)

    def status(self, session: StaffSession) -> OwnStatus:
        """What this person has to sign in with."""
        account_id = session.member.account_id
        with read(self.engine) as connection:
            account = accounts.get_account(connection, STAFF_TENANT, account_id)
        has_password = account is not None and account.password_hash is not None
        return OwnStatus(has_password, self.second_factor.status(STAFF_TENANT, account_id))

    def preferences(self, session: StaffSession) -> dict[str, Any]:
        """What this person prefers at the desk; empty until they say so."""
        with read(self.engine) as connection:
            body = get_preferences(connection, session.member.account_id)
        return json.loads(body) if body else {}

    def prefer(self, session: StaffSession, preferences: Mapping[str, Any]) -> None:
        """Keep what this person prefers, all of it: what is not given is as it is for everybody."""
        body = json.dumps(preferences, separators=(",", ":"))
        with write(self.engine) as connection:
            put_preferences(connection, STAFF_TENANT, session.member.account_id, body)

    def enrol(self, session: StaffSession) -> Enrolled:
        """Make a secret for an authenticator app; it is shown once. Raises `AlreadyEnrolled`."""
        return self.second_factor.enrol(STAFF_TENANT, session.member.account_id, session.staff)

    def confirm(self, session: StaffSession, code: str) -> tuple[list[str], SignedIn]:
        """Put the enrolment into force; return the recovery codes, shown once, and a new session.

        Raises `CodeRejected`, `AlreadyEnrolled` and `TooManyRequests`.
        """
        account_id = session.member.account_id
        codes = self.second_factor.confirm(STAFF_TENANT, account_id, code, author=session.staff)
        return codes, self.sessions.renew(session, frozenset({Factor.TOTP}))

    def step_up(self, session: StaffSession, code: str) -> SignedIn:
        """Prove a factor anew. Raises `CodeRejected` and `TooManyRequests`."""
        account_id = session.member.account_id
        factor = self.second_factor.check_code(STAFF_TENANT, account_id, code)
        return self.sessions.renew(session, frozenset({factor}))

    def new_codes(self, session: StaffSession) -> list[str]:
        """Ten new recovery codes, shown once; the old ones are void. Raises `StepUpNeeded`."""
        self.sessions.demand_fresh(session)
        account_id = session.member.account_id
        return self.second_factor.regenerate(STAFF_TENANT, account_id, author=session.staff)

    def forget_second_factor(self, session: StaffSession) -> SignedIn:
        """Remove the authenticator app and the codes; all other sessions end.

        What is left is a session in which another app can be enrolled. Raises `StepUpNeeded`.
        """
        self.sessions.demand_fresh(session)
        account_id = session.member.account_id
        with write(self.engine) as connection:
            totp.remove_enrolment(connection, STAFF_TENANT, account_id)
            recovery.remove_codes(connection, STAFF_TENANT, account_id)
            self.sessions.end_others_in(connection, session)
            self._note_in(connection, session, "second_factor.removed")
            left = session.session.factors - SECOND_FACTORS
            return self.sessions.renew_in(connection, session, left)

    def change_password(
        self, session: StaffSession, current: str, chosen: str, ip: str | None
    ) -> SignedIn:
        """Set a new password; all other sessions end.

        It takes the current one, or a fresh proof where there is none yet. Raises `WeakPassword`,
        `InvalidCredentials`, `TooManyRequests` and `StepUpNeeded`.
        """
        proven = None
        if self.status(session).has_password:
            proven = self.passwords.prove(session.staff, current, ip)
        else:
            self.sessions.demand_fresh(session)
        hashed = self.passwords.chosen(chosen, session.staff)
        with write(self.engine) as connection:
            if proven:
                self.passwords.settle(connection, proven)
            self.passwords.keep(connection, session.member.account_id, hashed)
            self.sessions.end_others_in(connection, session)
            self._note_in(connection, session, "staff.password_chosen")
            return self.sessions.renew_in(connection, session, session.session.factors)

    def _note_in(self, connection: Connection, session: StaffSession, action: str) -> None:
        at, account_id = self.sessions.clock(), session.member.account_id
        event = audit.AuditEvent(at, session.staff, action, account_id)
        audit.append(connection, event, key=self.audit_key)
