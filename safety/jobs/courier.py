"""The courier: one attempt to deliver one message, from sealed row to the receiver's answer."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

import structlog

from safety.domain.messages import BODY_PLACE, SECRET_PLACE, Endpoint, Message, Parcel
from safety.jobs.destinations import DestinationRefused
from safety.jobs.outbound import Answered, Outbound, Undelivered
from safety.jobs.schedule import seconds_asked
from safety.jobs.signature import signed_headers

log = structlog.get_logger()

# Opens what was sealed for a table, row and column.
Unseal = Callable[[str, str, str, bytes], bytes]


class Outcome(StrEnum):
    """How an attempt ended."""

    DELIVERED = "delivered"
    FAILED = "failed"
    GONE = "gone"  # the receiver answered 410: it wants no more


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was made, why it ended so, and how long the receiver wants to be left."""

    outcome: Outcome
    reason: str
    retry_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Courier:
    """Opens, signs and posts messages. Whatever goes wrong is an outcome, not an exception."""

    outbound: Outbound
    unseal: Unseal
    clock: Callable[[], float]

    def deliver(self, parcel: Parcel) -> Attempt:
        """Try once. Only a status of 2xx counts as delivered."""
        try:
            body, headers = self._signed(parcel)
        except Exception as error:  # noqa: BLE001  a damaged row must not stop the ones behind it
            log.warning(
                "message_unreadable", message_id=parcel.message.id, error=type(error).__name__
            )
            return Attempt(Outcome.FAILED, "the message or its secret cannot be opened")
        try:
            answered = self.outbound.post(parcel.endpoint.url, body.encode(), headers)
        except (DestinationRefused, Undelivered) as error:
            return Attempt(Outcome.FAILED, str(error))
        return self._judged(answered)

    def _signed(self, parcel: Parcel) -> tuple[str, dict[str, str]]:
        body, at = self._body_of(parcel.message), self.clock()
        signed = signed_headers(parcel.message.id, body, self._secrets_of(parcel.endpoint, at), at)
        return body, signed | {"Content-Type": "application/json", "User-Agent": "safety-gate"}

    def _judged(self, answered: Answered) -> Attempt:
        status = answered.status
        reason = f"the receiver answered {status}"
        if 200 <= status < 300:  # noqa: PLR2004  the class of success
            return Attempt(Outcome.DELIVERED, reason)
        if status == HTTPStatus.GONE:
            return Attempt(Outcome.GONE, reason)
        asked = seconds_asked(answered.retry_after, self.clock())
        return Attempt(Outcome.FAILED, reason, asked)

    def _body_of(self, message: Message) -> str:
        if message.sealed:
            return self.unseal(BODY_PLACE[0], message.id, BODY_PLACE[1], message.body).decode()
        return message.body.decode()

    def _secrets_of(self, endpoint: Endpoint, at: float) -> list[str]:
        table, column = SECRET_PLACE
        sealed = endpoint.sealed_secrets(at)
        return [self.unseal(table, endpoint.tenant, column, each).decode() for each in sealed]
