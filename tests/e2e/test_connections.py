"""Connections that are held open for nothing are ended, and odd heads never reach the service."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from safety.web.connection import Guard, guarded
from tests.live import free_port

HEAD_SECONDS = 0.4
POST = b"POST / HTTP/1.1\r\nHost: gate\r\n"
GET = b"GET / HTTP/1.1\r\nHost: gate\r\n\r\n"


async def answers_ok(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    if scope["path"] == "/slow":
        await asyncio.sleep(2 * HEAD_SECONDS)
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


@dataclass(frozen=True)
class Line:
    """A server behind a guard."""

    port: int
    guard: Guard

    def open(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=5)

    def say(self, *pieces: bytes) -> bytes:
        """Everything the server answers until it closes, or stays silent for a second."""
        with self.open() as line:
            line.settimeout(1)
            with suppress(OSError):  # it may have closed already, with an answer on its way
                for piece in pieces:
                    line.sendall(piece)
                    time.sleep(0.05)
            return heard(line)

    def status(self, *pieces: bytes) -> int:
        return int(self.say(*pieces).split()[1])


def heard(line: socket.socket) -> bytes:
    answer = b""
    try:
        while chunk := line.recv(65_536):
            answer += chunk
    except (TimeoutError, ConnectionResetError):
        pass
    return answer


@pytest.fixture
def line() -> Iterator[Line]:
    guard = Guard(head_seconds=HEAD_SECONDS, per_address=5)
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(
            answers_ok, port=port, http=guarded(guard), lifespan="off", ws="none", log_config=None
        )
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Line(port, guard)
    server.should_exit = True
    thread.join(10)


def test_ordinary_requests_pass_also_on_one_connection(line: Line) -> None:
    assert line.status(GET) == 200
    assert line.say(GET, GET).count(b"200 OK") == 2


def test_a_long_body_is_no_long_head(line: Line) -> None:
    body = b"x" * 100_000
    request = POST + b"Content-Length: %d\r\n\r\n" % len(body)
    assert line.status(request + body) == 200
    assert line.status(request, body) == 200
    assert (
        line.say(request + body, GET, request, body[:40_000], body[40_000:]).count(b"200 OK") == 3
    )


def test_an_answer_may_take_longer_than_a_head(line: Line) -> None:
    slow = GET.replace(b"GET / ", b"GET /slow ")
    answer = line.say(slow)
    assert b"200 OK" in answer
    assert b"408" not in answer


@pytest.mark.parametrize("pieces", [[], [b"GET / HTTP/1.1\r\nHos"], [b"\r\n"]])
def test_a_head_that_does_not_arrive_ends_the_connection(
    line: Line, pieces: Sequence[bytes]
) -> None:
    began = time.monotonic()
    assert line.status(*pieces) == 408
    assert time.monotonic() - began < 3


def test_a_second_head_has_its_time_too(line: Line) -> None:
    assert b"408 Request Timeout" in line.say(GET, b"GET / HT")
    assert b"408 Request Timeout" in line.say(GET + b"GET / HT")


def test_dripping_bytes_does_not_stretch_the_time(line: Line) -> None:
    began = time.monotonic()
    with line.open() as dripping, suppress(OSError):
        for _ in range(100):
            dripping.sendall(b"G")
            time.sleep(0.05)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 40_000 + b"\r\n\r\n", 431),
        (POST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400),
        (POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    ],
)
def test_a_head_that_can_be_read_two_ways_or_is_too_much_is_refused(
    line: Line, head: bytes, status: int
) -> None:
    assert line.status(head) == status


def test_a_head_without_end_is_cut(line: Line) -> None:
    assert line.status(b"GET / HTTP/1.1\r\nHost: a\r\nX: ", *[b"y" * 20_000] * 3) == 431


def test_one_address_holds_so_many_connections_and_is_served_again_afterwards(line: Line) -> None:
    held = [line.open() for _ in range(5)]
    time.sleep(0.1)
    with line.open() as sixth:
        assert b"429" in heard(sixth)
    for each in held:
        each.close()
    time.sleep(0.1)
    assert line.status(GET) == 200
    assert sum(line.guard.held.values()) <= 1


def test_two_hundred_slow_callers_are_all_cut(line: Line) -> None:
    slow = []
    for _ in range(200):
        each = line.open()
        each.sendall(b"GET / HT")
        slow.append(each)
    answers = [heard(each) for each in slow]
    assert all(b"408" in answer or b"429" in answer or not answer for answer in answers)
    for each in slow:
        each.close()
    time.sleep(0.1)
    assert not line.guard.held
