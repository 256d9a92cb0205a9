"""The one way out: a POST to an address that was checked in the moment of connecting."""

import socket
import ssl
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

import httpcore2

from safety.jobs.destinations import Destination, DestinationRefused, is_public, read_destination
from safety.jobs.dial import Dial

Resolve = Callable[[str, int], list[str]]

# Standard Webhooks, operational considerations: 15 to 30 seconds.
ATTEMPT_SECONDS: Final = 15.0
_MOST_ANSWER: Final = 64 * 1024  # bytes


class Undelivered(Exception):
    """Nobody answered; the text says why and never quotes what was sent or received."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the receiver said: its status, and its Retry-After as it wrote it."""

    status: int
    retry_after: str | None


def resolve(host: str, port: int) -> list[str]:
    """Every address that a name has now. Raises `OSError` when it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Outbound:
    """Posts to other people's servers, and refuses to be used against our own network.

    A name is resolved once per attempt. If any of its addresses is not public nothing is sent;
    otherwise the connection goes to an address that was checked, so a name cannot answer one thing
    to the check and another to the connection. TLS and `Host` keep the name. No redirect is
    followed, no proxy of the environment is used, and no connection is kept.
    """

    def __init__(
        self,
        trusted_hosts: Collection[str] = (),
        *,
        resolve: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
        seconds: float = ATTEMPT_SECONDS,
    ) -> None:
        self._trusted_hosts = frozenset(trusted_hosts)
        self._resolve = resolve
        self._tls = tls or ssl.create_default_context()
        self._seconds = seconds

    def check(self, url: str) -> None:
        """Whether a message could go there now: raises what `post` would before it connects."""
        self._addresses(read_destination(url, self._trusted_hosts))

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        """Send a body within fifteen seconds, asking for addresses aside.

        Raises `DestinationRefused` when it must not go there, `Undelivered` when nobody answers.
        """
        destination = read_destination(url, self._trusted_hosts)
        addresses = self._addresses(destination)
        dial = Dial(addresses, time.monotonic() + self._seconds)
        try:
            return self._exchange(destination, dial, body, headers)
        except (httpcore2.TimeoutException, httpcore2.NetworkError) as error:
            raise Undelivered(_words(error)) from error
        except (httpcore2.ProtocolError, OSError) as error:
            raise Undelivered(f"no HTTP answer ({type(error).__name__})") from error

    def _addresses(self, destination: Destination) -> list[str]:
        """Where to connect; never an address that was not looked at."""
        try:
            found = self._resolve(destination.host, destination.port)
        except OSError as error:
            raise Undelivered(f"{destination.host} has no address right now") from error
        if not destination.is_trusted and not all(map(is_public, found)):
            raise DestinationRefused(
                f"{destination.host} has an address that is not public; if it is yours, list the"
                " host in SAFETY_WEBHOOK_ALLOWED_HOSTS"
            )
        return found

    def _exchange(
        self, destination: Destination, dial: Dial, body: bytes, headers: Mapping[str, str]
    ) -> Answered:
        url = httpcore2.URL(
            scheme=destination.scheme,
            host=destination.host,
            port=destination.port,
            target=destination.target,
        )
        sent = {"Host": destination.authority, "Content-Length": str(len(body)), **headers}
        with (
            httpcore2.ConnectionPool(ssl_context=self._tls, network_backend=dial) as pool,
            pool.stream("POST", url, headers=list(sent.items()), content=body) as answer,
        ):
            _drain(answer)
            named = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
            return Answered(answer.status, named.get(b"retry-after"))


def _drain(answer: httpcore2.Response) -> None:
    """Read the little that a polite receiver sends. The status counts, whatever follows it."""
    read = 0
    try:
        for piece in answer.iter_stream():
            read += len(piece)
            if read > _MOST_ANSWER:
                return
    except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError):
        return


def _words(error: Exception) -> str:
    if isinstance(error, httpcore2.TimeoutException):
        return "no answer in time"
    if isinstance(error, httpcore2.ConnectError):
        return "no connection, or no valid certificate"
    return f"the connection broke ({type(error).__name__})"
