"""What counting costs a decision, how fast a rule is undone, and how long the desk's pages take."""

import gc
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from safety.assets import shipped
from safety.decisions.judge import Judge, Judgement, Prepared
from safety.decisions.steering.tallies import Tallying
from safety.domain.undos import Cause, UndoState
from safety.domain.verdicts import Verdict
from safety.state.memory import MemoryCounters
from safety.store.engine import migrate, open_engine
from tests.bench.figures import Figure
from tests.factories import an_event, raw
from tests.integration.training.decided import a_comment, a_signal, store
from tests.steering_bench import Bench

NOW = 1_795_366_800.0
RULE = "link-burst-new-account"
DECISIONS = 20_000


def judgements(bench: Bench, number: int) -> list[Judgement]:
    """Ordinary comments with every twentieth one a link to a denied site."""
    names = iter(range(10**9))
    judge = Judge(MemoryCounters(), lambda prefix: f"{prefix}_{next(names)}")
    prepared = Prepared(bench.bundle, ())
    found = []
    for n in range(number):
        text = "see https://phishing.example/x" if n % 20 == 0 else f"lovely light {n}"
        event = an_event(id=f"e{n}", content={"text": text}, net={"ip": f"203.0.{n % 97}.{n % 7}"})
        read = prepared.reader.read(raw(event), now=NOW, fallback_id=lambda: "e")
        found.append(judge.judge("acme", read, prepared, now=NOW, has_time=lambda: True))
    return found


def cpu(work: Callable[[], object]) -> float:
    """Seconds of CPU."""
    began = time.process_time()
    work()
    return time.process_time() - began


def steering() -> list[Figure]:
    """The figures of what people steer rules by."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        engine = open_engine(f"sqlite:///{path / 'safety.db'}", synchronous="normal")
        migrate(engine)
        bench = Bench(engine, lambda: NOW, shipped("rules"), path / "segments")
        found = [*_counting(bench), *_undoing(bench), *_pages(bench)]
        engine.dispose()
    return found


def _counting(bench: Bench) -> list[Figure]:
    judged = judgements(bench, DECISIONS)
    gc.collect()
    gc.freeze()
    tallying = Tallying(bench.engine, bench.clock, lambda: bench.bundle)

    def notice() -> None:
        for one in judged:
            tallying.noticed(one, one.verdict)

    noticing, counting = cpu(notice), cpu(tallying.refresh)
    each = 1e6 / DECISIONS
    return [
        Figure("counts: noticed on a decision's path", noticing * each, "us"),
        Figure("counts: counted beside it and added to the database", counting * each, "us"),
    ]


def _undoing(bench: Bench) -> list[Figure]:
    blocked = [
        a_comment(NOW - 3000 + n / 10, actor=f"u_{n % 90}", signals=(a_signal(RULE),),
                  verdict=Verdict.HOLD)
        for n in range(DECISIONS)
    ]  # fmt: skip
    store(bench.engine, *blocked)
    undoing, cause = bench.parts.undoing, Cause(RULE, NOW - 3600, NOW)
    began = time.perf_counter()
    preview = undoing.preview(cause)
    previewed = time.perf_counter() - began
    undo = undoing.start(cause, reason="bench", author="bench")
    began = time.perf_counter()
    while undoing.undo(undo.id).state is UndoState.RUNNING:
        undoing.work()
    took = time.perf_counter() - began
    return [
        Figure("undo: decisions previewed a second", preview.decisions / previewed, "/s"),
        Figure("undo: decisions reversed a second", DECISIONS / took, "/s"),
    ]


def _pages(bench: Bench) -> list[Figure]:
    parts: tuple[tuple[str, Callable[[], object]], ...] = (
        ("records of all rules", bench.parts.records.all),
        ("attack view", bench.parts.scene),
        ("lists", bench.parts.lists.all),
    )
    return [
        Figure(f"desk: {name}", 1e3 * min(cpu(page) for _ in range(5)), "ms")
        for name, page in parts
    ]
