"""How dear one password hash is: named argon2id parameters with their sources, and their bounds."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from argon2 import Parameters, Type

# What is hashed before anybody is known to be right must be cheap enough to refuse: a hash in the
# database that asks for more than this (S03's bounds) was not made by us and is never computed.
MOST_MEMORY_KIB = 128 * 1024
MOST_PASSES = 10
MOST_LANES = 16

_VERSION = 19  # argon2 1.3, the version of RFC 9106
_SALT_BYTES = 16
_HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class Profile:
    """A name for argon2's parameters, and who recommends them."""

    name: str
    source: str
    parameters: Parameters

    @property
    def work(self) -> int:
        """What one hash costs, in KiB written: time is in proportion to it."""
        return work_of(self.parameters)


def work_of(parameters: Parameters) -> int:
    """What one hash of these parameters costs, in KiB written."""
    return parameters.memory_cost * parameters.time_cost


def is_affordable(parameters: Parameters) -> bool:
    """Whether a stored hash of these parameters may be computed at all."""
    return (
        0 < parameters.memory_cost <= MOST_MEMORY_KIB
        and 0 < parameters.time_cost <= MOST_PASSES
        and 0 < parameters.parallelism <= MOST_LANES
    )


def _argon2id(*, memory_kib: int, passes: int, lanes: int) -> Parameters:
    return Parameters(
        type=Type.ID,
        version=_VERSION,
        salt_len=_SALT_BYTES,
        hash_len=_HASH_BYTES,
        time_cost=passes,
        memory_cost=memory_kib,
        parallelism=lanes,
    )


_OWASP = "OWASP Password Storage Cheat Sheet, argon2id"
_ALL = (
    Profile(
        "owasp-19mib",
        f"{_OWASP}, second option",
        _argon2id(memory_kib=19 * 1024, passes=2, lanes=1),
    ),
    Profile(
        "owasp-46mib",
        f"{_OWASP}, first option",
        _argon2id(memory_kib=46 * 1024, passes=1, lanes=1),
    ),
    Profile(
        "owasp-12mib",
        f"{_OWASP}, third option",
        _argon2id(memory_kib=12 * 1024, passes=3, lanes=1),
    ),
    Profile(
        "rfc9106-64mib",
        "RFC 9106 section 4, second recommended option",
        _argon2id(memory_kib=64 * 1024, passes=3, lanes=4),
    ),
)

PROFILES: Mapping[str, Profile] = MappingProxyType({profile.name: profile for profile in _ALL})
DEFAULT_PROFILE = "owasp-19mib"
