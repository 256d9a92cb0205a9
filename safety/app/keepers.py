"""Threads that do the same small thing again and again until the service stops."""

import threading
from collections.abc import Callable

import structlog

log = structlog.get_logger()

_STOP_SECONDS = 5.0


class Keepers:
    """Whatever goes wrong in a round is logged, and the next round tries again."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def keep(self, name: str, seconds: float, work: Callable[[], object]) -> None:
        """Do this work every so many seconds from now on."""

        def rounds() -> None:
            while not self._stop.wait(seconds):
                try:
                    work()
                except Exception as error:  # noqa: BLE001  the next round may succeed
                    log.warning("refresh_failed", of=name, error=type(error).__name__)

        thread = threading.Thread(target=rounds, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def stop(self) -> None:
        """Begin no more rounds, and wait a while for those that have begun."""
        self._stop.set()
        for thread in self._threads:
            thread.join(_STOP_SECONDS)
