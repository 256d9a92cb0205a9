"""Connections that cannot be kept open for nothing: limits that uvicorn itself does not have.

A request's head must arrive within seconds, be of a sane size and name one host; one address may
hold so many connections and no more. What arrives after the head is `web/patience.py`'s.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_PROBLEM = '{{"type":"about:blank","title":"{title}","status":{status}}}'


@dataclass(frozen=True, slots=True)
class Guard:
    """What a connection may do. `exempt` are addresses whose connections are not counted.

    Seconds for the head of a request, its bytes, its header lines, the bytes of its target, and
    connections at once from one address.
    """

    head_seconds: float = 10.0
    head_bytes: int = 32 * 1024
    head_lines: int = 100
    target_bytes: int = 8 * 1024
    per_address: int = 512
    exempt: frozenset[str] = frozenset()
    held: Counter[str] = field(default_factory=Counter)  # connections by address, right now


class _GuardedConnection(HttpToolsProtocol):
    """One connection under a guard."""

    guard: Guard

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._head_bytes = 0
        self._is_in_head = True
        self._has_begun = False  # whether anything of the head has arrived
        self._ended = 0  # messages that arrived whole
        self._timer: asyncio.TimerHandle | None = None
        self._address: str | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        """Count the connection and expect a head."""
        super().connection_made(transport)
        self._expect_head()
        address = self.client[0] if self.client else ""
        if address and address not in self.guard.exempt:
            self._address = address
            self.guard.held[address] += 1
            if self.guard.held[address] > self.guard.per_address:
                self._refuse(HTTPStatus.TOO_MANY_REQUESTS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count the connection no more."""
        self._forget_timer()
        if self._address is not None:
            self.guard.held[self._address] -= 1
            if not self.guard.held[self._address]:
                del self.guard.held[self._address]
            self._address = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; a head that is not complete after it is watched."""
        if self.transport.is_closing():
            return
        ended = self._ended
        super().data_received(data)
        if not self._is_in_head or self.parser is None:
            return
        # Bytes that came with the end of a message may be its body: a head that begins behind it is
        # measured when it is whole.
        if ended == self._ended:
            self._head_bytes += len(data)
        if self._head_bytes > self.guard.head_bytes:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self._timer is None and (self._head_bytes or self._has_begun):
            self._expect_head()

    def on_message_begin(self) -> None:
        """Begin a head."""
        super().on_message_begin()
        self._is_in_head = True
        self._has_begun = True
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        """Let a head through that keeps to the limits."""
        self._is_in_head = False
        self._forget_timer()
        status = self._fault()
        if status is not None:
            self._refuse(status)
            raise _RefusedError
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Expect another head, without a clock: uvicorn ends idle connections."""
        super().on_message_complete()
        self._is_in_head = True
        self._has_begun = False
        self._ended += 1
        self._head_bytes = 0

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, unless it has been refused already."""
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def _fault(self) -> HTTPStatus | None:
        if len(self.url) > self.guard.target_bytes:
            return HTTPStatus.REQUEST_URI_TOO_LONG
        if len(self.headers) > self.guard.head_lines:
            return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        hosts = bodies = size = 0
        for name, text in self.headers:
            size += len(name) + len(text)
            hosts += name == b"host"
            bodies += name in _SAYS_HOW_LONG
        if size > self.guard.head_bytes:
            return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        if hosts != 1 or bodies > 1:
            return HTTPStatus.BAD_REQUEST  # whoever is in front of us may read it another way
        return None

    def _expect_head(self) -> None:
        self._timer = self.loop.call_later(self.guard.head_seconds, self._too_slow)

    def _forget_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        self._timer = None
        if self._is_in_head and not self.transport.is_closing():
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _refuse(self, status: HTTPStatus) -> None:
        body = _PROBLEM.format(title=status.phrase, status=status.value)
        self.transport.write(
            f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            "content-type: application/problem+json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n{body}".encode()
        )
        self.transport.close()


_SAYS_HOW_LONG = (b"content-length", b"transfer-encoding")


class _RefusedError(Exception):
    """Stops the parser: the connection has its answer and is being closed."""


def guarded(guard: Guard) -> type[asyncio.Protocol]:
    """The class that uvicorn makes of each connection, under this guard."""
    return type("GuardedConnection", (_GuardedConnection,), {"guard": guard})
