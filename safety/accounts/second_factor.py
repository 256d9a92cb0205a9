"""The second factor: an authenticator app enrolled, confirmed and asked, and codes on paper."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine

from safety.accounts.codes import NEVER, CodeCheck, CodeLimits, place
from safety.accounts.marks import Marks
from safety.domain.accounts import Factor
from safety.domain.errors import AlreadyEnrolled, CodeRejected, NotFound
from safety.gates import recovery as paper
from safety.gates import totp as app
from safety.gates.hashing_pool import HashingPool
from safety.gates.passwords import Passwords
from safety.gates.vault import Vault
from safety.store import accounts, audit, recovery, totp
from safety.store.engine import read, write
from safety.store.totp import Enrolment

_NAME_SHOWN = 64  # of an account's name in the app; more makes a QR code that no phone reads


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a person needs for their authenticator app. It is shown once, and never again."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)
    qr_svg: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Status:
    """What somebody has as a second factor.

    `is_pending` means that an app was enrolled and has not shown a code yet. `drift` is by how many
    steps of thirty seconds the phone's clock was ahead of ours when it was last asked.
    """

    is_enrolled: bool
    is_pending: bool
    confirmed_at: float | None
    codes_left: int
    drift: int


class SecondFactor:
    """TOTP and recovery codes of a tenant's subjects: accounts here, or people of a platform.

    Where a method takes an `author`, that is who did it, if it was not the subject.
    """

    def __init__(  # noqa: PLR0917  every part is handed in by the root
        self,
        engine: Engine,
        vault: Vault,
        passwords: Passwords,
        pool: HashingPool,
        clock: Callable[[], float],
        audit_key: bytes,
        issuer: str,
        limits: CodeLimits | None = None,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._clock = clock
        self._audit_key = audit_key
        self._marks = Marks(audit_key)
        self._issuer = issuer
        self._random = random
        self._codes = CodeCheck(engine, vault, passwords, pool, clock, limits or CodeLimits())

    def status(self, tenant: str, subject: str) -> Status:
        """What this subject has. The secret and the codes are in no answer."""
        with read(self._engine) as connection:
            enrolment = totp.get_enrolment(connection, tenant, subject)
            left = recovery.codes_left(connection, tenant, subject)
        if enrolment is None:
            return Status(False, False, None, left, 0)
        is_enrolled = enrolment.confirmed_at is not None
        return Status(is_enrolled, not is_enrolled, enrolment.confirmed_at, left, enrolment.drift)

    def is_enrolled(self, tenant: str, subject: str) -> bool:
        """Whether this subject must be asked for a code."""
        with read(self._engine) as connection:
            return totp.is_confirmed(connection, tenant, subject)

    def enrol(self, tenant: str, subject: str, account_name: str) -> Enrolled:
        """Make a secret. It counts once `confirm` has seen a code of it, and not before.

        Enrolling again before that replaces it; after that it raises `AlreadyEnrolled`.
        """
        secret = app.new_secret(self._random(app.SECRET_BYTES))
        sealed = self._vault.seal(*place(tenant, subject), secret.encode("ascii"))
        made = Enrolment(tenant, subject, sealed, self._clock(), None, NEVER, 0)
        with write(self._engine) as connection:
            if not totp.put_enrolment(connection, made):
                raise AlreadyEnrolled
        uri = app.uri(secret, account_name[:_NAME_SHOWN], self._issuer)
        return Enrolled(secret, uri, app.qr_svg(uri))

    def confirm(
        self, tenant: str, subject: str, code: str, *, author: str | None = None
    ) -> list[str]:
        """Put the enrolment into force and return the recovery codes, which are shown once.

        Raises `CodeRejected`, also when nothing waits to be confirmed, or `TooManyRequests`.
        """
        at = self._codes.count(tenant, subject)
        with read(self._engine) as connection:
            enrolment = totp.get_enrolment(connection, tenant, subject)
        pending = enrolment if enrolment and enrolment.confirmed_at is None else None
        matched = self._codes.match(pending, code.replace(" ", ""), at)
        if pending is None or matched is None:
            raise CodeRejected
        codes, kept = self._new_codes()
        with write(self._engine) as connection:
            is_confirmed = totp.confirm_enrolment(
                connection,
                tenant,
                subject,
                step=matched.step,
                drift=matched.drift,
                at=at,
                sealed=pending.sealed,
            )
            if not is_confirmed:  # another secret was made while the codes were hashed
                raise CodeRejected
            self._codes.give_back(connection, tenant, subject, at)
            recovery.replace_codes(connection, tenant, subject, kept, at)
            self._note(connection, tenant, subject, "second_factor.enrolled", author)
        return codes

    def check_code(self, tenant: str, subject: str, code: str) -> Factor:
        """Which factor a code proves: one of the app or one from paper, and each works once.

        Raises `CodeRejected` for any other, at the same cost for a subject without a second factor,
        and `TooManyRequests` after too many of those.
        """
        return self._codes.check(tenant, subject, code)

    def regenerate(self, tenant: str, subject: str, *, author: str | None = None) -> list[str]:
        """Ten new recovery codes; the old ones are void. Demand a fresh factor before.

        Raises `NotFound` when this subject has no second factor.
        """
        if not self.is_enrolled(tenant, subject):
            raise NotFound
        codes, kept = self._new_codes()
        with write(self._engine) as connection:
            if not totp.is_confirmed(connection, tenant, subject):
                raise NotFound
            recovery.replace_codes(connection, tenant, subject, kept, self._clock())
            self._note(connection, tenant, subject, "second_factor.codes_replaced", author)
        return codes

    def remove(self, tenant: str, subject: str, *, author: str | None = None) -> bool:
        """Forget the second factor and its recovery codes; whether there was one.

        Demand a fresh factor before. What was counted as wrong stays counted.
        """
        with write(self._engine) as connection:
            was_there = totp.remove_enrolment(connection, tenant, subject)
            recovery.remove_codes(connection, tenant, subject)
            if was_there:
                self._note(connection, tenant, subject, "second_factor.removed", author)
        return was_there

    def _new_codes(self) -> tuple[list[str], list[tuple[str, str]]]:
        return self._codes.new_codes(self._random(paper.RANDOM_BYTES))

    def _note(
        self, connection: Connection, tenant: str, subject: str, action: str, author: str | None
    ) -> None:
        # The id of an account says nothing of anybody. A platform's own id may, and would outlive
        # an erasure here.
        is_account = accounts.get_account(connection, tenant, subject) is not None
        noted = subject if is_account else self._marks.erased(tenant, subject)
        details = json.dumps({"tenant": tenant}).encode("ascii")
        event = audit.AuditEvent(self._clock(), author or noted, action, noted, details)
        audit.append(connection, event, key=self._audit_key)
