"""What a platform does to accounts: look at, lock, unlock and erase them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine

from safety.accounts.held import settle
from safety.accounts.marks import Marks
from safety.domain.accounts import Account, AccountStatus
from safety.domain.errors import NotFound
from safety.store import accounts, audit, erasure, one_time, sessions
from safety.store.audit import AuditEvent
from safety.store.engine import read, write

_LOCKABLE = (AccountStatus.ACTIVE, AccountStatus.HELD)
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Each act is audited in its own transaction; `author` is the key or the person behind it."""

    engine: Engine
    clock: Callable[[], float]
    marks: Marks
    audit_key: bytes = field(repr=False)

    def get(self, tenant: str, account_id: str) -> Account:
        """An account as it is now. Raises `NotFound`."""
        with read(self.engine) as connection:
            account = accounts.get_account(connection, tenant, account_id)
        if account is None:
            raise NotFound
        return settle(self.engine, account)

    def lock(self, tenant: str, account_id: str, *, reason: str, author: str) -> Account:
        """Keep the owner out and end every session at once. Locking twice changes nothing."""
        with write(self.engine) as connection:
            _held_for_writing(connection, tenant, account_id)
            if accounts.set_status(
                connection,
                tenant,
                account_id,
                AccountStatus.LOCKED,
                reason[:_LONGEST_REASON],
                expected=_LOCKABLE,
            ):
                sessions.end_sessions(connection, tenant, account_id)
                one_time.drop_tokens(connection, tenant, account_id)
                self._note(connection, tenant, account_id, "account.locked", author)
            return _held_for_writing(connection, tenant, account_id)

    def unlock(self, tenant: str, account_id: str, *, author: str) -> Account:
        """Let the owner of a locked account in again; wrong passwords of before are forgotten.

        A signup that was held waits for a person again, unless somebody has looked meanwhile.
        """
        with write(self.engine) as connection:
            account = _held_for_writing(connection, tenant, account_id)
            status = AccountStatus.ACTIVE if account.held_by is None else AccountStatus.HELD
            if accounts.set_status(
                connection, tenant, account_id, status, "", expected=(AccountStatus.LOCKED,)
            ):
                accounts.clear_failures(connection, tenant, account_id)
                self._note(connection, tenant, account_id, "account.unlocked", author)
            account = _held_for_writing(connection, tenant, account_id)
        return settle(self.engine, account)

    def erase(self, tenant: str, account_id: str, *, author: str) -> Mapping[str, int]:
        """Delete everything that is kept about an actor, account or not; how many rows of what.

        Raises `NotFound` when nothing was kept. Only the audit log remembers that somebody was
        erased, under a name that leads nowhere without our key.
        """
        with write(self.engine) as connection:
            # Held first, as whoever signs in does: two who wait for each other never get anywhere.
            accounts.hold_account(connection, tenant, account_id)
            counts = erasure.erase_actor(
                connection,
                tenant,
                account_id,
                self.clock(),
                author=author,
                audit_key=self.audit_key,
                pseudonym=self.marks.erased(tenant, account_id),
            )
            if not any(counts.values()):
                raise NotFound
        erasure.scrub(self.engine)  # if somebody is in the way, the next purge does it
        return counts

    def end_sessions(self, tenant: str, account_id: str, *, author: str) -> int:
        """Sign an account out everywhere; how many sessions that ended. Raises `NotFound`."""
        with write(self.engine) as connection:
            _held_for_writing(connection, tenant, account_id)
            ended = sessions.end_sessions(connection, tenant, account_id)
            self._note(connection, tenant, account_id, "account.sessions_ended", author)
        return ended

    def _note(
        self, connection: Connection, tenant: str, account_id: str, action: str, author: str
    ) -> None:
        details = json.dumps({"tenant": tenant}).encode()
        event = AuditEvent(self.clock(), author, action, account_id, details)
        audit.append(connection, event, key=self.audit_key)


def _held_for_writing(connection: Connection, tenant: str, account_id: str) -> Account:
    account = accounts.hold_account(connection, tenant, account_id)
    if account is None:
        raise NotFound
    return account
