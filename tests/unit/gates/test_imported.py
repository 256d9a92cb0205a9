"""Hashes that a platform brings along are checked as their makers did, within bounds of cost."""

from base64 import b64encode
from hashlib import pbkdf2_hmac, scrypt, sha256
from statistics import median
from time import perf_counter, thread_time

import bcrypt
import pytest
from argon2 import PasswordHasher, Type
from argon2.profiles import CHEAPEST
from hypothesis import given
from hypothesis import strategies as st
from passlib import hash as libpass

from safety.gates.argon2_profiles import PROFILES, Profile
from safety.gates.imported import find_format
from safety.gates.passwords import Checked, Passwords, is_known_format

PASSWORD = "Grüße, Oma 7"
SECRET = PASSWORD.encode()

passwords = Passwords(Profile("cheap", "for tests only", CHEAPEST))


def by_bcrypt(secret: bytes, ident: str = "2b") -> str:
    return bcrypt.hashpw(secret, bcrypt.gensalt(4)).decode().replace("$2b$", f"${ident}$", 1)


def by_scrypt(secret: bytes) -> bytes:
    return scrypt(secret, salt=b"salty", n=16, r=8, p=2, dklen=64)


def by_argon2(kind: Type) -> str:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1, type=kind).hash(SECRET)


def by_libpass(handler: str) -> str:
    return str(getattr(libpass, handler).using(rounds=4).hash(PASSWORD))


FOREIGN = {
    "bcrypt": by_bcrypt(SECRET),
    "bcrypt of old": by_bcrypt(SECRET, "2a"),
    "bcrypt of PHP": by_bcrypt(SECRET, "2y"),
    "bcrypt of Django": f"bcrypt${by_bcrypt(SECRET)}",
    "bcrypt over SHA-256 of Django": "bcrypt_sha256$"
    + by_bcrypt(sha256(SECRET).hexdigest().encode()),
    "bcrypt over HMAC of passlib": by_libpass("bcrypt_sha256"),
    "PBKDF2-SHA1": by_libpass("pbkdf2_sha1"),
    "PBKDF2-SHA256": by_libpass("pbkdf2_sha256"),
    "PBKDF2-SHA512": by_libpass("pbkdf2_sha512"),
    "PBKDF2-SHA1 of Django": by_libpass("django_pbkdf2_sha1"),
    "PBKDF2-SHA256 of Django": by_libpass("django_pbkdf2_sha256"),
    "PBKDF2 of Werkzeug": "pbkdf2:sha256:40$salty$"
    + pbkdf2_hmac("sha256", SECRET, b"salty", 40).hex(),
    "scrypt": by_libpass("scrypt"),
    "scrypt of Django": f"scrypt$16$salty$8$2${b64encode(by_scrypt(SECRET)).decode()}",
    "scrypt of Werkzeug": f"scrypt:16:8:2$salty${by_scrypt(SECRET).hex()}",
    "argon2i": by_argon2(Type.I),
    "argon2d": by_argon2(Type.D),
    "argon2id of Django": f"argon2{by_argon2(Type.ID)}",
    "argon2i of Django": f"argon2{by_argon2(Type.I)}",
}
every_format = pytest.mark.parametrize("stored", FOREIGN.values(), ids=list(FOREIGN))


def checked(stored: str, given_text: str) -> Checked:
    return passwords.verify(stored, None, given_text)


@every_format
def test_the_password_is_right_and_its_hash_is_due_to_be_made_anew(stored: str) -> None:
    assert is_known_format(stored)
    assert checked(stored, PASSWORD) == Checked(is_right=True, is_outdated=True)


@every_format
@pytest.mark.parametrize(
    "wrong", ["", "\0", "\ud800", PASSWORD + "\0", PASSWORD + "x", PASSWORD[:-1], "x" * 1_000_000]
)
def test_anything_else_is_wrong_and_no_error(stored: str, wrong: str) -> None:
    assert not checked(stored, wrong).is_right


@every_format
def test_a_hash_that_was_cut_short_fits_nothing(stored: str) -> None:
    for length in range(len(stored)):
        assert not checked(stored[:length], PASSWORD).is_right


@every_format
@given(data=st.data())
def test_no_damage_raises_or_lets_another_password_in(stored: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(stored) - 1))
    # No digits: a damaged cost could be a dear one.
    instead = data.draw(st.text(st.characters(exclude_categories=["Nd"]), min_size=1, max_size=2))
    damaged = stored[:place] + instead + stored[place + 1 :]
    assert not checked(damaged, "another password").is_right


def test_bcrypt_reads_72_bytes_as_its_makers_do() -> None:
    stored = by_bcrypt(b"x" * 72)
    assert checked(stored, "x" * 72).is_right
    assert checked(stored, "x" * 100).is_right
    assert not checked(stored, "x" * 71).is_right
    in_the_middle = ("x" * 71 + "é").encode()[:72]  # bytes are counted, not characters
    assert checked(by_bcrypt(in_the_middle), "x" * 71 + "é and more").is_right


def test_bcrypt_over_a_digest_reads_all_of_a_long_password() -> None:
    stored = "bcrypt_sha256$" + by_bcrypt(sha256(b"x" * 100).hexdigest().encode())
    assert checked(stored, "x" * 100).is_right
    assert not checked(stored, "x" * 99).is_right


SALT22, HASH31 = "a" * 21 + "u", "b" * 31
TOO_DEAR = [
    f"$2b$15${SALT22}{HASH31}",
    f"$2b$31${SALT22}{HASH31}",
    f"bcrypt_sha256$$2b$20${SALT22}{HASH31}",
    f"$bcrypt-sha256$v=2,t=2b,r=16${SALT22}${HASH31}",
    "$pbkdf2-sha256$99999999$c2FsdA$aGFzaA",
    "$pbkdf2-sha512$2000001$c2FsdA$aGFzaA",
    "pbkdf2_sha256$99999999$salt$aGFzaA==",
    "pbkdf2:sha512:99999999$salt$ab",
    "pbkdf2:sha512:0$salt$ab",
    "$scrypt$ln=20,r=8,p=1$c2FsdA$aGFzaA",
    "$scrypt$ln=14,r=8,p=100$c2FsdA$aGFzaA",
    "$scrypt$ln=99,r=999,p=999$c2FsdA$aGFzaA",
    "scrypt$1048576$salt$8$1$aGFzaA==",
    "scrypt$0$salt$0$0$aGFzaA==",
    "scrypt:131072:8:99$salt$ab",
    "$argon2i$v=19$m=1048576,t=3,p=1$c29tZXNhbHQ$aGFzaA",
    "argon2$argon2id$v=19$m=65536,t=99,p=1$c29tZXNhbHQ$aGFzaA",
]


@pytest.mark.parametrize("stored", TOO_DEAR)
def test_what_is_too_dear_is_neither_imported_nor_computed(stored: str) -> None:
    started = perf_counter()
    assert not is_known_format(stored)
    assert not checked(stored, PASSWORD).is_right
    assert perf_counter() - started < 0.1


@pytest.mark.parametrize(
    "stored",
    [
        "$pbkdf2-sha256$600000$c2FsdA$aGFzaA",
        "pbkdf2_sha256$1200000$salt$aGFzaA==",
        "pbkdf2:sha256:1000000$salt$ab",
        "$scrypt$ln=17,r=8,p=1$c2FsdA$aGFzaA",
        "scrypt$16384$salt$8$5$aGFzaA==",
        "scrypt:32768:8:1$salt$ab",
        f"$2y$12${SALT22}{HASH31}",
        "argon2$argon2id$v=19$m=102400,t=2,p=8$c29tZXNhbHQ$aGFzaGhhc2g",
    ],
)
def test_what_frameworks_use_by_default_is_not_too_dear(stored: str) -> None:
    assert is_known_format(stored)


@given(stored=st.text(max_size=600))
def test_any_text_is_a_known_format_or_not_and_no_error(stored: str) -> None:
    assert find_format(stored) is None or is_known_format(stored)


def test_a_wrong_password_for_a_cheap_foreign_hash_takes_no_less_than_for_one_of_ours() -> None:
    ours = Passwords(PROFILES["owasp-19mib"])

    def work(stored: str | None) -> float:
        started = thread_time()
        ours.verify(stored, None, "wrong")
        return thread_time() - started

    assert median(work(FOREIGN["bcrypt"]) for _ in range(5)) > 0.6 * work(None)
