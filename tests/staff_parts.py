"""The flows of staff with real parts, set to be quick, and people who have gone through them."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import pyotp
from argon2 import Parameters, Type
from sqlalchemy import Engine

from safety.accounts.gate_limits import GateLimits
from safety.accounts.marks import Marks
from safety.accounts.second_factor import SecondFactor
from safety.accounts.staff import Knowledge, Staff, StaffSettings, build
from safety.accounts.staff_values import SignedIn, Whence
from safety.domain.access import STAFF_TENANT, Role
from safety.gates.argon2_profiles import Profile
from safety.gates.blocklist import Blocklist
from safety.gates.hashing_pool import HashingPool
from safety.gates.password_policy import PasswordPolicy
from safety.gates.passwords import Passwords
from safety.gates.vault import KeyRing, Vault

AUDIT_KEY = b"k" * 32
KEY_PEPPER = b"p" * 32
PASSWORD = "quiet harbour 91 lanterns"
STEP = 30.0


@cache
def quick_passwords() -> Passwords:
    """Hashes that take a millisecond; nobody else has them."""
    parameters = Parameters(
        type=Type.ID, version=19, salt_len=16, hash_len=32, time_cost=1, memory_cost=64,
        parallelism=1,
    )  # fmt: skip
    return Passwords(Profile("test", "the tests", parameters))


@cache
def one_pool() -> HashingPool:
    """The pool of all tests in this process."""
    return HashingPool(2, wait=30.0)


def a_staff(
    engine: Engine,
    clock: Callable[[], float],
    new_id: Callable[[str], str],
    *,
    https: bool = False,
    is_code_required: bool = True,
    limits: GateLimits | None = None,
) -> Staff:
    """The flows of staff over this database."""
    passwords, pool = quick_passwords(), one_pool()
    vault = Vault(KeyRing("a", {"a": b"v" * 32}))
    second_factor = SecondFactor(
        engine, vault, passwords, pool, clock, AUDIT_KEY, issuer="Safety Gate"
    )
    return build(
        engine,
        clock,
        time.monotonic,
        new_id,
        audit_key=AUDIT_KEY,
        key_pepper=KEY_PEPPER,
        knowledge=Knowledge(
            passwords, pool, PasswordPolicy(Blocklist()), second_factor, Marks(AUDIT_KEY)
        ),
        settings=StaffSettings(
            https, is_code_required, limits=limits or GateLimits(longest_delay=0.0)
        ),
    )


@contextmanager
def audit_away(engine: Engine) -> Iterator[None]:
    """Meanwhile nothing can be written into the audit log."""
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE audit RENAME TO away")
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE away RENAME TO audit")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has come in once: they know a password, and have a phone and ten codes."""

    name: str
    account_id: str
    secret: str
    codes: list[str]
    signed_in: SignedIn

    def code(self, at: float) -> str:
        """What the phone shows at this moment."""
        return pyotp.TOTP(self.secret).at(int(at))


def a_person(staff: Staff, name: str = "ana", role: Role = Role.MODERATOR) -> Person:
    """Somebody who was invited, chose `PASSWORD` and enrolled. Their first code is spent."""
    link = staff.members.invite(name, role, "test")
    session = staff.entry.accept(link, PASSWORD, Whence())
    assert isinstance(session, SignedIn)
    secret = staff.own.enrol(session.session).secret
    code = pyotp.TOTP(secret).at(int(staff.sessions.clock()))
    codes, signed_in = staff.own.confirm(session.session, code)
    account_id = session.session.member.account_id
    assert session.session.session.tenant == STAFF_TENANT
    return Person(name, account_id, secret, codes, signed_in)
