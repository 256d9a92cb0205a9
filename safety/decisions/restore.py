"""After a restart: the counters remember what the ledger remembers."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog
from sqlalchemy import Engine

from safety.decisions.explain import recall
from safety.decisions.judge import Prepared
from safety.domain.decisions import SignalSource
from safety.domain.features import Values
from safety.domain.ports import Counters
from safety.domain.velocity import CountingPlan
from safety.store import labels, ledger
from safety.store.engine import read
from safety.store.stored import StoredDecision

log = structlog.get_logger()

# Test values are answered without being counted, so they are not counted now.
TEST_VALUE = f'"source":"{SignalSource.TEST_VALUE}"'.encode()


@dataclass(frozen=True, slots=True)
class Restored:
    """How much was restored."""

    decisions: int
    labels: int


def restore(
    engine: Engine,
    counters: Counters,
    prepared: Prepared,
    now: float,
    progress: Callable[[int], None] = lambda _: None,
) -> Restored:
    """Count again every event that a window of the ruleset still looks back on."""
    with read(engine) as connection:
        live = labels.all_live(connection, now)
    for tenant, label in live:
        counters.mark(tenant, label)
    # Only what is added matters: nothing is read back while restoring.
    adding = {
        name: _adding(prepared[name].plan.counting)
        for name in prepared.bundle.catalogue.event_types
    }
    decisions = 0
    for stored in ledger.since(engine, now - prepared.horizon()):
        plan = adding.get(stored.event_type)
        if plan is not None and TEST_VALUE not in stored.signals:
            counters.observe(stored.tenant, plan, known(prepared, stored), stored.event_time)
        decisions += 1
        if decisions % 1000 == 0:
            progress(decisions)
    return Restored(decisions, len(live))


def known(prepared: Prepared, stored: StoredDecision) -> Values:
    """What is known of a decided event now: its facts, and what only newer rules read of it."""
    values = recall(prepared, stored)
    if stored.ruleset != prepared.bundle.version:
        try:
            prepared[stored.event_type].deriver.run_missing(values, stored.event_time)
        except Exception as error:  # noqa: BLE001  as when deciding: whatever fails is unknown
            log.warning("part_failed", part="features", error=type(error).__name__)
    return values


def _adding(plan: CountingPlan) -> CountingPlan:
    watch = None if plan.watch is None else replace(plan.watch, reads=())
    return CountingPlan(hits=plan.hits, watch=watch)
