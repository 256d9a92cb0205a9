"""The gate, put together: passwords, second factors, accounts, staff, and what tells platforms."""

import hmac
import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from safety.accounts import door, staff
from safety.accounts.door import Accounts
from safety.accounts.gate_limits import GateLimits
from safety.accounts.marks import Marks
from safety.accounts.second_factor import SecondFactor
from safety.accounts.sessions import SessionLasting
from safety.accounts.staff import Knowledge, Staff, StaffSettings
from safety.app.world import World
from safety.config import ConfigurationError, Secrets, Settings
from safety.decisions.ask import Asking
from safety.gates import keyring_file
from safety.gates.argon2_profiles import PROFILES
from safety.gates.blocklist import FOLDER, Blocklist, files_in
from safety.gates.hashing_pool import HashingPool
from safety.gates.keyring_file import KeyRings
from safety.gates.password_policy import PasswordPolicy
from safety.gates.passwords import Passwords
from safety.gates.vault import Vault
from safety.jobs.courier import Courier
from safety.jobs.outbound import Outbound
from safety.jobs.sender import Sender
from safety.store.deliveries import Deliveries

_DAY = 86400.0
_PRODUCT_WORDS = ("safety gate", "safetygate")


@dataclass(frozen=True, slots=True)
class Locks:
    """What checks passwords and codes, for users, for staff and for challenges alike."""

    passwords: Passwords
    pool: HashingPool
    policy: PasswordPolicy
    vault: Vault
    second_factor: SecondFactor


def build_locks(settings: Settings, secrets: Secrets, world: World) -> Locks:
    """Raises `ConfigurationError` for keys or lists of passwords that are damaged."""
    rings = _rings(settings)
    passwords = Passwords(PROFILES[settings.argon2_profile], rings.password)
    pool = HashingPool(
        settings.resolved_hashing_threads,
        settings.hashing_queue,
        settings.hashing_wait_seconds,
    )
    vault = Vault(rings.vault)
    second_factor = SecondFactor(
        world.engine,
        vault,
        passwords,
        pool,
        world.clock,
        secrets["audit"],
        settings.totp_issuer,
    )
    return Locks(passwords, pool, _policy(settings), vault, second_factor)


def build_accounts(
    settings: Settings,
    secrets: Secrets,
    world: World,
    *,
    locks: Locks,
    asking: Asking,
    limits: GateLimits,
) -> Accounts:
    """What users do with their accounts."""
    return door.build(
        door.Parts(
            engine=world.engine,
            asking=asking,
            passwords=locks.passwords,
            pool=locks.pool,
            policy=locks.policy,
            vault=locks.vault,
            second_factor=locks.second_factor,
            clock=world.clock,
            timer=world.timer,
            new_id=world.new_id,
            random_bytes=os.urandom,
            key=secrets["pepper"],
            audit_key=secrets["audit"],
            lasting=SessionLasting(settings.session_days * _DAY, settings.session_idle_days * _DAY),
            limits=limits,
        )
    )


def build_staff(
    settings: Settings, secrets: Secrets, world: World, locks: Locks, limits: GateLimits
) -> Staff:
    """What staff do with theirs."""
    marks = Marks(hmac.digest(secrets["pepper"], b"staff", sha256))
    return staff.build(
        world.engine,
        world.clock,
        world.timer,
        world.new_id,
        audit_key=secrets["audit"],
        key_pepper=secrets["pepper"],
        knowledge=Knowledge(locks.passwords, locks.pool, locks.policy, locks.second_factor, marks),
        settings=StaffSettings(
            https=settings.cookies_are_secure,
            is_code_required=settings.staff_totp == "required",
            limits=limits,
        ),
    )


def build_sender(
    settings: Settings, world: World, vault: Vault, noticed: Callable[[str], None]
) -> Sender:
    """What brings messages to platforms. It does nothing before it is started."""
    outbound = Outbound(settings.webhook_allowed_hosts)
    courier = Courier(outbound, vault.open, world.clock)
    return Sender(Deliveries(world.engine), courier, world.clock, random.random, noticed)


def _rings(settings: Settings) -> KeyRings:
    try:
        return keyring_file.load_or_create(settings.keyring_file)
    except ValueError as error:
        raise ConfigurationError(str(error)) from None


def _policy(settings: Settings) -> PasswordPolicy:
    try:
        blocklist = Blocklist(files_in(settings.data_dir / FOLDER))
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    return PasswordPolicy(
        blocklist,
        minimum=settings.password_minimum,
        minimum_with_second_factor=settings.password_minimum_with_second_factor,
        product_words=(*_PRODUCT_WORDS, settings.totp_issuer),
    )
