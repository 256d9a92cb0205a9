"""What watching and trying models costs: the live path, the thread beside it, and a swap."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from safety.app.model_watch import ModelWatch, Stand
from safety.app.models import InForce
from safety.assets import shipped
from safety.classifiers.registry import load_models
from safety.classifiers.shelf import Shelf
from safety.decisions.judge import Judge, Judgement, Prepared
from safety.domain.ports import Classifier
from safety.ruleset.bundle import Bundle
from safety.ruleset.load import load_bundle
from safety.state.memory import MemoryCounters
from safety.store.engine import migrate, open_engine
from tests.bench.figures import Figure
from tests.factories import an_event, raw

EVENTS = 1_000
PASSES = 5


def registry() -> list[Figure]:
    """Microseconds per event beside a decision, and milliseconds to take in other models."""
    bundle = load_bundle([shipped("rules")], run_tests=False, at=time.time())
    models, _ = load_models(shipped("models"))
    judgements, judged_us = _judged(bundle, models)
    live = {model.name: model for model in models}
    with tempfile.TemporaryDirectory() as name:
        engine = open_engine(f"sqlite:///{Path(name) / 'bench.db'}", synchronous="normal")
        migrate(engine)
        in_force = InForce(live, {}, dict.fromkeys(live, 0.9), {})
        shelf = Shelf(shipped("models"), Path(name))
        shadow = {"spam": live["spam"]}
        tried = InForce(live, shadow, in_force.thresholds, {"spam": 0.9})

        def watch_of(chosen: InForce) -> ModelWatch:
            prepared = Prepared(bundle, models)
            return ModelWatch(
                Stand(engine, time.time, lambda: chosen, lambda: prepared, shelf.card, str, 0)
            )

        drift, both = watch_of(in_force), watch_of(tried)
        noticed_us = _best(lambda: _hand_over(drift, judgements))
        drift_us = _best(lambda: _round(drift, judgements))
        shadow_us = _best(lambda: _round(both, judgements))
        engine.dispose()
    swap = _best(lambda: Prepared(bundle, models, {"spam": 0.9})) * EVENTS / 1000
    return [
        Figure("judge one event", judged_us, "us"),
        Figure("hand a judgement to the watch", noticed_us, "us on the live path", judged_us),
        Figure("count drift of one event", drift_us, "us in a thread of its own"),
        Figure("and score and keep a shadow", shadow_us, "us in a thread of its own"),
        Figure("swap models under the shipped rules", swap, "ms until the next event"),
    ]


def _judged(bundle: Bundle, models: tuple[Classifier, ...]) -> tuple[list[Judgement], float]:
    prepared, now = Prepared(bundle, models), time.time()
    judge = Judge(MemoryCounters(), lambda prefix: f"{prefix}_{time.perf_counter_ns()}")
    bodies = [
        raw(an_event(id=f"e{n}", content={"text": f"lovely light in number {n}"}))
        for n in range(EVENTS)
    ]
    events = [prepared.reader.read(body, now=now, fallback_id=lambda: "e") for body in bodies]
    began = time.process_time()
    found = [
        judge.judge("bench", event, prepared, now=now, has_time=lambda: True) for event in events
    ]
    return found, (time.process_time() - began) / EVENTS * 1e6


def _hand_over(watch: ModelWatch, judgements: list[Judgement]) -> None:
    for each in judgements:
        watch.noticed(each)


def _round(watch: ModelWatch, judgements: list[Judgement]) -> None:
    _hand_over(watch, judgements)
    watch.round()


def _best(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(PASSES):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best / EVENTS * 1e6
