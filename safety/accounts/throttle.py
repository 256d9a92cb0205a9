"""Who may try how often: by address, by account and in all, before any password is hashed."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from safety.accounts.budget import Budget
from safety.accounts.gate_limits import GateLimits, Rate
from safety.accounts.visitor import Visitor
from safety.domain.errors import TooManyRequests
from safety.gates.addresses import wider_subject_of
from safety.store import throttle


@dataclass(frozen=True, slots=True)
class Knock:
    """One try of an address, to be given back when it was no failure."""

    subject: str
    wider: str


class Doorbell:
    """Counts tries by address and in all. What is asked for again and again is refused here."""

    def __init__(
        self, address: Rate, wider: Rate, everybody: Rate, timer: Callable[[], float]
    ) -> None:
        self._address = Budget(address, timer)
        self._wider = Budget(wider, timer)
        self._everybody = Budget(everybody, timer)

    def knock(self, tenant: str, visitor: Visitor) -> Knock:
        """Count one try. Raises `TooManyRequests`, which does not say on which axis."""
        knock = Knock(
            _framed(tenant, visitor.subject),
            _framed(tenant, "" if visitor.ip is None else wider_subject_of(visitor.ip)),
        )
        if visitor.ip is not None:
            self._address.take(knock.subject)
            try:
                self._wider.take(knock.wider)
            except TooManyRequests:
                self._address.give_back(knock.subject)
                raise
        self._everybody.take(tenant)
        return knock

    def forgive(self, knock: Knock) -> None:
        """It was no failure, so it does not count against the address."""
        self._address.give_back(knock.subject)
        self._wider.give_back(knock.wider)


def _framed(tenant: str, subject: str) -> str:
    return f"{len(tenant)}:{tenant}:{subject}"


@dataclass(frozen=True, slots=True)
class Try:
    """One password that is about to be checked, counted as wrong until it turns out to be right."""

    tenant: str
    kind: str
    subject: str
    at: float


@dataclass(frozen=True, slots=True)
class AccountThrottle:
    """Counts wrong passwords of one account, whoever sends them and from wherever.

    Tries that follow wrong ones wait longer and longer. A place that signed in before has a budget
    and a pace of its own, and so has whoever proved a challenge, who has paid and never waits: a
    stranger makes the owner wait for `failures_account.within` at most, and not even that at home.
    """

    clock: Callable[[], float]
    limits: GateLimits

    def count(
        self, connection: Connection, tenant: str, subject: str, *, known: str = "", proved: bool
    ) -> Try:
        """Count a password as wrong before it is checked. Raises `TooManyRequests`.

        `known` names the place if the account was signed in to from there.
        """
        kind, rate = self._bucket(known, proved)
        at = self.clock()
        taken = throttle.take(
            connection,
            tenant,
            kind,
            subject,
            most=rate.most,
            within=rate.within,
            at=at,
            pause=_none if proved and not known else self.limits.delay_after,
        )
        if taken.retry_after is not None:
            raise TooManyRequests(retry_after=max(1, math.ceil(taken.retry_after)))
        return Try(tenant, kind, subject, at)

    @staticmethod
    def forgive(connection: Connection, tried: Try) -> None:
        """The password was right, or never looked at."""
        throttle.give_back(connection, tried.tenant, tried.kind, tried.subject, tried.at)

    @staticmethod
    def forget(connection: Connection, tenant: str, subject: str) -> None:
        """Whoever has set a new password by mail starts anew, also where strangers guessed."""
        for kind in ("sign_in", "sign_in_proved"):
            throttle.clear(connection, tenant, kind, subject)

    def may_mail(self, connection: Connection, tenant: str, subject: str) -> bool:
        """Whether one more mail may go to this account or address; if so, it is counted."""
        rate = self.limits.mails
        taken = throttle.take(
            connection,
            tenant,
            "mail",
            subject,
            most=rate.most,
            within=rate.within,
            at=self.clock(),
        )
        return taken.retry_after is None

    def _bucket(self, known: str, proved: bool) -> tuple[str, Rate]:
        if known:
            return f"sign_in_known:{known}", self.limits.failures_known
        if proved:
            return "sign_in_proved", self.limits.failures_proved
        return "sign_in", self.limits.failures_account


def _none(_failures: int) -> float:
    return 0.0
