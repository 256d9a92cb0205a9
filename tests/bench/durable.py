"""Group commit against one commit per request, both with synchronous FULL, 64 in flight."""

import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine

from safety.domain.decisions import LedgerEntry
from safety.domain.verdicts import Verdict
from safety.store.batch import AppendResult, write_batch
from safety.store.engine import migrate, open_engine, write
from safety.store.group_commit import Ledger
from tests.bench.figures import Figure

IN_FLIGHT = 64
SECONDS = 4.0


def durable() -> list[Figure]:
    """Entries per second that are on disk before their caller goes on."""
    with tempfile.TemporaryDirectory() as name:
        alone = _measure(Path(name) / "alone.db", _one_commit_each)
        grouped = _measure(Path(name) / "grouped.db", _group_commit)
    return [Figure("group commit, FULL", grouped, "entries/s", alone, "one commit per request")]


def _measure(path: Path, way: Callable[[Engine, float], int]) -> float:
    engine = open_engine(f"sqlite:///{path}", synchronous="full")
    migrate(engine)
    began = time.perf_counter()
    written = way(engine, began + SECONDS)
    took = time.perf_counter() - began
    engine.dispose()
    return written / took


def _one_commit_each(engine: Engine, ends: float) -> int:
    def keep(entry: LedgerEntry) -> None:
        with write(engine) as connection:
            write_batch(connection, [entry])

    return _callers(keep, ends)


def _group_commit(engine: Engine, ends: float) -> int:
    ledger = Ledger(engine)
    ledger.start()

    def keep(entry: LedgerEntry) -> None:
        landed = threading.Event()
        answers: list[AppendResult] = []

        def done(result: AppendResult) -> None:
            answers.append(result)
            landed.set()

        ledger.append(entry, done)
        landed.wait()

    written = _callers(keep, ends)
    ledger.stop()
    return written


def _callers(keep: Callable[[LedgerEntry], None], ends: float) -> int:
    counts = [0] * IN_FLIGHT

    def run(caller: int) -> None:
        while time.perf_counter() < ends:
            keep(_entry(f"{caller}-{counts[caller]}"))
            counts[caller] += 1

    threads = [threading.Thread(target=run, args=(n,)) for n in range(IN_FLIGHT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)


def _entry(name: str) -> LedgerEntry:
    return LedgerEntry(
        id=f"dec_{name}",
        tenant="bench",
        event_id=name,
        event_type="comment",
        actor_id="u_1",
        verdict=Verdict.ALLOW,
        decided_at=1.0,
        event_time=1.0,
        ruleset="0" * 64,
        event=b"{" + b" " * 500 + b"}",
        facts=b"{" + b" " * 500 + b"}",
        signals=b"[]",
        answer=b"{" + b" " * 400 + b"}",
    )
