"""Passwords: hashed with argon2id and a pepper, checked at one price whoever the account is."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import digest
from os import urandom
from time import perf_counter, thread_time
from types import MappingProxyType

import structlog
from argon2 import Parameters, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import hash_secret, hash_secret_raw, verify_secret

from safety.gates.argon2_profiles import Profile, is_affordable, work_of
from safety.gates.imported import LONGEST_HASH, Imported, find_format

log = structlog.get_logger()

# Four times the longest password, because NFKC makes one character of up to four typed ones.
# Putting a longer text's marks in order would take quadratic time: it is hashed as it is.
LONGEST_FOLDED = 1024

_OWN_PREFIX = "$argon2id$"
_LEAST_KIB_PER_LANE = 8  # argon2's own minimum
_MEASUREMENTS = 2  # the first touches the memory, the quicker one counts


@dataclass(frozen=True, slots=True)
class Peppers:
    """Keys that are mixed into passwords and kept outside the database; `active` is for new hashes.

    Raises `ValueError` when the active one is not there.
    """

    active: str | None = None
    keys: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    def __post_init__(self) -> None:
        """Refuse to hash with a key that is not there."""
        if self.active is not None and not self.keys.get(self.active):
            raise ValueError("the active pepper has no key")


@dataclass(frozen=True, slots=True)
class Hashed:
    """A new hash to keep, and the id of the pepper that was mixed in, if any."""

    hash: str = field(repr=False)
    pepper: str | None


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether a password was right, and whether its hash should be made anew now."""

    is_right: bool
    is_outdated: bool


_WRONG = Checked(is_right=False, is_outdated=False)


class Passwords:
    """Hashes and checks passwords. Each call takes tens of milliseconds: run it in the pool.

    What is equal in time: an unknown account, a damaged hash and a wrong password for a hash of the
    current profile; also a wrong password for a cheaper hash, which is topped up. What is not: an
    imported or old hash that is *dearer* than the current profile takes its own time until its
    owner's next login replaces it.
    """

    def __init__(self, profile: Profile, peppers: Peppers | None = None) -> None:
        self._profile = profile
        self._peppers = peppers or Peppers()
        self._usual_seconds = min(self._timed_decoy() for _ in range(_MEASUREMENTS))

    def hash(self, password: str) -> Hashed:
        """The hash to keep. Any text has one; how good a password is, the policy says."""
        chosen = self._profile.parameters
        made = hash_secret(
            self._secret(password, self._peppers.active),
            urandom(chosen.salt_len),
            time_cost=chosen.time_cost,
            memory_cost=chosen.memory_cost,
            parallelism=chosen.parallelism,
            hash_len=chosen.hash_len,
            type=chosen.type,
        )
        return Hashed(made.decode("ascii"), self._peppers.active)

    def verify(self, stored: str | None, pepper: str | None, given: str) -> Checked:
        """Check what somebody typed against what is kept. Never raises, whatever is kept or given.

        A missing account (`None`) takes as long as a wrong password.
        """
        if stored is not None and stored.startswith(_OWN_PREFIX):
            return self._check_own(stored, pepper, given)
        imported = find_format(stored) if stored is not None else None
        if imported is None:
            return self._check_decoy(given)
        return self._check_imported(imported, given)

    def _check_decoy(self, given: str) -> Checked:
        """Everything that is done for a hash of the current profile, the folding included."""
        self._spend(1.0, self._secret(given, self._peppers.active))
        return _WRONG

    def _check_own(self, stored: str, pepper: str | None, given: str) -> Checked:
        parameters = _read_parameters(stored)
        if parameters is None or (pepper is not None and pepper not in self._peppers.keys):
            log.error("password_hash_unusable", pepper_is_missing=parameters is not None)
            return self._check_decoy(given)
        try:
            verify_secret(stored.encode("ascii"), self._secret(given, pepper), parameters.type)
        except (VerificationError, InvalidHashError):  # the second is a ValueError: a damaged row
            self._spend(1.0 - work_of(parameters) / self._profile.work)
            return _WRONG
        is_current = parameters == self._profile.parameters and pepper == self._peppers.active
        return Checked(is_right=True, is_outdated=not is_current)

    def _check_imported(self, imported: Imported, given: str) -> Checked:
        started = thread_time()
        if imported.verify(given):
            return Checked(is_right=True, is_outdated=True)
        self._spend(1.0 - (thread_time() - started) / self._usual_seconds)
        return _WRONG

    def _secret(self, password: str, pepper: str | None) -> bytes:
        secret = _folded(password).encode("utf-8", "surrogatepass")
        return secret if pepper is None else digest(self._peppers.keys[pepper], secret, "sha256")

    def _timed_decoy(self) -> float:
        started = perf_counter()
        self._spend(1.0)
        return perf_counter() - started

    def _spend(self, share: float, secret: bytes = b"") -> None:
        """Do this share of the work of one hash, for nothing but the time it takes."""
        if share <= 0:
            return
        chosen = self._profile.parameters
        least = _LEAST_KIB_PER_LANE * chosen.parallelism
        hash_secret_raw(
            secret,
            bytes(chosen.salt_len),
            time_cost=chosen.time_cost,
            memory_cost=max(least, round(chosen.memory_cost * share)),
            parallelism=chosen.parallelism,
            hash_len=chosen.hash_len,
            type=chosen.type,
        )


def is_known_format(stored: str) -> bool:
    """Whether a hash that a platform brings along can be checked here and is not too dear."""
    if stored.startswith(_OWN_PREFIX):
        return _read_parameters(stored) is not None
    return find_format(stored) is not None


def _folded(password: str) -> str:
    if len(password) > LONGEST_FOLDED:
        return password
    return unicodedata.normalize("NFKC", password)


def _read_parameters(stored: str) -> Parameters | None:
    """The parameters of an argon2id hash, or None if it is damaged or too dear to compute."""
    if len(stored) > LONGEST_HASH or not stored.isascii():
        return None
    try:
        parameters = extract_parameters(stored)
    except (InvalidHashError, ValueError):
        return None
    return parameters if is_affordable(parameters) else None
