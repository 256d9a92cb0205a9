"""Group commit: entries of concurrent requests go into one transaction, durable when answered."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Condition, Event, Thread
from time import sleep
from typing import Final

import structlog
from sqlalchemy import Connection, Engine

from safety.domain.decisions import LedgerEntry
from safety.store.batch import AppendResult, Failed, write_batch, write_each
from safety.store.trouble import Trouble, trouble_of
from safety.store.writer import WriterConnection

log = structlog.get_logger()

Done = Callable[[AppendResult], None]

# A batch whose transaction broke is written again; by then a passing trouble has mostly passed.
_ATTEMPTS: Final = 3
# How often the lock is tried for the entries that are left when the ledger is told to stop.
_LAST_ATTEMPTS: Final = 5
_PAUSE_SECONDS: Final = 0.05
# While several entries come at once, the next transaction waits this long for more of them: each
# costs two changes of thread and a sync, however many entries it holds.
_GATHER_SECONDS: Final = 0.003
_SEVERAL: Final = 4
# After these, COMMIT may have worked all the same; writing the batch again finds out.
_IN_DOUBT: Final = frozenset({Trouble.UNREACHABLE, Trouble.IO, Trouble.FAULT})


def _ignore(_trouble: str) -> None:
    """Nobody wants to hear of troubles."""


class Pending:
    """An entry on its way into the ledger."""

    __slots__ = ("_ledger", "done", "entry")

    def __init__(self, ledger: "Ledger", entry: LedgerEntry, done: Done) -> None:
        self._ledger = ledger
        self.entry = entry
        self.done = done

    def abandon(self) -> bool:
        """Give the entry up. True: it will never be written, and `done` is not called.

        False: its transaction has begun or ended, and `done` says what came of it.
        """
        return self._ledger._withdraw(self)  # noqa: SLF001 -- two halves of one thing


class Ledger:
    """One thread that writes the entries of everybody, many per transaction.

    `max_batch` bounds a transaction, `lock_wait` (seconds) one attempt to get the lock for writing.
    `on_trouble` hears a word of `Trouble` from the writer's thread for every attempt that fails.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        max_batch: int = 512,
        lock_wait: float = 1.0,
        on_trouble: Callable[[str], None] = _ignore,
    ) -> None:
        self._writer = WriterConnection(engine, lock_wait)
        self._max_batch = max_batch
        self._on_trouble = on_trouble
        self._waiting: OrderedDict[Pending, None] = OrderedDict()
        self._changed = Condition()
        self._stopping = Event()
        self._thread: Thread | None = None
        self._trouble: Trouble | None = None
        self._is_busy = False

    @property
    def trouble(self) -> str | None:
        """What keeps the ledger from writing, as a word of `Trouble`; None while it works."""
        return self._trouble

    @property
    def depth(self) -> int:
        """How many entries wait for their transaction."""
        return len(self._waiting)

    def start(self) -> None:
        """Start the writer. What was appended before waits until now."""
        self._thread = Thread(target=self._run, name="ledger", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, then end. What cannot be written is answered `Failed`."""
        self._stopping.set()
        with self._changed:
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()
        self._fail(self._collect_all(), Trouble.STOPPED)

    def append(self, entry: LedgerEntry, done: Done) -> Pending:
        """Have an entry written. Never blocks.

        `done` is called once, from the writer's thread, when the entry is durable or failed; after
        `stop` it is called at once, with `Failed`.
        """
        return self.append_many([(entry, done)])[0]

    def append_many(self, entries: Sequence[tuple[LedgerEntry, Done]]) -> list[Pending]:
        """Have several entries written, as `append` does, with one wake-up."""
        pendings = [Pending(self, entry, done) for entry, done in entries]
        with self._changed:
            is_stopping = self._stopping.is_set()
            if not is_stopping:
                was_idle = not self._waiting
                for pending in pendings:
                    self._waiting[pending] = None
                if was_idle:
                    self._changed.notify()
        if is_stopping:
            self._fail(pendings, Trouble.STOPPED)
        return pendings

    def _withdraw(self, pending: Pending) -> bool:
        with self._changed:
            if pending not in self._waiting:
                return False
            del self._waiting[pending]
            return True

    def _run(self) -> None:
        try:
            while self._wait():
                self._write_waiting()
        finally:
            self._writer.close()

    def _wait(self) -> bool:
        """Sleep until something waits. False when there is nothing more to do."""
        with self._changed:
            while not self._waiting:
                if self._stopping.is_set():
                    return False
                self._changed.wait()
            return True

    def _write_waiting(self) -> None:
        """Take the lock first and collect the batch then, so that the abandoned stay out of it."""
        attempts = 0
        if self._is_busy and not self._stopping.is_set():
            sleep(_GATHER_SECONDS)
        while self._waiting:
            try:
                connection = self._writer.begin()
            except Exception as error:  # noqa: BLE001 -- the writer lives on, whatever it was
                trouble = self._report(error)
                attempts += 1
                if trouble is not Trouble.LOCKED or (
                    self._stopping.is_set() and attempts >= _LAST_ATTEMPTS
                ):
                    self._fail(self._collect(), trouble)
                    return
                self._stopping.wait(_PAUSE_SECONDS)
            else:
                batch = self._collect()
                self._is_busy = len(batch) >= _SEVERAL
                self._settle(connection, batch)
                return

    def _settle(self, connection: Connection | None, batch: list[Pending]) -> None:
        """Write a batch in the transaction that is open, and tell everybody what came of it."""
        entries = [pending.entry for pending in batch]
        write = write_batch
        is_in_doubt = False
        trouble = Trouble.FAULT
        for _ in range(_ATTEMPTS):
            is_committing = False
            try:
                results = write(connection or self._writer.begin(), entries)
                is_committing = True
                self._writer.commit()
            except Exception as error:  # noqa: BLE001 -- the writer lives on, whatever it was
                trouble = self._report(error)
                self._writer.roll_back(trouble)
                connection = None
                is_in_doubt |= is_committing and trouble in _IN_DOUBT
                if trouble is Trouble.REFUSED and write is write_batch:
                    write = write_each  # one that cannot be stored must not cost its neighbours
                elif trouble is Trouble.LOCKED or is_in_doubt:
                    self._stopping.wait(_PAUSE_SECONDS)
                else:
                    break
            else:
                self._trouble = None
                self._answer(batch, results)
                return
        self._fail(batch, Trouble.UNCONFIRMED if is_in_doubt else trouble)

    def _collect(self) -> list[Pending]:
        """Take the entries that have waited longest; from here on they cannot be abandoned."""
        with self._changed:
            if len(self._waiting) <= self._max_batch:
                return self._take(len(self._waiting))
            return self._take(self._max_batch)

    def _collect_all(self) -> list[Pending]:
        with self._changed:
            return self._take(len(self._waiting))

    def _take(self, count: int) -> list[Pending]:
        return [self._waiting.popitem(last=False)[0] for _ in range(count)]

    def _report(self, error: Exception) -> Trouble:
        trouble = trouble_of(error)
        if trouble is Trouble.REFUSED:
            return trouble  # one entry's trouble is not the ledger's
        # Never the message: it may repeat what users wrote.
        log.warning("ledger_write_failed", trouble=trouble.value, error=type(error).__name__)
        self._trouble = trouble
        try:
            self._on_trouble(trouble.value)
        except Exception as fault:  # noqa: BLE001 -- a listener's fault must not stop the writer
            log.error("ledger_listener_failed", error=type(fault).__name__)  # noqa: TRY400 -- as above
        return trouble

    def _fail(self, batch: list[Pending], trouble: Trouble) -> None:
        self._answer(batch, [Failed(trouble.value)] * len(batch))

    def _answer(self, batch: list[Pending], results: Sequence[AppendResult]) -> None:
        for pending, result in zip(batch, results, strict=True):
            try:
                pending.done(result)
            except Exception as error:  # noqa: BLE001 -- a caller's fault must not stop the writer
                log.error("ledger_callback_failed", error=type(error).__name__)  # noqa: TRY400 -- as above
