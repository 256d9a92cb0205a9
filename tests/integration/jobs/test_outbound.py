"""The way out, over real sockets: to checked addresses, in time, and nowhere else."""

import socket
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from safety.jobs.destinations import DestinationRefused
from safety.jobs.outbound import Outbound, Undelivered
from tests.integration.jobs.certificates import contexts_for
from tests.receiver import Received, Receiver, Reply, raw_server, running_receiver

LOOPBACK = ("127.0.0.1",)
NAME = "hooks.example.com"

Talk = Callable[[socket.socket], None]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as listening:
        yield listening


def post(outbound: Outbound, url: str) -> int:
    return outbound.post(url, b"{}", {"webhook-id": "msg_1"}).status


def test_a_message_arrives_as_it_was_sent(receiver: Receiver) -> None:
    assert post(Outbound(LOOPBACK), f"{receiver.url}hook?site=1") == 200
    (came,) = receiver.received
    assert (came.path, came.body, came.id) == ("/hook?site=1", b"{}", "msg_1")
    assert came.headers["host"] == f"127.0.0.1:{receiver.port}"


def test_the_connection_goes_to_the_address_that_was_checked(receiver: Receiver) -> None:
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    outbound = Outbound([NAME], resolve=resolve)
    assert post(outbound, f"http://{NAME}:{receiver.port}/") == 200
    assert asked == [NAME], "a name is asked for once, so it cannot change its mind"
    assert receiver.received[0].headers["host"] == f"{NAME}:{receiver.port}"


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["93.184.215.14", "127.0.0.1"],
        ["93.184.215.14", "::ffff:127.0.0.1"],
        ["169.254.169.254"],
        ["fe80::1%lo"],
        ["64:ff9b::7f00:1"],
        ["not an address"],
    ],
)
def test_a_name_with_one_address_inside_is_not_called(addresses: list[str]) -> None:
    outbound = Outbound(resolve=lambda _host, _port: addresses)
    with pytest.raises(DestinationRefused, match="not public"):
        post(outbound, f"https://{NAME}/")
    with pytest.raises(DestinationRefused, match="not public"):
        outbound.check(f"https://{NAME}/")


def test_a_name_is_looked_at_again_for_every_attempt(receiver: Receiver) -> None:
    answers = iter([["192.168.0.7"], ["10.0.0.1"]])
    outbound = Outbound(resolve=lambda _host, _port: next(answers))
    for _ in range(2):
        with pytest.raises(DestinationRefused):
            post(outbound, f"https://{NAME}/")
    assert receiver.received == []


def test_a_redirect_is_an_answer_and_not_a_way(receiver: Receiver) -> None:
    with running_receiver() as trap:
        receiver.reply = lambda _: Reply(302, {"Location": trap.url})
        assert post(Outbound(LOOPBACK), receiver.url) == 302
        assert trap.received == []


def test_proxies_of_the_environment_are_not_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_receiver() as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert post(Outbound(LOOPBACK), receiver.url) == 200
        assert proxy.received == []


def test_tls_is_for_the_name_and_not_for_the_address(tmp_path: Path) -> None:
    shown, believed = contexts_for(NAME, tmp_path)
    with running_receiver(shown) as receiver:
        outbound = Outbound(
            [NAME, "other.example.com"], resolve=lambda *_: ["127.0.0.1"], tls=believed
        )
        assert post(outbound, f"https://{NAME}:{receiver.port}/") == 200
        with pytest.raises(Undelivered, match="certificate"):
            post(outbound, f"https://other.example.com:{receiver.port}/")


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    shown, _ = contexts_for(NAME, tmp_path)
    with running_receiver(shown) as receiver:
        outbound = Outbound([NAME], resolve=lambda *_: ["127.0.0.1"])
        with pytest.raises(Undelivered, match="certificate"):
            post(outbound, f"https://{NAME}:{receiver.port}/")
    assert receiver.received == []


def test_one_address_that_is_silent_does_not_hide_the_next(receiver: Receiver) -> None:
    # 127.0.0.9 refuses, as nothing listens there.
    outbound = Outbound([NAME], resolve=lambda *_: ["127.0.0.9", "127.0.0.1"])
    assert post(outbound, f"http://{NAME}:{receiver.port}/") == 200


def test_nobody_home_is_said_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Undelivered, match="no connection"):
        post(Outbound(LOOPBACK), f"http://127.0.0.1:{port}/")


def test_a_name_without_an_address_is_said_in_words() -> None:
    def resolve(_host: str, _port: int) -> list[str]:
        raise socket.gaierror

    outbound = Outbound(resolve=resolve)
    with pytest.raises(Undelivered, match="no address right now"):
        post(outbound, f"https://{NAME}/")
    with pytest.raises(Undelivered, match="no address right now"):
        outbound.check(f"https://{NAME}/")


def silent(connection: socket.socket) -> None:
    connection.recv(65_536)
    time.sleep(5)


def trickling(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _ in count():
        connection.sendall(b"x")
        time.sleep(0.02)


@pytest.mark.parametrize("talk", [silent, trickling])
def test_an_answer_that_does_not_come_in_time_is_given_up(talk: Talk) -> None:
    with raw_server(talk) as port:
        begun = time.monotonic()
        with pytest.raises(Undelivered, match="in time"):
            post(Outbound(LOOPBACK, seconds=0.3), f"http://127.0.0.1:{port}/")
        assert time.monotonic() - begun < 2


def endless(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in count():
        connection.sendall(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")


def hushed(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
    time.sleep(5)


@pytest.mark.parametrize("talk", [endless, hushed])
def test_the_status_counts_whatever_follows_it(talk: Talk) -> None:
    with raw_server(talk) as port:
        assert post(Outbound(LOOPBACK, seconds=0.5), f"http://127.0.0.1:{port}/") == 200


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"a" * 300_000,
    ],
)
def test_what_is_no_http_is_no_answer(said: bytes) -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(said)

    with raw_server(talk) as port, pytest.raises(Undelivered):
        post(Outbound(LOOPBACK, seconds=2), f"http://127.0.0.1:{port}/")


def test_the_receivers_own_words_never_come_back(receiver: Receiver) -> None:
    receiver.reply = lambda _received: Reply(500, {"Retry-After": "7"}, b"secret words")
    answered = Outbound(LOOPBACK).post(receiver.url, b"{}", {"webhook-id": "msg_1"})
    assert (answered.status, answered.retry_after) == (500, "7")
    assert "secret" not in repr(answered)


def test_received_headers_are_ours_alone(receiver: Receiver) -> None:
    def reply(received: Received) -> Reply:
        assert set(received.headers) == {"host", "content-length", "webhook-id"}
        return Reply(204)

    receiver.reply = reply
    assert post(Outbound(LOOPBACK), receiver.url) == 204
