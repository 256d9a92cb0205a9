"""A sender in a process of its own, for a test that kills it: database URL, vault key and poll."""

import sys
import time

from safety.gates.vault import KeyRing, Vault
from safety.jobs.courier import Courier
from safety.jobs.outbound import Outbound
from safety.jobs.sender import Pace, Sender
from safety.store.deliveries import Deliveries
from safety.store.engine import open_engine


def main(url: str, key: str) -> None:
    """Send until somebody ends this process."""
    vault = Vault(KeyRing("k1", {"k1": bytes.fromhex(key)}))
    sender = Sender(
        deliveries=Deliveries(open_engine(url)),
        courier=Courier(Outbound(("127.0.0.1",)), vault.open, time.time),
        clock=time.time,
        chance=lambda: 0.0,
        pace=Pace(poll=0.02, lease=2.0),
    )
    sender.start()
    while True:
        time.sleep(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
