"""Backtests for the desk: each in a child process of its own, so that decisions go on meanwhile."""

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from math import ceil
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Final

import msgspec
import structlog
from sqlalchemy import Engine

from safety.domain.errors import Unavailable
from safety.domain.lists import ListEntry
from safety.ruleset.files import RuleFiles
from safety.ruleset.workshop import child_environment
from safety.store import rule_changes
from safety.store.engine import read, write
from safety.store.rule_changes import KeptBacktest
from safety.store.rule_controls import Baseline, put_baseline

log = structlog.get_logger(__name__)

_KEPT_SECONDS: Final = 60 * 86_400.0


class Order(msgspec.Struct, frozen=True):
    """What the child is asked: a rule among files, over a stretch of the past of one database."""

    files: RuleFiles
    entries: dict[str, list[ListEntry]]
    at: float
    rule: str
    since: float
    url: str
    folder: str
    seconds: float


class Said(msgspec.Struct, frozen=True):
    """One line of what the child says: how far it is, and in the end the result or what is wrong.

    `result` is the backtest as JSON.
    """

    done: int = 0
    total: int = 0
    result: msgspec.Raw = msgspec.Raw(b"null")
    revision: str = ""
    events: int = 0
    matches: int = 0
    trouble: str = ""


@dataclass(slots=True)
class Running:
    """A backtest at work in this process."""

    rule: str
    began_at: float
    done: int = 0
    total: int = 0
    trouble: str = ""
    is_over: bool = False

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0


@dataclass(slots=True)
class Backtests:
    """Starts backtests and keeps what they find. One at a time: each may take a core for a while.

    `url` is the database and `folder` holds the sealed past. A child that takes longer than
    `seconds` is ended.
    """

    engine: Engine
    clock: Callable[[], float]
    url: str = field(repr=False)
    folder: Path
    seconds: float
    _running: Running | None = None
    _lock: Lock = field(default_factory=Lock)

    def start(
        self,
        files: RuleFiles,
        entries: Mapping[str, Sequence[ListEntry]],
        rule: str,
        *,
        days: int,
        is_in_force: bool,
    ) -> Running:
        """Begin a backtest. Raises `Unavailable` while another one runs."""
        at = self.clock()
        plain = {name: list(some) for name, some in entries.items()}
        since = at - days * 86_400.0
        order = Order(files, plain, at, rule, since, self.url, str(self.folder), self.seconds)
        with self._lock:
            if self._running is not None and not self._running.is_over:
                raise Unavailable("Another backtest runs: wait for its end.", retry_after=10)
            running = self._running = Running(rule, at)
        work = Thread(target=self._work, args=(order, running, is_in_force), daemon=True)
        work.start()
        return running

    def running(self, rule: str) -> Running | None:
        """The latest backtest of this rule that this process began since it started."""
        running = self._running
        return running if running is not None and running.rule == rule else None

    def result(self, rule: str, revision: str) -> tuple[float, Any] | None:
        """The latest backtest of a revision, with when it was made."""
        with read(self.engine) as connection:
            kept = rule_changes.backtest_of(connection, rule, revision)
        if kept is None:
            return None
        wanted = import_module("safety.training.backtest").Backtest
        return kept.made_at, msgspec.json.decode(kept.result, type=wanted)

    def _work(self, order: Order, running: Running, is_in_force: bool) -> None:
        try:
            said = self._heard(order, running)
            if said.trouble or not said.revision:
                running.trouble = said.trouble or "the backtest ended without an answer"
            else:
                self._keep(order, said, is_in_force=is_in_force)
        except Exception as error:  # noqa: BLE001  whatever it is, the page says that it failed
            running.trouble = f"the backtest failed: {type(error).__name__}"
        finally:
            running.is_over = True
            log.info("backtest_ended", rule=order.rule, failed=bool(running.trouble))

    def _heard(self, order: Order, running: Running) -> Said:
        """The last line that the child says; what it says before is how far it is."""
        command = [sys.executable, "-m", "safety.training.apart_child"]
        with subprocess.Popen(  # noqa: S603  our own module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=child_environment(),
        ) as child:
            assert child.stdin is not None  # noqa: S101  both are pipes
            assert child.stdout is not None  # noqa: S101  as above
            ending = Thread(target=_ended, args=(child, order.seconds), daemon=True)
            ending.start()
            with suppress(BrokenPipeError):  # it was ended before it could read
                child.stdin.write(msgspec.msgpack.encode(order))
                child.stdin.close()
            last = Said()
            for line in child.stdout:
                last = msgspec.json.decode(line, type=Said)
                running.done, running.total = last.done or running.done, last.total
        return last

    def _keep(self, order: Order, said: Said, *, is_in_force: bool) -> None:
        at = order.at
        kept = KeptBacktest(order.rule, said.revision, at, bytes(said.result))
        with write(self.engine) as connection:
            rule_changes.put_backtest(connection, kept, keep_since=at - _KEPT_SECONDS)
            if is_in_force:  # what the circuit breaker compares with
                measured = Baseline(order.rule, said.revision, said.events, said.matches, at)
                put_baseline(connection, measured)


def _ended(child: "subprocess.Popen[bytes]", seconds: float) -> None:
    """End a child that takes too long."""
    try:
        child.wait(ceil(seconds))
    except subprocess.TimeoutExpired:
        child.kill()
