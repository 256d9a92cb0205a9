"""A second factor with everything real behind it, a clock that is set, and phones."""

from collections.abc import Callable
from dataclasses import dataclass, field

from argon2 import Parameters, Type
from pyotp import TOTP
from sqlalchemy import Engine

from safety.accounts.codes import CodeLimits
from safety.accounts.second_factor import SecondFactor
from safety.gates.argon2_profiles import Profile
from safety.gates.hashing_pool import HashingPool
from safety.gates.passwords import Passwords
from safety.gates.vault import KeyRing, Vault

NOON = 1_795_366_800.0
AUDIT_KEY = b"a" * 32
VAULT = Vault(KeyRing("k1", {"k1": b"v" * 32}))

# The least that argon2 computes: what it costs is not what these tests are about.
_CHEAP = Parameters(Type.ID, 19, 16, 32, time_cost=1, memory_cost=8, parallelism=1)
PASSWORDS = Passwords(Profile("cheap", "for tests", _CHEAP))


@dataclass
class Clock:
    at: float = NOON

    def __call__(self) -> float:
        return self.at


@dataclass
class Scene:
    """`factor` is the flow; a phone is a function that shows the code of the moment."""

    engine: Engine
    pool: HashingPool = field(default_factory=lambda: HashingPool(2))
    clock: Clock = field(default_factory=Clock)
    vault: Vault = VAULT
    limits: CodeLimits = field(default_factory=CodeLimits)

    @property
    def factor(self) -> SecondFactor:
        return SecondFactor(
            self.engine,
            self.vault,
            PASSWORDS,
            self.pool,
            self.clock,
            AUDIT_KEY,
            "Safety Gate",
            self.limits,
        )

    def enrolled(self, subject: str, tenant: str = "acme") -> "Phone":
        """Somebody with an app and ten codes on paper, half a minute later."""
        secret = self.factor.enrol(tenant, subject, f"{subject}@example.com").secret
        phone = Phone(secret, self.clock)
        phone.paper = self.factor.confirm(tenant, subject, phone())
        self.clock.at += 30
        return phone


@dataclass
class Phone:
    secret: str = field(repr=False)
    clock: Callable[[], float]
    paper: list[str] = field(default_factory=list)

    def __call__(self, *, steps_ahead: int = 0) -> str:
        return TOTP(self.secret).generate_otp(int(self.clock() // 30) + steps_ahead)
