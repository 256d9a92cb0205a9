"""Accounts that a platform brings along, with the password hashes that it has."""

import binascii
import json
from base64 import b32decode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine

from safety.accounts.codes import NEVER, place
from safety.domain.accounts import Account, AccountStatus
from safety.domain.errors import FieldError, InvalidInput
from safety.gates.names import read_email, read_username
from safety.gates.passwords import is_known_format
from safety.gates.vault import Vault
from safety.store import accounts, audit, totp
from safety.store.audit import AuditEvent
from safety.store.engine import write
from safety.store.totp import Enrolment

MOST_AT_ONCE = 1000
# Accounts per transaction: others who write wait for a few milliseconds in between.
_CHUNK = 100
# RFC 4226, section 4, R6, asks for 128 bits, but apps were given 80 for years; more than any
# authenticator uses is a mistake.
_SECRET_BYTES = range(10, 65)


@dataclass(frozen=True, slots=True)
class Brought:
    """One account as the platform has it. Times are Unix seconds, `totp_secret` is base32."""

    username: str
    email: str | None = None
    password_hash: str | None = field(default=None, repr=False)
    created_at: float | None = None
    is_email_verified: bool = False
    totp_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of one of them: the id it has now, or what is wrong with it."""

    account_id: str | None
    error: FieldError | None = None


@dataclass(frozen=True, slots=True)
class _Readable:
    account: Account
    secret: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Importer:
    """Takes accounts over. Each stands for itself: what is wrong with one costs no other."""

    engine: Engine
    clock: Callable[[], float]
    new_id: Callable[[str], str]
    vault: Vault
    audit_key: bytes = field(repr=False)

    def import_accounts(
        self, tenant: str, brought: Sequence[Brought], *, author: str
    ) -> list[ImportResult]:
        """One result for each, in their order. Raises `InvalidInput` for more than a thousand."""
        if len(brought) > MOST_AT_ONCE:
            raise InvalidInput(f"at most {MOST_AT_ONCE} accounts at once")
        results: list[ImportResult] = []
        for start in range(0, len(brought), _CHUNK):
            read = [self._read(tenant, each) for each in brought[start : start + _CHUNK]]
            with write(self.engine) as connection:
                kept = [self._keep(connection, each) for each in read]
                self._note(connection, tenant, kept, author)
            results += kept
        return results

    def _read(self, tenant: str, brought: Brought) -> _Readable | FieldError:
        try:
            return self._readable(tenant, brought)
        except InvalidInput as wrong:
            return wrong.errors[0]

    def _readable(self, tenant: str, brought: Brought) -> _Readable:
        # A platform's own people may have names that nobody new may choose.
        username = read_username(brought.username, reserved=frozenset())
        email = None if brought.email is None else read_email(brought.email)
        at = self.clock()
        created_at = at if brought.created_at is None else brought.created_at
        if not 0 <= created_at <= at:
            raise _wrong("created_at", "must lie between 1970 and now")
        if brought.password_hash is not None and not is_known_format(brought.password_hash):
            raise _wrong("password_hash", "is of no format that is known here, or too dear")
        is_verified = email is not None and brought.is_email_verified
        account = Account(
            id=self.new_id("acc"),
            tenant=tenant,
            username=username.shown,
            username_key=username.key,
            email=None if email is None else email.shown,
            email_key=email.key if email is not None and is_verified else None,
            email_verified_at=created_at if is_verified else None,
            password_hash=brought.password_hash,
            password_pepper=None,
            password_changed_at=None,
            status=AccountStatus.ACTIVE,
            status_reason="",
            held_by=None,
            failures=0,
            must_reset=False,
            created_at=created_at,
        )
        return _Readable(account, _secret(brought.totp_secret))

    def _keep(self, connection: Connection, read: _Readable | FieldError) -> ImportResult:
        if isinstance(read, FieldError):
            return ImportResult(None, read)
        account = read.account
        if not accounts.add_account(connection, account):
            taken = accounts.taken(
                connection, account.tenant, account.username_key, account.email_key
            )
            return ImportResult(None, FieldError(min(taken, default="username"), "is taken"))
        if read.secret is not None:
            self._enrol(connection, account, read.secret)
        return ImportResult(account.id)

    def _enrol(self, connection: Connection, account: Account, secret: bytes) -> None:
        sealed = self.vault.seal(*place(account.tenant, account.id), secret)
        at = self.clock()
        totp.put_enrolment(
            connection, Enrolment(account.tenant, account.id, sealed, at, at, NEVER, 0)
        )

    def _note(
        self, connection: Connection, tenant: str, kept: Sequence[ImportResult], author: str
    ) -> None:
        made = sum(result.account_id is not None for result in kept)
        details = json.dumps({"made": made, "refused": len(kept) - made}).encode()
        event = AuditEvent(self.clock(), author, "accounts.imported", tenant, details)
        audit.append(connection, event, key=self.audit_key)


def _secret(given: str | None) -> bytes | None:
    """A TOTP secret as it is sealed: base32 in capitals, without spaces or padding."""
    if given is None:
        return None
    text = given.replace(" ", "").rstrip("=").upper()
    try:
        length = len(b32decode(text + "=" * (-len(text) % 8)))
    except (binascii.Error, ValueError):
        raise _wrong("totp_secret", "must be base32") from None
    if length not in _SECRET_BYTES:
        shortest, longest = _SECRET_BYTES[0], _SECRET_BYTES[-1]
        raise _wrong("totp_secret", f"must have {shortest} to {longest} bytes")
    return text.encode("ascii")


def _wrong(name: str, message: str) -> InvalidInput:
    return InvalidInput(message, errors=[FieldError(name, message)])
