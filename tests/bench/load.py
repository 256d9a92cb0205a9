"""A load generator: many keep-alive connections, each waiting for its answer before it asks again.

Runs as a process of its own (`python -m tests.bench.load`), so that it never shares an interpreter
with what it measures. Prints one JSON line.
"""

import asyncio
import json
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import cast

import uvloop


@dataclass(slots=True)
class Run:
    """What one run saw: seconds per answer, and answers that were not 200."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    ends: float = 0.0
    pause: float = 0.0  # seconds between an answer and the next question, on average


class Client(asyncio.Protocol):
    """One connection that asks, waits and asks again until the run ends."""

    def __init__(self, requests: Iterator[bytes], run: Run, done: asyncio.Event) -> None:
        self._requests = requests
        self._run = run
        self._done = done
        self._received = b""
        self._dice = random.Random(id(self))  # noqa: S311  for pace, not for secrets
        self._sent = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        self._received = b""
        now = time.perf_counter()
        self._run.seconds.append(now - self._sent)
        self._run.statuses[int(head[9:12])] += 1
        if now < self._run.ends:
            if self._run.pause:
                # As people do: not all at once, and not to the beat.
                pause = self._run.pause * self._dice.uniform(0.2, 1.8)
                asyncio.get_running_loop().call_later(pause, self._ask)
            else:
                self._ask()
        elif self._transport is not None:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._done.set()

    def _ask(self) -> None:
        self._sent = time.perf_counter()
        if self._transport is not None:
            self._transport.write(next(self._requests))


async def hammer(
    port: int, path: str, key: str, bodies: list[bytes], spec: dict[str, float]
) -> Run:
    """Send the bodies round and round over `spec["connections"]` for `spec["seconds"]`."""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {key}\r\n"
        "content-type: application/json\r\ncontent-length: "
    ).encode()
    requests = cycle([head + b"%d\r\n\r\n" % len(body) + body for body in bodies])
    run = Run(ends=time.perf_counter() + spec["seconds"], pause=spec.get("pause", 0.0))
    loop = asyncio.get_running_loop()
    ends = [asyncio.Event() for _ in range(int(spec["connections"]))]
    for end in ends:
        await loop.create_connection(lambda end=end: Client(requests, run, end), "127.0.0.1", port)  # type: ignore[misc]  # each client its own end
    await asyncio.gather(*(end.wait() for end in ends))
    return run


def main() -> None:
    """Read a JSON specification from the first argument, hammer, and print what was seen."""
    spec = json.loads(sys.argv[1])
    bodies = Path(spec["bodies"]).read_bytes().splitlines()
    skip = int(spec.get("skip", 0)) % len(bodies)
    began = time.perf_counter()
    run = uvloop.run(hammer(spec["port"], spec["path"], spec["key"], bodies[skip:], spec))
    took = time.perf_counter() - began
    ordered = sorted(run.seconds)
    print(
        json.dumps(
            {
                "per_second": len(ordered) / took,
                "p50_ms": statistics.median(ordered) * 1000,
                "p99_ms": ordered[int(len(ordered) * 0.99)] * 1000,
                "requests": len(ordered),
                "refused": run.statuses.total() - run.statuses[200],
                "statuses": {str(status): n for status, n in run.statuses.items()},
            }
        )
    )


if __name__ == "__main__":
    main()
