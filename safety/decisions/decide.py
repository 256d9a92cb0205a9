"""The decision path: one event in, one answer out, durable before it is given."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import structlog
from sqlalchemy import Engine

from safety.decisions.challenge import Challenges
from safety.decisions.crossing import Crossing
from safety.decisions.judge import Judge, Judgement, Prepared, Undecided
from safety.decisions.record import Unwritten, answer, answered_verdict, entry
from safety.decisions.second_looks import SecondLooks
from safety.domain.decisions import LedgerEntry
from safety.domain.errors import EventIdReused, InvalidInput, StillDeciding, Unavailable
from safety.domain.events import Event
from safety.domain.ports import Counters
from safety.domain.verdicts import Verdict
from safety.store import ledger
from safety.store.engine import read
from safety.store.ledger import AppendResult, Existing, Failed, Ledger, StoredDecision
from safety.store.trouble import Trouble

log = structlog.get_logger()

# Left for the commit when deciding whether a model still fits into the deadline.
COMMIT_RESERVE = 0.005
# Event ids remembered to answer retries from the ledger without counting the event twice.
REMEMBERED = 50_000

EventKey = tuple[str, str]
Json = dict[str, Any]
Kept = TypeVar("Kept")


class Caller(NamedTuple):
    """On whose behalf an event is decided."""

    tenant: str
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much: seconds until an answer, decisions that may wait to be written."""

    deadline: float
    queue: int


class _First:
    """An event that is being decided; whoever asks the same meanwhile gets its answer."""

    __slots__ = ("_answer", "event")

    def __init__(self, event: Event) -> None:
        self.event = event
        self._answer: asyncio.Future[bytes | None] | None = None

    def answered(self) -> "asyncio.Future[bytes | None]":
        """The answer to come, or None if there will be none."""
        if self._answer is None:
            self._answer = asyncio.get_running_loop().create_future()
        return self._answer

    def settle(self, body: bytes | None) -> None:
        """Tell whoever waits; only the first word counts."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(body)


class Decider:
    """Answers events. Asking again with the same event id returns the first answer."""

    def __init__(  # noqa: PLR0917  every part is handed in by the root
        self,
        engine: Engine,
        ledger_writer: Ledger,
        counters: Counters,
        judge: Judge,
        challenges: Challenges,
        prepared: Callable[[], Prepared],
        now: Callable[[], float],
        timer: Callable[[], float],
        limits: Limits,
        noticed: Callable[[Judgement, Verdict, float], None],
        second_looks: SecondLooks | None = None,
    ) -> None:
        self._engine = engine
        self._ledger = ledger_writer
        self._counters = counters
        self._judge = judge
        self._second_looks = second_looks  # None asks second stages on the spot
        self._challenges = challenges
        self._prepared = prepared
        self._now = now
        self._timer = timer
        self._limits = limits
        self._noticed = noticed
        self._in_flight: dict[EventKey, _First] = {}
        self._recent: OrderedDict[EventKey, None] = OrderedDict()
        self._unwritten: OrderedDict[EventKey, Judgement | Undecided] = OrderedDict()
        self._crossing: Crossing | None = None

    def read(self, raw: bytes, event_id: Callable[[], str]) -> Event:
        """The event in a request body, as the catalogue in force declares it."""
        return self._prepared().reader.read(raw, now=self._now(), fallback_id=event_id)

    def read_object(self, document: object, event_id: Callable[[], str]) -> Event:
        """The event in one element of a batch."""
        raw = json.dumps(document, ensure_ascii=True).encode("ascii")
        return self._prepared().reader.read_object(
            document, raw, now=self._now(), fallback_id=event_id
        )

    async def decide(self, caller: Caller, event: Event, arrived: float) -> bytes:
        """The answer to an event that arrived at `arrived` (of the timer, seconds), as JSON.

        Raises `EventIdReused` if the id names another event, `StillDeciding` if the same event is
        being decided and does not finish in time, `Unavailable` if a begun commit hangs.
        """
        key = (caller.tenant, event.id)
        deadline = arrived + (
            self._limits.deadline if event.deadline_ms is None else event.deadline_ms / 1000
        )
        if key in self._recent:
            stored = await self._recall(key, deadline)
            if stored is not None:
                return replay(stored, event)
        # Looked at last: nothing may come between this and taking the place.
        first = self._in_flight.get(key)
        if first is not None:
            return await self._join(first, event, deadline)
        first = self._in_flight[key] = _First(event)
        try:
            begun, challenge = self._judge_now(caller, event, deadline), None
            # Until it is known to be kept: whoever asks again must not be counted twice.
            _put(self._unwritten, key, begun)
            if isinstance(begun, Undecided):
                judgement = await self._looked_again(begun, deadline)
                _put(self._unwritten, key, judgement)
            else:
                judgement = begun
            if judgement.verdict is Verdict.CHALLENGE:
                judgement, challenge = await self._challenged(judgement, deadline)
            took = self._timer() - arrived
            body = answer(judgement, took_ms=took * 1000, challenge=challenge)
            result = await self._hand_in(entry(judgement, body), deadline)
            body = self._settle(judgement, body, result, arrived)
            first.settle(body)
            return body
        finally:
            first.settle(None)
            del self._in_flight[key]

    async def _recall(self, key: EventKey, deadline: float) -> StoredDecision | None:
        wait = max(0.0, deadline - self._timer())
        try:
            return await asyncio.wait_for(asyncio.to_thread(self._find, key), wait)
        except TimeoutError:
            raise StillDeciding(retry_after=1) from None

    async def _join(self, first: "_First", event: Event, deadline: float) -> bytes:
        if not same_event(first.event.body, event.body):
            raise EventIdReused
        wait = max(0.0, deadline - self._timer())
        try:
            body = await asyncio.wait_for(asyncio.shield(first.answered()), wait)
        except TimeoutError:
            body = None
        if body is None:  # too late, or the first one failed: nothing was answered yet
            raise StillDeciding(retry_after=1)
        return body

    def _judge_now(self, caller: Caller, event: Event, deadline: float) -> Judgement | Undecided:
        self._uncount(self._unwritten.pop((caller.tenant, event.id), None))
        judging = self._judge.judge if self._second_looks is None else self._judge.begin
        return judging(
            caller.tenant,
            event,
            self._prepared(),
            now=self._now(),
            has_time=lambda: self._timer() + COMMIT_RESERVE < deadline,
            is_test=caller.is_test,
        )

    async def _looked_again(self, undecided: Undecided, deadline: float) -> Judgement:
        assert self._second_looks is not None  # noqa: S101  only then is anything undecided
        seconds = deadline - COMMIT_RESERVE - self._timer()
        said = await self._second_looks.ask(undecided.questions, seconds)
        return self._judge.finish(undecided, said)

    async def _challenged(
        self, judgement: Judgement, deadline: float
    ) -> tuple[Judgement, Json | None]:
        challenge = await self._challenges.pose(judgement, deadline - self._timer())
        if challenge is None:  # challenges are broken: nobody is held up by one
            degraded = (*judgement.degraded, "challenge")
            judgement = judgement._replace(verdict=Verdict.ALLOW, degraded=degraded)
        return judgement, challenge

    def _hand_in(self, kept: LedgerEntry, deadline: float) -> "asyncio.Future[AppendResult]":
        """What becomes of a decision that is to be kept."""
        loop = asyncio.get_running_loop()
        if self._ledger.depth >= self._limits.queue:
            refused = loop.create_future()
            refused.set_result(Failed("too many decisions wait to be written"))
            return refused
        if self._crossing is None or self._crossing.loop is not loop:
            self._crossing = Crossing(loop, self._ledger)
        return self._crossing.append(kept, deadline - self._timer())

    def _settle(
        self, judgement: Judgement, body: bytes, result: AppendResult, arrived: float
    ) -> bytes:
        """The answer, now that it is known what became of it."""
        unwritten = None
        key = (judgement.tenant, judgement.event.id)
        if isinstance(result, Failed):
            if result.reason == Trouble.UNCONFIRMED:
                raise Unavailable("nobody can say whether this was kept; ask again", retry_after=2)
            unwritten = Unwritten(result.reason)
            took = self._timer() - arrived
            body = answer(judgement, took_ms=took * 1000, unwritten=unwritten)
        else:
            self._unwritten.pop(key, None)
            _put(self._recent, key, None)
        if isinstance(result, Existing):
            self._uncount(judgement)
            return replay(result.decision, judgement.event)
        if unwritten is None:
            for label in judgement.labels:
                self._counters.mark(judgement.tenant, label)
        verdict = answered_verdict(judgement, unwritten)
        self._noticed(judgement, verdict, self._timer() - arrived)
        return body

    def _uncount(self, judgement: Judgement | Undecided | None) -> None:
        """Take back what an earlier attempt at the same event added to the counters."""
        if judgement is None or not judgement.is_counted:
            return
        event, counting = judgement.event, judgement.bundle.plan(judgement.event.type).counting
        try:
            self._counters.retract(judgement.tenant, counting, judgement.values, event.time)
        except Exception as error:  # noqa: BLE001  counters that are away answer nothing anyway
            log.warning("counters_unavailable", error=type(error).__name__)

    def _find(self, key: EventKey) -> StoredDecision | None:
        with read(self._engine) as connection:
            return ledger.find_event(connection, *key)


def _put(memory: OrderedDict[EventKey, Kept], key: EventKey, kept: Kept) -> None:
    memory[key] = kept
    if len(memory) > REMEMBERED:
        memory.popitem(last=False)


def replay(stored: StoredDecision, event: Event) -> bytes:
    """The first answer to this event, byte for byte. Raises `EventIdReused` for another event."""
    if not same_event(stored.event, event.body):
        raise EventIdReused
    return stored.answer


def same_event(one: bytes, other: bytes) -> bool:
    """Whether two bodies say the same; the deadline is not part of what they say."""
    return one == other or _essence(one) == _essence(other)


def _essence(raw: bytes) -> dict[str, Any]:
    document = json.loads(raw)
    if type(document) is not dict:
        raise InvalidInput("an event is a JSON object")
    document.pop("deadline_ms", None)
    return document
