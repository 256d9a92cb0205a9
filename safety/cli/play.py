"""Plays the demo in the terminal until it is over, stopped or refused."""

import time
from collections.abc import Callable

from rich.console import Console

from safety.demo import scenarios, table
from safety.demo.door import Door
from safety.demo.scenarios import Scenario
from safety.demo.stream import Stream
from safety.demo.tally import Snapshot, Tally

_COUNT_ITEMS_EVERY = 2.0  # seconds


def play(
    door: Door,
    scenario: Scenario,
    *,
    seed: int,
    rate: float,
    seconds: float | None,
    console: Console,
    goes_on: Callable[[], bool] = lambda: True,
) -> Snapshot:
    """Send the scenario and show it; Ctrl-C ends it early. Returns where things stood at the end.

    The play also ends when `goes_on` says no. Raises `RefusedError` when the key is refused.
    """
    at = time.time()
    tally = Tally()
    steps = scenarios.play(scenario, seed=seed, at=at, rate=rate)
    stream = Stream(door, steps, tally, run=f"demo-{int(at * 1000):x}", seconds=seconds)
    waiting = _OpenItems(door)
    try:
        stream.start()
        table.watch(
            lambda: (tally.snapshot(time.monotonic()), waiting.count()),
            lambda: stream.is_over or not goes_on(),
            console,
        )
    except KeyboardInterrupt:
        console.print("Stopping ...")
    finally:
        stream.stop()
    if stream.refusal:
        raise stream.refusal
    return tally.snapshot(time.monotonic())


class _OpenItems:
    """How many items wait for a person, asked for every other second."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._due = 0.0
        self._seen: int | None = None

    def count(self) -> int | None:
        if time.monotonic() >= self._due:
            self._seen = self._door.open_items()
            self._due = time.monotonic() + _COUNT_ITEMS_EVERY
        return self._seen
