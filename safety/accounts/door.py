"""Everything that users do with their accounts, put together once."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from sqlalchemy import Engine

from safety.accounts.credentials import Credentials
from safety.accounts.emails import Emails
from safety.accounts.find import Finder
from safety.accounts.gate_limits import GateLimits
from safety.accounts.importing import Importer
from safety.accounts.lifecycle import Lifecycle
from safety.accounts.login import Login
from safety.accounts.marks import Marks
from safety.accounts.new_password import NewPasswords
from safety.accounts.notices import Notices
from safety.accounts.one_time import OneTimeTokens
from safety.accounts.passwords import PasswordChanges
from safety.accounts.places import Places
from safety.accounts.proofs import Proofs
from safety.accounts.purge import Purge
from safety.accounts.second_factor import SecondFactor
from safety.accounts.sessions import SessionLasting, Sessions
from safety.accounts.signup import SignUp
from safety.accounts.step_up import StepUp
from safety.accounts.throttle import AccountThrottle, Doorbell
from safety.decisions.ask import Asking
from safety.gates.hashing_pool import HashingPool
from safety.gates.names import RESERVED
from safety.gates.password_policy import PasswordPolicy
from safety.gates.passwords import Passwords
from safety.gates.vault import Vault


@dataclass(frozen=True, slots=True)
class Parts:
    """What the flows are made of.

    `clock` answers Unix seconds, `timer` seconds that never go back, `new_id` an id from its
    prefix, `random_bytes` that many random bytes. `key` keys the hashes that stand for names,
    devices and erased people; with another key, known devices are strangers again.
    """

    engine: Engine
    asking: Asking
    passwords: Passwords
    pool: HashingPool
    policy: PasswordPolicy
    vault: Vault
    second_factor: SecondFactor
    clock: Callable[[], float]
    timer: Callable[[], float]
    new_id: Callable[[str], str]
    random_bytes: Callable[[int], bytes]
    key: bytes = field(repr=False)
    audit_key: bytes = field(repr=False)
    lasting: SessionLasting = field(default_factory=SessionLasting)
    limits: GateLimits = field(default_factory=GateLimits)
    reserved: frozenset[str] = RESERVED


@dataclass(frozen=True, slots=True)
class Accounts:
    """The flows. Each may be called from any thread but the event loop's: they block."""

    sign_up: SignUp
    login: Login
    sessions: Sessions
    step_up: StepUp
    passwords: PasswordChanges
    new_passwords: NewPasswords
    emails: Emails
    second_factor: SecondFactor
    lifecycle: Lifecycle
    importer: Importer
    purge: Purge


def build(parts: Parts) -> Accounts:
    """Put the flows together."""
    limits, clock = parts.limits, parts.clock
    marks = Marks(hmac.digest(parts.key, b"accounts", sha256))
    throttle = AccountThrottle(clock, limits)
    proofs = Proofs(parts.asking, clock)
    places = Places(marks, limits.known_for)
    finder = Finder(marks, places, clock)
    tokens = OneTimeTokens(parts.engine, clock, parts.random_bytes)
    notices = Notices(parts.vault, parts.new_id)
    credentials = Credentials(parts.engine, parts.passwords, parts.pool, proofs, throttle)
    sessions = Sessions(parts.engine, clock, parts.new_id, parts.random_bytes, parts.lasting)
    new_passwords = NewPasswords(parts.passwords, parts.policy, parts.pool)
    emails = Emails(parts.engine, tokens, notices, throttle, marks, credentials, finder)
    return Accounts(
        sign_up=SignUp(
            engine=parts.engine,
            clock=clock,
            new_id=parts.new_id,
            asking=parts.asking,
            proofs=proofs,
            doorbell=_doorbell(parts, "sign_ups"),
            new_passwords=new_passwords,
            emails=emails,
            reserved=parts.reserved,
        ),
        login=Login(
            asking=parts.asking,
            proofs=proofs,
            finder=finder,
            doorbell=_doorbell(parts, "sign_ins"),
            credentials=credentials,
            second_factor=parts.second_factor,
            sessions=sessions,
            places=places,
            tokens=tokens,
        ),
        sessions=sessions,
        step_up=StepUp(parts.engine, finder, credentials, parts.second_factor, sessions),
        passwords=PasswordChanges(
            engine=parts.engine,
            finder=finder,
            doorbell=_doorbell(parts, "resets"),
            credentials=credentials,
            new_passwords=new_passwords,
            second_factor=parts.second_factor,
            tokens=tokens,
            notices=notices,
            emails=emails,
            places=places,
        ),
        new_passwords=new_passwords,
        emails=emails,
        second_factor=parts.second_factor,
        lifecycle=Lifecycle(parts.engine, clock, marks, parts.audit_key),
        importer=Importer(parts.engine, clock, parts.new_id, parts.vault, parts.audit_key),
        purge=Purge(parts.engine, clock, limits),
    )


def _doorbell(parts: Parts, kind: str) -> Doorbell:
    limits, timer = parts.limits, parts.timer
    if kind == "sign_ins":
        rates = (limits.failures_address, limits.failures_wider, limits.sign_ins)
    elif kind == "sign_ups":
        rates = (limits.sign_ups_address, limits.sign_ups_wider, limits.sign_ups)
    else:
        rates = (limits.resets_address, limits.resets_wider, limits.resets)
    return Doorbell(*rates, timer)
