"""Destinations: which addresses of the network a message may be sent to. No network in here."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

_HTTPS: Final = 443
_PORTS: Final = frozenset({_HTTPS, 8443})
_LONGEST_URL: Final = 2048
_LONGEST_HOST: Final = 253  # RFC 1035

# Nothing but this, so that no two parsers can read one URL in two ways: no userinfo, no fragment,
# no backslash, no control or non-ASCII character.
_URL: Final = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<target>(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?)"
)
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# What old resolvers read as a number: 127.1, 0x7f.0.0.1, 2130706433.
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")

# IANA IPv4 Special-Purpose Address Registry, multicast and reserved space.
_REFUSED_V4: Final = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",  # shared by customers of a carrier
            "127.0.0.0/8",
            "169.254.0.0/16",  # link-local; clouds keep credentials here
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",  # relays of 6to4
            "192.168.0.0/16",
            "192.175.48.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
# Global unicast is 2000::/3 so far. Mapped addresses, NAT64 and whatever is private lie outside.
_GLOBAL_V6: Final = IPv6Network("2000::/3")
_REFUSED_V6: Final = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
            "2001:db8::/32",
            "2002::/16",  # 6to4 carries any IPv4 address
            "2620:4f:8000::/48",
            "3fff::/20",
        ),
    )
)


class DestinationRefused(Exception):
    """Messages are not sent there; the text says why, for the operator who set it."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A URL that was read and may be tried; `is_trusted` when the operator listed its host."""

    scheme: str
    host: str
    port: int
    target: str
    is_trusted: bool

    @property
    def authority(self) -> str:
        """The host as the receiver reads it in a request, with the port unless it goes unsaid."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = _HTTPS if self.scheme == "https" else 80
        return host if self.port == usual else f"{host}:{self.port}"


def read_destination(url: str, trusted_hosts: Collection[str] = ()) -> Destination:
    """Read a URL. Raises `DestinationRefused` for one that is not to be called.

    `trusted_hosts` may be reached over HTTP, on any port and on private networks.
    """
    found = _URL.fullmatch(url) if len(url) <= _LONGEST_URL else None
    if found is None:
        raise DestinationRefused(
            "a URL looks like https://example.com/path: ASCII, without a user, a password or a #"
        )
    host = _read_host(found["host"].lower())
    scheme, trusted = found["scheme"], host in {each.lower().strip("[]") for each in trusted_hosts}
    port = int(found["port"] or (_HTTPS if scheme == "https" else 80))
    if not trusted:
        _check_public(scheme, host, port)
    if not 0 < port < 2**16:
        raise DestinationRefused("a port is a number from 1 to 65535")
    target = found["target"] or "/"
    return Destination(
        scheme, host, port, target if target.startswith("/") else f"/{target}", trusted
    )


def is_public(address: str) -> bool:
    """Whether a numeric address is global unicast. False for anything that is no address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        return not any(parsed in network for network in _REFUSED_V4)
    if parsed.scope_id is not None or parsed not in _GLOBAL_V6:
        return False
    return not any(parsed in network for network in _REFUSED_V6)


def _read_host(host: str) -> str:
    """A name or a numeric address in the one way to write it."""
    try:
        if host.startswith("["):
            return str(IPv6Address(host[1:-1]))
        if _NUMBER.fullmatch(host.rpartition(".")[2]):
            return str(IPv4Address(host))
    except ValueError:
        raise DestinationRefused(f"{host} is no address in its usual form") from None
    labels = host.split(".")
    if len(host) > _LONGEST_HOST or not all(map(_LABEL.fullmatch, labels)):
        raise DestinationRefused(f"{host[:_LONGEST_HOST]} is no name of a host")
    return host


def _check_public(scheme: str, host: str, port: int) -> None:
    advice = "or list the host in SAFETY_WEBHOOK_ALLOWED_HOSTS"
    if scheme != "https":
        raise DestinationRefused(f"messages go over HTTPS only: use https://, {advice}")
    if port not in _PORTS:
        raise DestinationRefused(f"port {port} is refused: use 443 or 8443, {advice}")
    is_number = ":" in host or host[-1].isdigit()
    if is_number and not is_public(host):
        raise DestinationRefused(f"{host} is no public address: use one, {advice}")
    if not is_number and "." not in host:
        raise DestinationRefused(f"{host} is no public name: use one with a dot, {advice}")
