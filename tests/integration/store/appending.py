"""A process that appends to a ledger until it is killed; it prints what was acknowledged."""

import os
import sys
from functools import partial
from threading import Semaphore

from safety.store.engine import open_engine
from safety.store.ledger import AppendResult, Ledger, Written
from tests.integration.store.entries import an_entry, an_item

IN_FLIGHT = 32


def main(url: str) -> None:
    ledger = Ledger(open_engine(url))
    ledger.start()
    free = Semaphore(IN_FLIGHT)

    def acknowledge(decision_id: str, result: AppendResult) -> None:
        if isinstance(result, Written):
            os.write(1, f"{decision_id}\n".encode())
        free.release()

    number = 0
    while True:
        number += 1
        name = f"{os.getpid()}_{number}"
        free.acquire()
        entry = an_entry(f"event_{name}", id=f"dec_{name}", item=an_item(f"itm_{name}"))
        ledger.append(entry, partial(acknowledge, entry.id))


main(sys.argv[1])
