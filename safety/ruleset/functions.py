"""What conditions can call: signatures for the checker, and meanings over values that are there."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from socket import AF_INET, AF_INET6, inet_pton
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from safety.domain.features import Kind
from safety.ruleset import patterns
from safety.text.links import registrable

TEXTS = frozenset({Kind.STRING, Kind.ENTITY})
NUMBERS = frozenset({Kind.INT, Kind.FLOAT})
MEASURES = frozenset({Kind.INT, Kind.FLOAT, Kind.DURATION})


@dataclass(frozen=True, slots=True)
class Parameter:
    """What one argument must be. `literal` asks for a constant written in the rule."""

    kinds: frozenset[Kind]
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the language. `kind` None means the kind of the first argument.

    `meaning` gets arguments that are all present and answers None for "cannot be said".
    """

    name: str
    parameters: tuple[Parameter, ...]
    kind: Kind | None
    meaning: Callable[..., object]
    repeats: bool = False  # the last parameter may be given more than once
    usage: str = ""


_TEXT = Parameter(TEXTS)
_LITERAL = Parameter(frozenset({Kind.STRING}), literal=True)
_STRINGS = Parameter(frozenset({Kind.STRINGS}))
_WORDS = Parameter(frozenset({Kind.STRINGS}), literal=True)
_SIZED = Parameter(TEXTS | {Kind.STRINGS})
_TIME = Parameter(frozenset({Kind.TIME}))


def _overlaps(some: tuple[str, ...], others: "tuple[str, ...] | frozenset[str]") -> bool:
    return not frozenset(some).isdisjoint(others)


def _contains_any(text: str, words: "tuple[str, ...] | frozenset[str]") -> bool:
    return patterns.found(patterns.word_pattern(frozenset(words)), text)


def _hour(at: float, zone: str = "UTC") -> int | None:
    moment = _moment(at, zone)
    return None if moment is None else moment.hour


def _weekday(at: float, zone: str = "UTC") -> int | None:
    moment = _moment(at, zone)
    return None if moment is None else moment.isoweekday()


def _moment(at: float, zone: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(at, _zone(zone))
    except (ValueError, OverflowError, OSError):  # a year that calendars do not have
        return None


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def is_time_zone(name: str) -> bool:
    """Whether this machine knows the time zone."""
    try:
        _zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _domain_of(text: str) -> str | None:
    """The registrable domain of an address, a link or a host."""
    host = text.rpartition("@")[2] if "://" not in text else text.partition("://")[2]
    host = host.partition("/")[0].rpartition("@")[2].partition(":")[0].strip().lower()
    return registrable(host) or None


def _ip_in(address: str, *ranges: "str | tuple[str, ...] | frozenset[str]") -> bool | None:
    if len(ranges) == 1 and isinstance(ranges[0], frozenset):  # a list: its hash is remembered
        return networks(ranges[0]).holds(address)
    listed = (r for given in ranges for r in ((given,) if isinstance(given, str) else given))
    return networks(frozenset(listed)).holds(address)


IPV4, IPV6 = 4, 6
IPV6_LINE = 64  # one customer's line: what an IPv6 address counts as


class Networks:
    """Address ranges, looked up by prefix length. An IPv6 address is known by its /64 only."""

    def __init__(self, ranges: frozenset[str]) -> None:
        self._by_prefix: dict[tuple[int, int], set[int]] = {}
        for text in ranges:
            network = parse_network(text)
            if network:
                if network.version == IPV6 and network.prefixlen > IPV6_LINE:
                    network = network.supernet(new_prefix=IPV6_LINE)
                shift = network.max_prefixlen - network.prefixlen
                heads = self._by_prefix.setdefault((network.version, shift), set())
                heads.add(int(network.network_address) >> shift)

    def holds(self, address: str) -> bool | None:
        """Whether an address lies in one of the ranges; None when it is no address."""
        parsed = _number(address)
        if parsed is None:
            return None
        number, version = parsed
        for (wanted, shift), heads in self._by_prefix.items():
            if wanted == version and number >> shift in heads:
                return True
        return False


@lru_cache(maxsize=256)
def networks(ranges: frozenset[str]) -> Networks:
    """The ranges ready for look-ups."""
    return Networks(ranges)


@lru_cache(maxsize=65_536)  # parsing an address costs more than a whole ruleset
def _number(address: str) -> tuple[int, int] | None:
    head = address.partition("/")[0]
    try:
        if ":" in head:
            return int.from_bytes(inet_pton(AF_INET6, head)), IPV6
        return int.from_bytes(inet_pton(AF_INET, head)), IPV4
    except (OSError, ValueError):
        return None


def parse_network(text: str) -> IPv4Network | IPv6Network | None:
    """An address or a range such as `10.0.0.0/8`, or None."""
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _arithmetic(operate: Callable[[float, float], float]) -> Callable[[float, float], float | None]:
    """An operator that answers None where Python would raise or leave the numbers."""

    def total(one: float, other: float) -> float | None:
        try:
            result = operate(one, other)
        except (ZeroDivisionError, OverflowError):
            return None
        return result if isinstance(result, int) or math.isfinite(result) else None

    return total


OPERATORS: Mapping[str, Callable[[float, float], float | None]] = {
    "+": _arithmetic(lambda one, other: one + other),
    "-": _arithmetic(lambda one, other: one - other),
    "*": _arithmetic(lambda one, other: one * other),
    "/": _arithmetic(lambda one, other: one / other),
}

_MATCHING = Parameter(frozenset({Kind.STRINGS, Kind.STRING}), literal=True)
_MEASURE = Parameter(MEASURES | {Kind.TIME})

FUNCTIONS: Mapping[str, Function] = {
    function.name: function
    for function in (
        Function("matches", (_TEXT, _LITERAL), Kind.BOOL, lambda text, p: patterns.found(p, text),
                 usage='content.text.matches(r"...")'),
        Function("contains", (_TEXT, _LITERAL), Kind.BOOL, lambda text, part: part in text,
                 usage='content.text.contains("...")'),
        Function("contains_any", (_TEXT, _WORDS), Kind.BOOL, _contains_any,
                 usage="content.text_folded.contains_any(lists.words)"),
        Function("starts_with", (_TEXT, _LITERAL), Kind.BOOL, lambda text, s: text.startswith(s),
                 usage='content.text.starts_with("...")'),
        Function("ends_with", (_TEXT, _LITERAL), Kind.BOOL, lambda text, s: text.endswith(s),
                 usage='content.text.ends_with("...")'),
        Function("overlaps", (_STRINGS, _STRINGS), Kind.BOOL, _overlaps,
                 usage="overlaps(content.link_domains, lists.shorteners)"),
        Function("ip_in", (_TEXT, _MATCHING), Kind.BOOL, _ip_in, repeats=True,
                 usage='ip_in(net.ip, "10.0.0.0/8", ...) or ip_in(net.ip, lists.networks)'),
        Function("lower", (_TEXT,), Kind.STRING, lambda text: text.lower(), usage="lower(text)"),
        Function("length", (_SIZED,), Kind.INT, len, usage="length(text)"),
        Function("domain_of", (_TEXT,), Kind.STRING, _domain_of, usage="domain_of(text)"),
        Function("hour", (_TIME,), Kind.INT, _hour, usage='hour(time, tz="Europe/Paris")'),
        Function("weekday", (_TIME,), Kind.INT, _weekday, usage='weekday(time, tz="Europe/Paris")'),
        Function("min", (_MEASURE, _MEASURE), None, lambda *numbers: min(numbers), repeats=True,
                 usage="min(a, b)"),
        Function("max", (_MEASURE, _MEASURE), None, lambda *numbers: max(numbers), repeats=True,
                 usage="max(a, b)"),
        Function("abs", (Parameter(MEASURES),), None, abs, usage="abs(number)"),
    )
}  # fmt: skip
