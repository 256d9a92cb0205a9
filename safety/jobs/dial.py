"""The network as one attempt may use it: known addresses only, and one deadline for everything."""
# ruff: noqa: ARG002  the library's signatures; timeouts of single steps give way to the deadline

import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore2


class Dial(httpcore2.NetworkBackend):
    """Connects to given addresses and to no others, and ends everything at one moment."""

    def __init__(self, addresses: list[str], deadline: float) -> None:
        self._addresses = addresses
        self._deadline = deadline
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """A connection to the first of the addresses that answers, whatever the name says now."""
        failure: Exception = httpcore2.ConnectError("no address")
        for tried, address in enumerate(self._addresses):
            try:
                # One that is silent leaves the others their share of the time.
                left = remaining(self._deadline) / (len(self._addresses) - tried)
                stream = self._sockets.connect_tcp(address, port, left, None, socket_options or ())
                return Timed(stream, self._deadline)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure


class Timed(httpcore2.NetworkStream):
    """A stream whose every step ends at the same moment: trickling does not buy time."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, remaining(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, remaining(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        left = remaining(self._deadline)
        return Timed(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def remaining(deadline: float) -> float:
    """Seconds until then. Raises `httpcore2.ReadTimeout` when there are none left."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("the deadline has passed")
    return left
