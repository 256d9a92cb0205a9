"""Staff: a one-time link lets a person in, a session remembers them, signing out forgets them.

Links and sessions are random tokens of which only the hash is kept: whoever reads the database
cannot come in with what they find.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import structlog
from sqlalchemy import Engine

from safety.domain.access import StaffSession
from safety.domain.errors import InvalidInput, Unauthenticated
from safety.store import audit
from safety.store.engine import read, write
from safety.store.staff import add_link, add_session, end_session, get_session, purge, spend_link

log = structlog.get_logger(__name__)

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_TOKEN_BYTES = 32
_SEPARATOR = "."
_REFUSED = "This sign-in link was already used, or is too old."


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long links and sessions last, in seconds.

    The session's numbers are those of NIST SP 800-63B for AAL2 as a reauthentication limit.
    `refresh` bounds how often a session's last use is written down.
    """

    link: float = 30 * 60
    idle: float = 30 * 60
    absolute: float = 12 * 60 * 60
    refresh: float = 60


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that was just opened, with the token for the cookie. It is shown only once."""

    token: str
    session: StaffSession


@dataclass(frozen=True, slots=True)
class Staff:
    """The door for staff. `clock` answers Unix seconds; `audit_key` binds the audit log's rows.

    `https` says that browsers reach the desk over TLS, whoever ends it; without it the desk is for
    this machine only, since cookies would travel in the open.
    """

    engine: Engine
    clock: Callable[[], float]
    audit_key: bytes
    https: bool = False
    lasting: Lasting = field(default_factory=Lasting)

    def sign_in(self, token: str, previous: str | None = None) -> SignedIn:
        """Spend a one-time link and open a session.

        A session that this browser already held (`previous`) ends, and a token that came from
        outside is never adopted. Raises `Unauthenticated` for a link that is unknown, spent or
        expired: which of them is not told.
        """
        at = self.clock()
        name = token.partition(_SEPARATOR)[0]
        if not _NAME.fullmatch(name):  # no link was ever made for it, and no database should see it
            raise Unauthenticated(_REFUSED)
        fresh = secrets.token_urlsafe(_TOKEN_BYTES)
        session = StaffSession(
            token_hash=_hash(fresh),
            staff=name,
            csrf=secrets.token_urlsafe(_TOKEN_BYTES),
            created_at=at,
            expires_at=at + min(self.lasting.idle, self.lasting.absolute),
        )
        with write(self.engine) as connection:
            if not spend_link(connection, _hash(token), at, purpose=_purpose(name)):
                raise Unauthenticated(_REFUSED)
            if previous:
                end_session(connection, _hash(previous))
            add_session(connection, session)
            event = audit.AuditEvent(at, name, "staff.signed_in", name)
            audit.append(connection, event, key=self.audit_key)
        log.info("staff_signed_in", staff=name)
        return SignedIn(fresh, session)

    def session(self, token: str | None) -> StaffSession:
        """The session behind a cookie's token. Raises `Unauthenticated` when there is none.

        Using a session keeps it from going idle, never beyond its absolute end.
        """
        at = self.clock()
        if token:
            with read(self.engine) as connection:
                session = get_session(connection, _hash(token), at)
            if session:
                return self._refreshed(session, at)
        raise Unauthenticated("You are not signed in, or were away for too long.")

    def sign_out(self, session: StaffSession) -> None:
        """End the session at once; one that has ended already stays ended."""
        with write(self.engine) as connection:
            if end_session(connection, session.token_hash):
                event = audit.AuditEvent(
                    self.clock(), session.staff, "staff.signed_out", session.staff
                )
                audit.append(connection, event, key=self.audit_key)
        log.info("staff_signed_out", staff=session.staff)

    def _refreshed(self, session: StaffSession, at: float) -> StaffSession:
        end = min(at + self.lasting.idle, session.created_at + self.lasting.absolute)
        if end - session.expires_at < self.lasting.refresh:
            return session
        longer = replace(session, expires_at=end)
        with write(self.engine) as connection:
            # Replaced only where it still is: somebody may have signed out since it was read.
            if not end_session(connection, session.token_hash):
                raise Unauthenticated("You have signed out.")
            add_session(connection, longer)
        return longer


def invite(
    engine: Engine,
    at: float,
    *,
    audit_key: bytes,
    staff: str = "admin",
    lasts: float = Lasting().link,
    author: str = "command",
) -> str:
    """Make a one-time link for a member of staff and return its token, which is not kept.

    `author` is who invites. Links and sessions that are over are deleted on the way.
    Raises `InvalidInput` for a name that is not 1 to 40 of `a-z 0-9 _ -`.
    """
    if not _NAME.fullmatch(staff):
        raise InvalidInput("A staff name is 1 to 40 small letters, digits, '_' or '-'.")
    token = f"{staff}{_SEPARATOR}{secrets.token_urlsafe(_TOKEN_BYTES)}"
    with write(engine) as connection:
        purge(connection, at)
        add_link(connection, _hash(token), _purpose(staff), at + lasts)
        event = audit.AuditEvent(at, author, "staff.invited", staff)
        audit.append(connection, event, key=audit_key)
    return token


def is_form_token(session: StaffSession, given: str) -> bool:
    """Whether a form was made for this session."""
    return hmac.compare_digest(session.csrf.encode(), given.encode(errors="replace"))


def _purpose(staff: str) -> str:
    """The name is part of the token, and the purpose holds it against the row."""
    return f"sign-in:{staff}"


def _hash(token: str) -> bytes:
    """Plain SHA-256 is enough: the token carries 256 random bits, there is nothing to guess."""
    return hashlib.sha256(token.encode(errors="replace")).digest()
