"""The sender: threads that bring what waits in the outbox to its receivers, again and again."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

import structlog

from safety.domain.messages import Parcel
from safety.jobs.courier import Attempt, Courier, Outcome
from safety.jobs.schedule import next_attempt

log = structlog.get_logger()

# After the first failure, and at most: a receiver in trouble is asked seldom, whatever waits.
_SHORTEST_PAUSE: Final = 5.0
_LONGEST_PAUSE: Final = 5 * 60.0


class Deliveries(Protocol):
    """What waits for delivery. Each method is a transaction of its own.

    Down: it raises, and the lane that asked tries again after a pause; nothing is lost.
    """

    def tenants_due(self, at: float) -> list[str]:
        """Tenants that have a message to send and an endpoint that takes it."""
        ...

    def claim(self, tenant: str, *, at: float, until: float) -> Parcel | None:
        """Take a tenant's next message; it is due again at `until` unless its end is noted."""
        ...

    def arrived(self, parcel: Parcel, at: float) -> None:
        """Note that the receiver has it."""
        ...

    def failed(self, parcel: Parcel, error: str, *, due_at: float) -> None:
        """Note a failed attempt and when the next may start."""
        ...

    def died(self, parcel: Parcel, error: str, at: float) -> None:
        """Note that the last attempt failed."""
        ...

    def refused(self, parcel: Parcel, reason: str, at: float) -> None:
        """Disable the endpoint, because it wants no more; the message waits for another one."""
        ...

    def tidy(self, at: float) -> int:
        """Delete what has ended long ago."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is sent at once and how often is looked; seconds unless said otherwise."""

    lanes: int = 4  # tenants that are served at the same moment
    poll: float = 1.0
    # An attempt takes 15 s, and asking for addresses may take a resolver twice that.
    lease: float = 90.0
    tidy: float = 60 * 60.0


@dataclass(slots=True)
class _Pause:
    """How long a receiver is left alone after it failed; doubled by each failure in a row."""

    seconds: float = 0.0
    until: float = 0.0

    def begin(self, at: float) -> None:
        self.seconds = min(max(_SHORTEST_PAUSE, 2 * self.seconds), _LONGEST_PAUSE)
        self.until = at + self.seconds

    def covers(self, at: float) -> bool:
        """Whether it lasts still; not if the clock was set back since it began."""
        return self.until - self.seconds <= at < self.until


@dataclass(slots=True)
class Sender:
    """Delivers at least once. Of each tenant one message at a time is on its way.

    Several processes may run one each on the same database. Whoever is killed during an attempt
    loses nothing: the claim runs out, and the message goes again with the same id.
    """

    deliveries: Deliveries
    courier: Courier
    clock: Callable[[], float]
    chance: Callable[[], float]  # from 0 to 1
    noticed: Callable[[str], None] = lambda _outcome: None
    pace: Pace = field(default_factory=Pace)
    _picking: threading.Lock = field(default_factory=threading.Lock)
    _busy: set[str] = field(default_factory=set)
    _pauses: dict[str, _Pause] = field(default_factory=dict)
    _last_tenant: str = ""
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Begin to send."""
        for number in range(self.pace.lanes):
            lane = threading.Thread(target=self._lane, name=f"webhooks-{number}", daemon=True)
            self._threads.append(lane)
            lane.start()
        keeper = threading.Thread(target=self._keep_tidy, name="webhooks-tidy", daemon=True)
        self._threads.append(keeper)
        keeper.start()

    def stop(self, seconds: float = 5.0) -> None:
        """Begin nothing new and wait a while, all in all, for what is on its way."""
        self._stop.set()
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def deliver_next(self) -> bool:
        """Make one attempt with the next message that is ready. False when there is none."""
        parcel = self._pick()
        if parcel is None:
            return False
        tenant = parcel.message.tenant
        try:
            attempt = self.courier.deliver(parcel)
            self._pace_tenant(tenant, attempt)
            self._settle(parcel, attempt)
        finally:
            with self._picking:
                self._busy.discard(tenant)
        return True

    def _lane(self) -> None:
        while not self._stop.is_set():
            try:
                if self.deliver_next():
                    continue
            except Exception as error:  # noqa: BLE001  the database may be back in a moment
                log.warning("webhooks_interrupted", error=type(error).__name__)
            self._stop.wait(self.pace.poll)

    def _keep_tidy(self) -> None:
        while not self._stop.wait(self.pace.tidy):
            try:
                self.deliveries.tidy(self.clock())
            except Exception as error:  # noqa: BLE001  the next round does it
                log.warning("outbox_untidy", error=type(error).__name__)

    def _pick(self) -> Parcel | None:
        """Claim a message of a tenant that no lane serves, each tenant in its turn."""
        with self._picking:
            at = self.clock()
            due = self.deliveries.tenants_due(at)
            for tenant in sorted(due, key=lambda name: (name <= self._last_tenant, name)):
                if tenant in self._busy or self._pauses.get(tenant, _Pause()).covers(at):
                    continue
                parcel = self.deliveries.claim(tenant, at=at, until=at + self.pace.lease)
                if parcel is not None:
                    self._busy.add(tenant)
                    self._last_tenant = tenant
                    return parcel
        return None

    def _pace_tenant(self, tenant: str, attempt: Attempt) -> None:
        if attempt.outcome is Outcome.DELIVERED:
            self._pauses.pop(tenant, None)
        else:
            self._pauses.setdefault(tenant, _Pause()).begin(self.clock())

    def _settle(self, parcel: Parcel, attempt: Attempt) -> None:
        at, outcome = self.clock(), attempt.outcome.value
        if attempt.outcome is Outcome.DELIVERED:
            self.deliveries.arrived(parcel, at)
        elif attempt.outcome is Outcome.GONE:
            self.deliveries.refused(parcel, attempt.reason, at)
        else:
            outcome = self._retry(parcel, attempt, at)
        self.noticed(outcome)
        log.info("webhook_tried", message_id=parcel.message.id, outcome=outcome, why=attempt.reason)

    def _retry(self, parcel: Parcel, attempt: Attempt, at: float) -> str:
        made = parcel.message.attempts + 1
        due_at = next_attempt(made, at, chance=self.chance(), asked=attempt.retry_after)
        if due_at is None:
            self.deliveries.died(parcel, attempt.reason, at)
            return "dead"
        self.deliveries.failed(parcel, attempt.reason, due_at=due_at)
        return attempt.outcome.value
