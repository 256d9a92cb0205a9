"""Hashes that a platform brings along: bcrypt, scrypt, PBKDF2 and argon2 in their common spellings.

They are checked with the text exactly as it was typed, as their makers did, and never made here.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import pbkdf2_hmac, scrypt, sha256
from hmac import compare_digest
from importlib import import_module
from re import Match

import bcrypt
from argon2 import extract_parameters
from argon2.exceptions import VerificationError
from argon2.low_level import verify_secret

from safety.gates.argon2_profiles import MOST_MEMORY_KIB, is_affordable

# The longest of these formats stays far below; a longer text is no hash.
LONGEST_HASH = 512

# Bounds above every recommended cost and below a second of work on a small machine.
MOST_BCRYPT_COST = 14
MOST_PBKDF2_ROUNDS = 2_000_000
MOST_SCRYPT_WORK = 2**21  # n x r x p; twice OWASP's strongest n=2**17 r=8 p=1
_SCRYPT_BLOCK_BYTES = 128
_SCRYPT_HASH_BYTES = 64  # what Django and Werkzeug keep

# No bcrypt reads further.
_BCRYPT_READS_BYTES = 72

Check = Callable[[bytes], bool]

_BCRYPT = r"\$2[aby]\$(?P<cost>\d\d)\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}"


@dataclass(frozen=True, slots=True)
class Imported:
    """A hash in a format of somebody else's, cheap enough to be checked."""

    format: str
    check: Check

    def verify(self, given: str) -> bool:
        """Whether what was typed is the password. Never raises; a damaged hash fits nothing."""
        # Some bcrypts stop at a NUL, and HMAC, inside PBKDF2 and scrypt, is blind to those at the
        # end: a text with a NUL would fit another password's hash.
        if "\0" in given:
            return False
        try:
            return self.check(given.encode("utf-8", "surrogatepass"))
        except (ValueError, VerificationError):
            return False


def find_format(stored: str) -> Imported | None:
    """How to check this hash; None if its format is unknown, damaged or its cost out of bounds."""
    if len(stored) > LONGEST_HASH or not stored.isascii():
        return None
    for name, pattern, reader in _FORMATS:
        match = pattern.fullmatch(stored)
        if match is not None:
            check = reader(match)
            return None if check is None else Imported(name, check)
    return None


def _bcrypt(match: Match[str]) -> Check | None:
    stored = match["hash"].encode("ascii")

    def check(secret: bytes) -> bool:
        return bcrypt.checkpw(secret[:_BCRYPT_READS_BYTES], stored)

    return check if _is_bcrypt_affordable(match) else None


def _bcrypt_of_sha256(match: Match[str]) -> Check | None:
    stored = match["hash"].encode("ascii")

    def check(secret: bytes) -> bool:
        return bcrypt.checkpw(sha256(secret).hexdigest().encode("ascii"), stored)

    return check if _is_bcrypt_affordable(match) else None


def _bcrypt_of_hmac(match: Match[str]) -> Check | None:
    return _by_libpass("bcrypt_sha256", match) if _is_bcrypt_affordable(match) else None


def _is_bcrypt_affordable(match: Match[str]) -> bool:
    return int(match["cost"]) <= MOST_BCRYPT_COST


def _pbkdf2(match: Match[str]) -> Check | None:
    digest = (match["digest"] or "-sha1").strip("-_")
    prefix = "django_pbkdf2_" if match[0].startswith("pbkdf2_") else "pbkdf2_"
    is_affordable_here = 0 < int(match["rounds"]) <= MOST_PBKDF2_ROUNDS
    return _by_libpass(prefix + digest, match) if is_affordable_here else None


def _werkzeug_pbkdf2(match: Match[str]) -> Check | None:
    rounds, salt = int(match["rounds"]), match["salt"].encode("ascii")

    def check(secret: bytes) -> bool:
        made = pbkdf2_hmac(match["digest"], secret, salt, rounds).hex()
        return compare_digest(made, match["hex"])

    return check if 0 < rounds <= MOST_PBKDF2_ROUNDS else None


def _scrypt(match: Match[str]) -> Check | None:
    n = 2 ** int(match["ln"])
    return _by_libpass("scrypt", match) if _is_scrypt_affordable(n, match) else None


def _plain_scrypt(match: Match[str]) -> Check | None:
    n, r, p = int(match["n"]), int(match["r"]), int(match["p"])
    salt, wanted = match["salt"].encode("ascii"), match["text"]
    memory = _SCRYPT_BLOCK_BYTES * r * (n + p + 2)

    def check(secret: bytes) -> bool:
        made = scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=memory, dklen=_SCRYPT_HASH_BYTES)
        return compare_digest(made.hex(), wanted) or compare_digest(_base64(made), wanted)

    return check if _is_scrypt_affordable(n, match) else None


def _is_scrypt_affordable(n: int, match: Match[str]) -> bool:
    r, p = int(match["r"]), int(match["p"])
    memory_kib = _SCRYPT_BLOCK_BYTES * n * r // 1024
    return 0 < memory_kib <= MOST_MEMORY_KIB and 0 < n * r * p <= MOST_SCRYPT_WORK


def _argon2(match: Match[str]) -> Check | None:
    try:
        parameters = extract_parameters(match["hash"])
    except ValueError:
        return None
    stored = match["hash"].encode("ascii")

    def check(secret: bytes) -> bool:
        return bool(verify_secret(stored, secret, parameters.type))

    return check if is_affordable(parameters) else None


def _by_libpass(handler: str, match: Match[str]) -> Check:
    verify = getattr(import_module("passlib.hash"), handler).verify

    def check(secret: bytes) -> bool:
        return bool(verify(secret, match[0]))

    return check


def _base64(made: bytes) -> str:
    return b64encode(made).decode("ascii")


_FORMATS: Sequence[tuple[str, re.Pattern[str], Callable[[Match[str]], Check | None]]] = tuple(
    (name, re.compile(pattern), reader)
    for name, pattern, reader in (
        ("bcrypt", rf"(?:bcrypt\$)?(?P<hash>{_BCRYPT})", _bcrypt),
        ("django bcrypt_sha256", rf"bcrypt_sha256\$(?P<hash>{_BCRYPT})", _bcrypt_of_sha256),
        (
            "passlib bcrypt_sha256",
            (
                r"\$bcrypt-sha256\$(?:v=2,t=2b,r=|2[ab],)(?P<cost>\d{1,2})"
                r"\$[./A-Za-z0-9]{21}[.Oeu]\$[./A-Za-z0-9]{31}"
            ),
            _bcrypt_of_hmac,
        ),
        (
            "pbkdf2",
            (
                r"\$pbkdf2(?P<digest>-sha256|-sha512)?\$(?P<rounds>\d{1,8})"
                r"\$[./A-Za-z0-9]+\$[./A-Za-z0-9]+"
            ),
            _pbkdf2,
        ),
        (
            "django pbkdf2",
            r"pbkdf2(?P<digest>_sha1|_sha256)\$(?P<rounds>\d{1,8})\$[A-Za-z0-9]+\$[A-Za-z0-9+/=]+",
            _pbkdf2,
        ),
        (
            "werkzeug pbkdf2",
            (
                r"pbkdf2:(?P<digest>sha1|sha256|sha512):(?P<rounds>\d{1,8})"
                r"\$(?P<salt>[A-Za-z0-9]+)\$(?P<hex>[0-9a-f]+)"
            ),
            _werkzeug_pbkdf2,
        ),
        (
            "scrypt",
            (
                r"\$scrypt\$ln=(?P<ln>\d{1,2}),r=(?P<r>\d{1,3}),p=(?P<p>\d{1,3})"
                r"\$[A-Za-z0-9+/]*\$[A-Za-z0-9+/]+"
            ),
            _scrypt,
        ),
        (
            "django scrypt",
            (
                r"scrypt\$(?P<n>\d{1,8})\$(?P<salt>[A-Za-z0-9]+)\$(?P<r>\d{1,3})\$(?P<p>\d{1,3})"
                r"\$(?P<text>[A-Za-z0-9+/=]+)"
            ),
            _plain_scrypt,
        ),
        (
            "werkzeug scrypt",
            (
                r"scrypt:(?P<n>\d{1,8}):(?P<r>\d{1,3}):(?P<p>\d{1,3})"
                r"\$(?P<salt>[A-Za-z0-9]+)\$(?P<text>[0-9a-f]+)"
            ),
            _plain_scrypt,
        ),
        ("argon2", r"(?:argon2)?(?P<hash>\$argon2(?:id|i|d)\$.+)", _argon2),
    )
)
