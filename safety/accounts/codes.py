"""Codes of a second factor: checked against the app or the paper, each accepted once."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, Engine

from safety.domain.accounts import Factor
from safety.domain.errors import CodeRejected, TooManyRequests, Unavailable
from safety.gates import recovery as paper
from safety.gates import totp as app
from safety.gates.hashing_pool import HashingPool
from safety.gates.passwords import Passwords
from safety.gates.totp import Matched
from safety.gates.vault import Vault, VaultError
from safety.store import recovery, throttle, totp
from safety.store.engine import read, write
from safety.store.totp import Enrolment

log = structlog.get_logger(__name__)

NEVER = -1  # the last step of an app of which no code was accepted yet

_THROTTLE = "second_factor"
_PEPPER_END = ":"


@dataclass(frozen=True, slots=True)
class CodeLimits:
    """How many wrong codes one person may send within how many seconds, from wherever they come.

    Five in fifteen minutes, as SuperTokens has it: guessing six digits at that rate takes years.
    """

    most: int = 5
    within: float = 15 * 60


def place(tenant: str, subject: str) -> tuple[str, str, str]:
    """Where an app's secret lies, as the vault binds it: table, row, column."""
    return "totp", f"{len(tenant)}:{tenant}:{subject}", "sealed"


class CodeCheck:
    """Says which factor a code proves.

    Every code counts as wrong before it is looked at, and is taken back when it was right. Somebody
    without a second factor is answered like somebody with a wrong code, at the same cost.
    """

    def __init__(  # noqa: PLR0917  every part is handed in by the flow
        self,
        engine: Engine,
        vault: Vault,
        passwords: Passwords,
        pool: HashingPool,
        clock: Callable[[], float],
        limits: CodeLimits,
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._passwords = passwords
        self._pool = pool
        self._clock = clock
        self._limits = limits
        self._nobodys = app.new_secret(bytes(app.SECRET_BYTES)).encode()

    def check(self, tenant: str, subject: str, code: str) -> Factor:
        """Which factor this code proves. Raises `CodeRejected` or `TooManyRequests`."""
        at = self.count(tenant, subject)
        typed = "".join(code.split(" "))
        factor = Factor.TOTP if app.is_code(typed) else Factor.RECOVERY_CODE
        prove = self._prove_app if factor is Factor.TOTP else self._prove_paper
        try:
            is_right = prove(tenant, subject, typed, at)
        except Unavailable:
            self._take_back(tenant, subject, at)  # nobody said that it was wrong
            raise
        log.info("second_factor_checked", tenant=tenant, factor=factor, is_right=is_right)
        if not is_right:
            raise CodeRejected
        return factor

    def count(self, tenant: str, subject: str) -> float:
        """Count a code as wrong; the moment to take it back by. Raises `TooManyRequests`."""
        at = self._clock()
        with write(self._engine) as connection:
            taken = throttle.take(
                connection,
                tenant,
                _THROTTLE,
                subject,
                most=self._limits.most,
                within=self._limits.within,
                at=at,
            )
        if taken.retry_after is not None:
            raise TooManyRequests(
                "Too many wrong codes. Wait a while.", retry_after=math.ceil(taken.retry_after)
            )
        return at

    @staticmethod
    def give_back(connection: Connection, tenant: str, subject: str, at: float) -> None:
        """The code counted at this moment was right."""
        throttle.give_back(connection, tenant, _THROTTLE, subject, at)

    def _take_back(self, tenant: str, subject: str, at: float) -> None:
        with write(self._engine) as connection:
            self.give_back(connection, tenant, subject, at)

    def match(self, enrolment: Enrolment | None, code: str, at: float) -> Matched | None:
        """The step of an app's code. Without an enrolment nothing matches, at the same cost."""
        bound = place(enrolment.tenant, enrolment.subject) if enrolment else place("", "")
        # Nobody's is sealed anew each time: the key of before may have been taken out of the ring.
        sealed = enrolment.sealed if enrolment else self._vault.seal(*bound, self._nobodys)
        try:
            secret = self._vault.open(*bound, sealed)
        except VaultError as error:  # moved from another row, damaged, or the key is gone
            log.error("second_factor_unreadable", why=str(error))  # noqa: TRY400  no stack wanted
            return None
        last_step = enrolment.last_step if enrolment else NEVER
        matched = app.match(secret.decode("ascii"), code, at, last_step=last_step)
        return matched if enrolment else None

    def new_codes(self, random_bytes: bytes) -> tuple[list[str], list[tuple[str, str]]]:
        """Ten codes for paper, and what to keep of them: selectors and hashes.

        Each is hashed in a turn of its own, so that logins get theirs in between.
        """
        codes = paper.mint(random_bytes)
        kept = [(code.selector, self._hashed(code.secret)) for code in codes]
        return [code.text for code in codes], kept

    def _hashed(self, secret: str) -> str:
        hashed = self._pool.run(lambda: self._passwords.hash(secret))
        return f"{hashed.pepper or ''}{_PEPPER_END}{hashed.hash}"

    def _prove_app(self, tenant: str, subject: str, code: str, at: float) -> bool:
        with read(self._engine) as connection:
            enrolment = totp.get_enrolment(connection, tenant, subject)
        is_asked = enrolment is not None and enrolment.confirmed_at is not None
        matched = self.match(enrolment if is_asked else None, code, at)
        if matched is None:
            return False
        with write(self._engine) as connection:
            is_first = totp.accept_step(
                connection, tenant, subject, step=matched.step, drift=matched.drift
            )
            if is_first:
                self.give_back(connection, tenant, subject, at)
        if is_first and matched.drift:
            log.info("second_factor_drifted", tenant=tenant, steps=matched.drift)
        return is_first

    def _prove_paper(self, tenant: str, subject: str, code: str, at: float) -> bool:
        selector, secret = paper.parse(code) or ("", "")
        with read(self._engine) as connection:
            kept = recovery.find_code(connection, tenant, subject, selector)
        pepper, _, stored = (kept or "").partition(_PEPPER_END)
        checked = self._pool.run(
            lambda: self._passwords.verify(stored or None, pepper or None, secret)
        )
        if not checked.is_right:
            return False
        with write(self._engine) as connection:
            is_first = recovery.spend_code(connection, tenant, subject, selector, at)
            if is_first:
                self.give_back(connection, tenant, subject, at)
        return is_first
