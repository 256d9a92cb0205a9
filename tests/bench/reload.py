"""How long an event loop stands still while 2,000 rules are swapped in beside it."""

import asyncio
import gc
import threading
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from safety.app.swapping import let_go, taken_in
from safety.ruleset.bundle import Bundle
from safety.ruleset.files import RuleFiles
from safety.ruleset.workshop import Built, build_apart
from tests.bench.figures import Figure
from tests.bench.rule_generator import rule_folder

RULES = 2_000
SEED = 5
PASSES = 5
BUILD_SECONDS = 120.0
_TICK_SECONDS = 0.001


def reload() -> list[Figure]:
    """Build in a child, take in, let go; and what compiling in the process would have cost."""
    with TemporaryDirectory() as name:
        files = RuleFiles.read([rule_folder(Path(name) / "rules", RULES, SEED)])
    began = time.perf_counter()
    built = build_apart(files, {}, at=time.time(), seconds=BUILD_SECONDS, run_tests=False)
    took = time.perf_counter() - began
    gc.collect()
    gc.freeze()
    idle = _longest_stall(lambda: time.sleep(1))
    here = _longest_stall(lambda: _built_here(files))
    return [
        Figure(f"{RULES} rules compiled in a child", took, "s"),
        Figure(f"{RULES} rules take-in", _cpu(built), "CPU s"),
        Figure("longest stall while swapping", _best(built), "ms", here, "compiled in the process"),
        Figure("longest stall of an idle loop", idle, "ms"),
    ]


def _best(built: Built) -> float:
    """The least of a few passes: other programs on the machine stall a loop as well."""
    return min(_longest_stall(lambda: _swapped(built)) for _ in range(PASSES))


def _swapped(built: Built) -> None:
    let_go([taken_in(built.pieces)])


def _built_here(files: RuleFiles) -> Bundle:
    return files.load({}, at=time.time(), run_tests=False)


def _cpu(built: Built) -> float:
    began = time.process_time()
    kept = taken_in(built.pieces)
    took = time.process_time() - began
    let_go([kept])
    return took


def _longest_stall(work: Callable[[], object]) -> float:
    """Milliseconds that a loop came late at most, while a thread beside it worked."""
    return asyncio.run(_watched(work))


async def _watched(work: Callable[[], object]) -> float:
    thread = threading.Thread(target=work)
    longest = 0.0
    thread.start()
    while thread.is_alive():
        began = time.perf_counter()
        await asyncio.sleep(_TICK_SECONDS)
        longest = max(longest, time.perf_counter() - began - _TICK_SECONDS)
    return longest * 1000
