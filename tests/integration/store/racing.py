"""A process that tries one thing again and again, and prints how often it was told that it worked.

It says "ready", waits for a line, and starts, so that several can start together.
"""

import sys
from collections.abc import Callable

from sqlalchemy import Connection

from safety.store import recovery, throttle, totp
from safety.store.engine import open_engine, write
from tests.integration.store.entries import NOW

TRIES = 40
STEPS = 10
CODES = 10
MOST = 15


def accept_a_step(connection: Connection, number: int) -> bool:
    return totp.accept_step(connection, "acme", "acc_mia", step=1 + number % STEPS, drift=0)


def spend_a_code(connection: Connection, number: int) -> bool:
    return recovery.spend_code(connection, "acme", "acc_mia", f"code{number % CODES}", NOW)


def take_a_try(connection: Connection, number: int) -> bool:
    taken = throttle.take(
        connection, "acme", "codes", "acc_mia", most=MOST, within=900, at=NOW + number / 1000
    )
    return taken.is_allowed


ACTS: dict[str, Callable[[Connection, int], bool]] = {
    act.__name__: act for act in (accept_a_step, spend_a_code, take_a_try)
}


def main(url: str, act: str) -> None:
    engine = open_engine(url)
    print("ready", flush=True)  # noqa: T201  the caller reads it
    sys.stdin.readline()
    worked = 0
    for number in range(TRIES):
        with write(engine) as connection:
            worked += ACTS[act](connection, number)
    engine.dispose()
    print(worked)  # noqa: T201  the caller reads it


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
