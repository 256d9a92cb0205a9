"""The desk with a million decisions and 100,000 items that wait: what a click costs the server."""

import json
import logging
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Engine

from safety.domain.decisions import LedgerEntry
from safety.domain.queues import Filter
from safety.domain.reviews import Band
from safety.store.engine import migrate, open_engine
from safety.store.group_commit import Ledger
from tests.bench.desk_page import queue_pages
from tests.bench.durable import _callers
from tests.bench.figures import Figure
from tests.review_house import ANA, NOW, Core, removing

DECISIONS = 1_000_000
WAITING = 100_000
ACTORS = 50_000
INDEXED = 4_000
ROUNDS = 60
SECONDS = 6.0
_QUEUES = ("content", "accounts", "reports", "links", "escalated")
_WORDS = [
    "lovely",
    "light",
    "harbour",
    "photo",
    "where",
    "did",
    "you",
    "take",
    "that",
    "one",
    "friend",
    "today",
    "see",
    "this",
    "offer",
]
_DECISION = (
    "INSERT INTO decisions (sequence, id, tenant, event_id, event_type, actor_id, verdict,"
    " decided_at, event_time, ruleset, event, facts, signals, answer, item_id)"
    " VALUES (?, ?, 'bench', ?, 'comment', ?, ?, ?, ?, 'ab12', ?, ?, ?, ?, ?)"
)
_ITEM = (
    "INSERT INTO items (id, tenant, decision_id, queue, severity, reason, event_type, actor_id,"
    " verdict, created_at, status, version, turn, due_at, triaged_at, cluster, policy, language,"
    " raised)"
    " VALUES (?, 'bench', ?, ?, ?, ?, 'comment', ?, 2, ?, 'open', 1, ?, ?, ?, ?, ?, 'en', ?)"
)


def desk() -> list[Figure]:
    """Milliseconds of the processor for what a page asks, and what the clerk costs decisions."""
    quiet = structlog.make_filtering_bound_logger(logging.ERROR)
    structlog.configure(wrapper_class=quiet)
    with tempfile.TemporaryDirectory() as name:
        core = Core(open_engine(f"sqlite:///{Path(name) / 'desk.db'}", synchronous="normal"))
        _fill(core.engine)
        figures = [*_clicks(core), *_indexing(core), *queue_pages(core.engine, Path(name))]
        core.engine.dispose()
        figures += _beside(Path(name))
    return figures


def _clicks(core: Core) -> Iterator[Figure]:
    review = core.review
    some = review.queues.page(ANA, Filter(), limit=ROUNDS)
    names = iter([row.item.id for row in some.rows] * 2)

    def page(chosen: Filter) -> Callable[[], object]:
        return lambda: (review.queues.overview(ANA), review.queues.page(ANA, chosen))

    yield _timed("queue page, all queues", page(Filter()))
    yield _timed("queue page, one queue", page(Filter(queue="content")))
    yield _timed("queue page, high and above", page(Filter(least=Band.HIGH)))
    yield _timed("queue page, one reason", page(Filter(queue="content", reason="LINK_BURST")))
    yield _timed("item page", lambda: review.items.open(next(names), ANA))
    yield _timed("next item", lambda: review.items.next(ANA, Filter()))
    yield _timed("take five items", lambda: review.claims.take(ANA, Filter()))
    yield _timed("pulse", lambda: review.queues.pulse(ANA))
    yield _timed("decide", lambda: review.resolving.decide(next(names), removing(), ANA))


def _indexing(core: Core) -> Iterator[Figure]:
    """What the clerk takes per decision, and how a search does over what it has read."""
    began = time.process_time()
    indexing = core.review.clerk.indexing
    done = 0
    while done < INDEXED:
        done += indexing._round()
    took = (time.process_time() - began) / done
    yield Figure("index a decision", 1000 * took, "ms CPU")
    yield _timed("search by words", lambda: core.review.search("lovely harbour", ANA))
    yield _timed("search by address", lambda: core.review.search("ip:10.0.0.7", ANA))


def _beside(folder: Path) -> Iterator[Figure]:
    """Group commit while the clerk does its rounds, against nobody beside it."""
    alone = _written(folder / "alone.db", has_clerk=False)
    beside = _written(folder / "beside.db", has_clerk=True)
    yield Figure("group commit beside the clerk", beside, "entries/s", alone, "alone")


def _written(path: Path, *, has_clerk: bool) -> float:
    engine = open_engine(f"sqlite:///{path}", synchronous="full")
    migrate(engine)
    ledger, stop = Ledger(engine), threading.Event()
    ledger.start()
    event = json.dumps(_event(7)).encode()
    clerk = Core(engine).review.clerk
    clerk.timer = time.perf_counter

    def rounds() -> None:
        while not stop.wait(1.0):
            clerk.run()

    worker = threading.Thread(target=rounds)
    if has_clerk:
        worker.start()

    def keep(entry: LedgerEntry) -> None:
        landed = threading.Event()
        ledger.append(entry._replace(event=event), lambda _: landed.set())
        landed.wait()

    began = time.perf_counter()
    written = _callers(keep, began + SECONDS)
    took = time.perf_counter() - began
    stop.set()
    if has_clerk:
        worker.join()
    ledger.stop()
    engine.dispose()
    return written / took


def _timed(name: str, work: Callable[[], object]) -> Figure:
    took = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return Figure(f"desk: {name}", 1000 * statistics.median(took), "ms CPU, median")


def _fill(engine: Engine) -> None:
    migrate(engine)
    raw = engine.raw_connection()
    cursor = raw.cursor()
    cursor.execute("PRAGMA synchronous = OFF")
    cursor.execute("BEGIN")
    cursor.executemany(_DECISION, _decisions())  # type: ignore[arg-type]  # any rows will do
    cursor.executemany(_ITEM, _items())  # type: ignore[arg-type]  # as above
    cursor.execute("COMMIT")
    cursor.execute("ANALYZE")
    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()


def _at(number: int) -> float:
    return NOW - 30 * 86_400 + number * 2.592


def _event(number: int) -> dict[str, Any]:
    text = " ".join(_WORDS[(number * step) % len(_WORDS)] for step in range(1, 13))
    return {
        "type": "comment",
        "actor": {"id": f"u_{number % ACTORS}", "name": f"name_{number % ACTORS}", "followers": 12},
        "target": {"id": f"p_{number % 997}", "kind": "post"},
        "content": {"text": f"{text} {number}", "thread_id": f"t_{number % 977}"},
        "net": {"ip": f"10.0.{number % 199}.{number % 251}", "country": "NL"},
    }


def _decisions() -> Iterator[tuple[Any, ...]]:
    signal = json.dumps([_signal()]).encode()
    facts = b'{"actor.account_age": 7200.0, "content.links": 3}'
    for number in range(DECISIONS):
        item = f"itm_{number:09}" if number % (DECISIONS // WAITING) == 0 else None
        body = json.dumps(_event(number), separators=(",", ":")).encode()
        yield (
            number + 1, f"dec_{number:09}", f"ev_{number:09}", f"u_{number % ACTORS}",
            2 if item else 0, _at(number), _at(number), body, facts,
            signal if item else b"[]", b'{"scores":{},"models":{}}', item,
        )  # fmt: skip


def _items() -> Iterator[tuple[Any, ...]]:
    for number in range(0, DECISIONS, DECISIONS // WAITING):
        severity = number // 10 % 4
        yield (
            f"itm_{number:09}", f"dec_{number:09}", _QUEUES[number // 10 % 5], severity,
            ("LINK_BURST", "COPIED_TEXT", "HELD")[number // 10 % 3], f"u_{number % ACTORS}",
            _at(number), 3 - severity, NOW + (3600 if number % 3 else -3600), _at(number),
            f"{number // 50:016x}", "spam.commercial", int(number % 3 == 0),
        )  # fmt: skip


def _signal() -> dict[str, Any]:
    return {
        "source": "rule", "rule": "link-burst", "revision": "3f9a", "title": "Many links",
        "owner": "trust@example.com", "policy": "spam.commercial", "mode": "enforce",
        "verdict": "hold", "reason": "LINK_BURST", "severity": "high", "capped": False,
        "lines": [{"text": "content.links > 2", "outcome": True, "values": {"content.links": 3}}],
        "spans": [],
    }  # fmt: skip
