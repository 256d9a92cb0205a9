"""Is a value what its feature promises? One check per kind gives the value as rules read it."""

import math
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton

from safety.domain.features import Feature, Kind, Value

ID_LENGTH = 256
LIST_LENGTH = 100
LARGEST_INT = 2**63 - 1

Check = Callable[[object], Value]


class Wrong(ValueError):
    """A value has the wrong shape; the text says what was expected and never what was given."""


def _text(given: object, longest: int) -> str:
    if type(given) is not str:
        raise Wrong("must be a string")
    if len(given) > longest:
        raise Wrong(f"must have at most {longest} characters")
    if "\0" in given:
        raise Wrong("must not contain NUL")
    if not given.isascii():
        try:
            given.encode("utf-8")
        except UnicodeEncodeError:
            raise Wrong("contains half a surrogate pair") from None
    return given


def identifier(given: object) -> str:
    """A string of 1 to 256 characters. Raises `Wrong`."""
    text = _text(given, ID_LENGTH)
    if not text:
        raise Wrong("must not be empty")
    return text


def _boolean(given: object) -> bool:
    if type(given) is not bool:
        raise Wrong("must be true or false")
    return given


def _integer(given: object) -> int:
    if type(given) is not int or not -LARGEST_INT <= given <= LARGEST_INT:
        raise Wrong("must be a whole number of at most 64 bits")
    return given


def _number(given: object) -> float:
    if type(given) is float and math.isfinite(given):
        return given
    if type(given) is int and -LARGEST_INT <= given <= LARGEST_INT:
        return float(given)
    raise Wrong("must be a finite number")


def moment(given: object) -> float:
    """Unix seconds, from an RFC 3339 time or a number. Raises `Wrong`."""
    if type(given) is str and len(given) <= 40:  # noqa: PLR2004  an RFC 3339 time is shorter
        try:
            parsed = datetime.fromisoformat(given)
        except ValueError:
            raise Wrong(_TIME_WANTED) from None
        if parsed.tzinfo is None:
            raise Wrong("needs a time zone, such as Z")
        try:
            return _since_1970(parsed.timestamp())
        except OverflowError:
            raise Wrong(_TIME_WANTED) from None
    if type(given) in (int, float):
        return _since_1970(_number(given))
    raise Wrong(_TIME_WANTED)


_TIME_WANTED = "must be an RFC 3339 time or Unix seconds"
_YEAR_2200 = 7_258_118_400.0


def _since_1970(moment: float) -> float:
    if not 0 <= moment <= _YEAR_2200:
        raise Wrong("must lie between 1970 and 2200")
    return moment


def _strings(given: object) -> tuple[str, ...]:
    if type(given) is not list or len(given) > LIST_LENGTH:
        raise Wrong(f"must be a list of at most {LIST_LENGTH} strings")
    return tuple(_text(each, ID_LENGTH) for each in given)


@lru_cache(maxsize=65_536)
def _address(text: str) -> str:
    """The entity an address counts as: IPv4 alone, IPv6 by its /64, mapped IPv4 unfolded."""
    try:
        if ":" not in text:
            return inet_ntop(AF_INET, inet_pton(AF_INET, text))
        packed = inet_pton(AF_INET6, text)
    except (OSError, ValueError):
        raise Wrong("must be an IPv4 or IPv6 address") from None
    if packed.startswith(_MAPPED_IPV4):
        return inet_ntop(AF_INET, packed[12:])
    return f"{inet_ntop(AF_INET6, packed[:8] + bytes(8))}/64"


_MAPPED_IPV4 = bytes(10) + b"\xff\xff"


def plain_type(feature: Feature) -> tuple[type | None, int]:
    """The type whose values are right without asking the check, and the longest such ASCII text."""
    if feature.name == "net.ip":
        return None, 0
    longest = {Kind.STRING: feature.max_length, Kind.ENTITY: ID_LENGTH}
    if feature.kind in longest:
        return str, longest[feature.kind]
    return (bool, 0) if feature.kind is Kind.BOOL else (None, 0)


def check_for(feature: Feature) -> Check:
    """The check of a feature that platforms send. Raises `Wrong` when called with a bad value."""
    if feature.name == "net.ip":
        return lambda given: _address(identifier(given))
    if feature.kind is Kind.STRING:
        longest = feature.max_length
        return lambda given: _text(given, longest)
    return _CHECKS[feature.kind]


_CHECKS: dict[Kind, Check] = {
    Kind.BOOL: _boolean,
    Kind.INT: _integer,
    Kind.FLOAT: _number,
    Kind.ENTITY: identifier,
    Kind.STRINGS: _strings,
    Kind.TIME: moment,
    Kind.DURATION: _number,
}
