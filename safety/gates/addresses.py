"""Who is on the other end of the wire: addresses in one spelling, and which header may say so."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address

# One customer's line gets a /64 at least; a site or a rented server gets a /48 at most.
_LINE_BITS = 64
_SITE_BITS = 48

UNKNOWN = "unknown"
_LONGEST = 64  # an IPv6 address with brackets, scope and port is shorter
_MOST_HOPS = 32  # further left stands what nobody we trust has written


def address_of(ip: str) -> str | None:
    """The one spelling of an address, or None. An IPv4 address mapped into IPv6 is that address."""
    address = _parse(ip)
    return None if address is None else str(address)


def subject_of(ip: str) -> str:
    """What limits count: an IPv4 address, an IPv6 /64, `unknown` for anything else."""
    return _network_of(ip, _LINE_BITS)


def wider_subject_of(ip: str) -> str:
    """What wider limits count: an IPv4 address, an IPv6 /48, `unknown` for anything else."""
    return _network_of(ip, _SITE_BITS)


@dataclass(frozen=True, slots=True)
class Proxies:
    """The networks whose forwarding headers are believed. Raises `ValueError` for a bad network."""

    trusted: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Refuse what is no network, and a network with host bits, which is a slip."""
        for network in self.trusted:
            _network(network)

    def client(self, peer: str, forwarded_for: Sequence[str] = ()) -> str:
        """The client's address: the right-most hop that is not a trusted proxy.

        `forwarded_for` are the values of the X-Forwarded-For headers in their order. They are
        ignored unless the peer is trusted, and when the hops that count are garbage: then it is
        the peer.
        """
        here = _parse(peer)
        if here is None:
            return peer
        if not self._is_trusted(here):
            return str(here)
        client = here
        for hop in _from_the_right(forwarded_for):
            address = _parse(_without_port(hop))
            if address is None:
                return str(here)
            client = address
            if not self._is_trusted(address):
                break
        return str(client)

    def _is_trusted(self, address: Address) -> bool:
        return any(address in _network(text) for text in self.trusted)


@cache
def _network(text: str) -> IPv4Network | IPv6Network:
    return ip_network(text)


def _parse(ip: str) -> Address | None:
    if len(ip) > _LONGEST:
        return None
    try:
        address = ip_address(ip)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or IPv6Address(address.packed)  # without its scope
    return address


def _network_of(ip: str, bits: int) -> str:
    address = _parse(ip)
    if address is None:
        return UNKNOWN
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((address, bits), strict=False))


def _from_the_right(headers: Sequence[str]) -> Iterator[str]:
    left = _MOST_HOPS
    for header in reversed(headers):
        for hop in reversed(header.rsplit(",", left)):
            if left == 0:
                return
            left -= 1
            yield hop.strip(" \t")


def _without_port(hop: str) -> str:
    """The address of `203.0.113.9:4711` and `[2001:db8::9]:4711`, as some proxies write it."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    host, colon, port = hop.partition(":")
    return host if colon and ":" not in port else hop
