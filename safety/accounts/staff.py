"""Staff: everything that the review desk asks about the people who work at it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Engine

from safety.accounts.api_keys import ApiKeys
from safety.accounts.audit_log import AuditLog
from safety.accounts.credentials import Credentials
from safety.accounts.gate_limits import GateLimits
from safety.accounts.marks import Marks
from safety.accounts.members import Members
from safety.accounts.places import Places
from safety.accounts.second_factor import SecondFactor
from safety.accounts.staff_entry import Entry
from safety.accounts.staff_own import OwnAccount
from safety.accounts.staff_passwords import StaffPasswords
from safety.accounts.staff_sessions import StaffSessions
from safety.accounts.staff_values import Lasting
from safety.accounts.throttle import AccountThrottle, Doorbell
from safety.gates.hashing_pool import HashingPool
from safety.gates.password_policy import PasswordPolicy
from safety.gates.passwords import Passwords


@dataclass(frozen=True, slots=True)
class Staff:
    """The flows of staff, which share one database, one clock and one audit log.

    `https` says that browsers reach the desk over TLS, whoever ends it; without it the desk is for
    this machine only, since cookies would travel in the open.
    """

    entry: Entry
    sessions: StaffSessions
    own: OwnAccount
    members: Members
    keys: ApiKeys
    audit: AuditLog
    https: bool


@dataclass(frozen=True, slots=True)
class StaffSettings:
    """What an operator decides about staff."""

    https: bool = False
    is_code_required: bool = True
    lasting: Lasting = field(default_factory=Lasting)
    limits: GateLimits = field(default_factory=GateLimits)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What checks passwords and codes: the same parts that users' accounts are checked with."""

    passwords: Passwords
    pool: HashingPool
    policy: PasswordPolicy
    second_factor: SecondFactor
    marks: Marks


def build(
    engine: Engine,
    clock: Callable[[], float],
    timer: Callable[[], float],
    new_id: Callable[[str], str],
    *,
    audit_key: bytes,
    key_pepper: bytes,
    knowledge: Knowledge,
    settings: StaffSettings,
) -> Staff:
    """Put the flows together. `audit_key` binds the audit log, `key_pepper` is that of API keys.

    `clock` answers Unix seconds, `timer` seconds that never go back.
    """
    lasting, limits = settings.lasting, settings.limits
    sessions = StaffSessions(
        engine,
        clock,
        new_id,
        audit_key,
        is_code_required=settings.is_code_required,
        lasting=lasting,
    )
    known = StaffPasswords(
        engine,
        clock,
        knowledge.passwords,
        knowledge.pool,
        knowledge.policy,
        Credentials(
            engine,
            knowledge.passwords,
            knowledge.pool,
            proofs=None,
            throttle=AccountThrottle(clock, limits),
        ),
        Doorbell(limits.failures_address, limits.failures_wider, limits.sign_ins, timer),
        Places(knowledge.marks, limits.known_for),
        knowledge.marks,
    )
    second_factor = knowledge.second_factor
    return Staff(
        entry=Entry(engine, clock, sessions, known, second_factor, audit_key),
        sessions=sessions,
        own=OwnAccount(engine, sessions, known, second_factor, audit_key),
        members=Members(engine, clock, new_id, audit_key, lasting),
        keys=ApiKeys(engine, clock, key_pepper, audit_key),
        audit=AuditLog(engine, audit_key),
        https=settings.https,
    )
