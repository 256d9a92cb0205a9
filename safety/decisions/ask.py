"""Asking for a decision from a worker thread: the gate's own flows are callers like any other."""

import asyncio
from collections.abc import Callable
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Engine

from safety.decisions.decide import Caller, Decider
from safety.domain.decisions import AmendmentKind
from safety.domain.errors import NotFound, Unavailable
from safety.domain.verdicts import Verdict
from safety.store import ledger
from safety.store.engine import read
from safety.store.ledger import StoredDecision

Json = dict[str, Any]

# The decider answers within its own deadline; this ends the wait when the event loop is stuck.
_PATIENCE_SECONDS = 15.0
_RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision as the platform sees it. `document` is the body of `POST /v1/decisions`."""

    id: str
    verdict: Verdict
    document: Json


@dataclass(frozen=True, slots=True)
class Standing:
    """A decision and what it says by now: an accepted proof turned a challenge into `allow`."""

    decision: StoredDecision
    verdict: Verdict
    document: Json
    proved_at: float | None


class Asking:
    """Asks the decider on behalf of a flow that runs in a worker thread."""

    def __init__(
        self,
        decider: Decider,
        engine: Engine,
        new_id: Callable[[str], str],
        timer: Callable[[], float],
    ) -> None:
        self._decider = decider
        self._engine = engine
        self._new_id = new_id
        self._timer = timer
        self._loop: asyncio.AbstractEventLoop | None = None

    def bind(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Say which event loop decides; None while none does."""
        self._loop = loop

    def decide(self, tenant: str, document: Json) -> Answer:
        """The answer to an event. Blocks, so never call it on the event loop.

        Raises `InvalidInput` for an event that is none, and `Unavailable` when there is no answer
        or it could not be kept: whoever gets in does not get in unrecorded.
        """
        arrived = self._timer()
        event = self._decider.read_object(document, lambda: self._new_id("evt"))
        loop = self._loop
        if loop is None or loop.is_closed():
            raise Unavailable("decisions are not being made yet", retry_after=_RETRY_SECONDS)
        deciding = self._decider.decide(Caller(tenant), event, arrived)
        waiting = asyncio.run_coroutine_threadsafe(deciding, loop)
        try:
            body = waiting.result(_PATIENCE_SECONDS)
        except TooLate:
            waiting.cancel()
            raise Unavailable("no decision was made in time", retry_after=_RETRY_SECONDS) from None
        return _answer(body)

    def recall(self, tenant: str, decision_id: str) -> Standing:
        """An earlier decision of this tenant with its verdict by now. Raises `NotFound`."""
        with read(self._engine) as connection:
            stored = ledger.get(connection, tenant, decision_id)
            if stored is None:
                raise NotFound
            later = ledger.amendments(connection, decision_id)
        proof = next((each for each in later if each.kind is AmendmentKind.PROOF), None)
        if proof is None:
            return Standing(stored, stored.verdict, msgspec.json.decode(stored.answer), None)
        verdict = stored.verdict if proof.verdict is None else proof.verdict
        return Standing(stored, verdict, msgspec.json.decode(proof.body), proof.at)


def _answer(body: bytes) -> Answer:
    document: Json = msgspec.json.decode(body)
    if not document["stored"]:
        raise Unavailable("the decision could not be kept", retry_after=_RETRY_SECONDS)
    return Answer(document["id"], Verdict.parse(document["verdict"]), document)
