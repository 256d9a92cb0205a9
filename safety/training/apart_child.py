"""The child that runs one backtest for the desk: reads an order, says how far it is, answers."""

import os
import resource
import sys
import time
from collections.abc import Callable
from math import ceil
from pathlib import Path

import msgspec

from safety.ruleset.findings import RuleFileError
from safety.store import history
from safety.store.engine import open_engine, read
from safety.training.apart import Order, Said
from safety.training.backtest import Question, backtest
from safety.training.past import Past
from safety.training.segments import Segments

_NICER = 10  # decisions go first where there are fewer cores than work
_TOLD_SECONDS = 0.25


def answer(order: Order, say: Callable[[Said], None]) -> Said:
    """Run the backtest; what is wrong is told and never raised."""
    try:
        bundle = order.files.load(order.entries, at=order.at, run_tests=False)
        compiled = bundle.source(order.rule)
    except RuleFileError as error:
        return Said(trouble=error.findings[0].render())
    except KeyError:
        return Said(trouble="there is no such rule in the text")
    engine = open_engine(order.url)
    try:
        past = Past(engine, Segments(Path(order.folder), bundle.catalogue))
        past.segments.seal(engine, order.at)
        with read(engine) as connection:
            resolved = history.resolved_since(connection, order.since)
        question = Question(
            rule=compiled,
            lists=bundle.values_of_lists,
            catalogue=bundle.catalogue,
            since=order.since,
            until=order.at,
            samples=0,  # examples would be kept, and name people
        )
        progress = _Progress(say, past.count(order.since, order.at))
        found = backtest(past, question, resolved, timer=time.perf_counter, progress=progress)
    finally:
        engine.dispose()
    return Said(
        done=progress.done,
        total=progress.total,
        result=msgspec.Raw(msgspec.json.encode(found)),
        revision=found.revision,
        events=found.events,
        matches=found.matches,
    )


class _Progress:
    """Says how far it is a few times a second."""

    def __init__(self, say: Callable[[Said], None], total: int) -> None:
        self._say = say
        self._told = 0.0
        self.done, self.total = 0, total

    def __call__(self, more: int) -> None:
        self.done += more
        at = time.monotonic()
        if at - self._told >= _TOLD_SECONDS:
            self._told = at
            self._say(Said(done=self.done, total=self.total))


def _serve() -> None:
    order = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Order)
    limit = ceil(order.seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    os.nice(_NICER)
    _say(answer(order, _say))


def _say(said: Said) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(said) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    _serve()
