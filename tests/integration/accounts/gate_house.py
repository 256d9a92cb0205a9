"""The gate with everything real behind it: a database, the decider on its loop, a set clock."""

import asyncio
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from time import perf_counter
from typing import Any

from argon2 import Parameters, Type
from pyotp import TOTP
from sqlalchemy import Engine

from safety.accounts.door import Accounts, Parts, build
from safety.accounts.gate_limits import GateLimits
from safety.accounts.login import LoginRequest, Refused, SecondFactorNeeded
from safety.accounts.second_factor import SecondFactor
from safety.accounts.sessions import SignedIn
from safety.accounts.signup import Outcome, SignUpRequest
from safety.accounts.visitor import Visitor
from safety.assets import shipped
from safety.decisions.ask import Asking
from safety.decisions.captchas import Captchas
from safety.decisions.challenge import Challenges
from safety.decisions.decide import Decider, Limits
from safety.decisions.judge import Judge, Prepared
from safety.domain.accounts import Account
from safety.domain.decisions import Amendment, AmendmentKind
from safety.domain.messages import BODY_PLACE
from safety.domain.reviews import Action, Resolution
from safety.domain.verdicts import Verdict
from safety.gates.argon2_profiles import Profile
from safety.gates.blocklist import Blocklist
from safety.gates.captcha_pow import ProofOfWork
from safety.gates.hashing_pool import HashingPool
from safety.gates.password_policy import PasswordPolicy
from safety.gates.passwords import Passwords
from safety.gates.vault import KeyRing, Vault
from safety.ruleset.load import load_bundle
from safety.state.memory import MemoryCounters
from safety.store import items, ledger, outbox
from safety.store.engine import read, write
from safety.store.ledger import Ledger

Json = dict[str, Any]

NOON = 1_795_366_800.0
MAIN = "main"
PASSWORD = "four quiet herons at dusk"
AUDIT_KEY = b"a" * 32
HOME = Visitor(ip="203.0.113.9", device_id="d_home", user_agent="Browser/1")

# The least that argon2 computes: what it costs is not what these tests are about.
_CHEAP = Parameters(Type.ID, 19, 16, 32, time_cost=1, memory_cost=8, parallelism=1)
CHEAP = Profile("cheap", "for tests", _CHEAP)
# The clock stands still here; what waits after wrong passwords has tests of its own.
UNPACED = GateLimits(longest_delay=0.0)
BUNDLE = load_bundle([shipped("rules")], run_tests=False, at=NOON)


@dataclass
class Clock:
    at: float = NOON

    def __call__(self) -> float:
        return self.at


@dataclass
class Gate:
    """One running gate. Visitors come from an address of their own unless told otherwise."""

    accounts: Accounts
    asking: Asking
    engine: Engine
    clock: Clock
    vault: Vault
    _addresses: "count[int]" = field(default_factory=lambda: count(1))

    def stranger(self) -> Visitor:
        number = next(self._addresses)
        return Visitor(ip=f"198.{18 + number // 65536}.{number // 256 % 256}.{number % 256}")

    def sign_up(
        self,
        username: str = "mia_b",
        email: str | None = "mia@example.com",
        *,
        password: str = PASSWORD,
        visitor: Visitor | None = None,
        decision_id: str | None = None,
        tenant: str = MAIN,
    ) -> Outcome:
        where = visitor or self.stranger()
        wanted = SignUpRequest(username, email, password, where, decision_id)
        return self.accounts.sign_up.sign_up(tenant, wanted)

    def account(self, username: str = "mia_b", email: str | None = None) -> Account:
        made = self.sign_up(username, email).account
        assert made is not None
        return made

    def verified(self, username: str = "mia_b", email: str = "mia@example.com") -> Account:
        self.account(username, email)
        return self.accounts.emails.verify(MAIN, self.token("account.verify_email"))

    def login(
        self,
        login: str = "mia_b",
        password: str = PASSWORD,
        *,
        visitor: Visitor | None = None,
        decision_id: str | None = None,
        tenant: str = MAIN,
    ) -> SignedIn | SecondFactorNeeded | Refused:
        where = visitor or self.stranger()
        request = LoginRequest(login, password, where, decision_id)
        return self.accounts.login.login(tenant, request)

    def signed_in(
        self, login: str = "mia_b", password: str = PASSWORD, *, visitor: Visitor | None = None
    ) -> SignedIn:
        entered = self.login(login, password, visitor=visitor)
        assert isinstance(entered, SignedIn)
        return entered

    def challenged(self, login: str, password: str = PASSWORD) -> str:
        """A login that is asked for a proof: the decision's id."""
        asked = self.login(login, password)
        assert isinstance(asked, Refused)
        assert asked.decision["verdict"] == "challenge"
        decision_id: str = asked.decision["id"]
        return decision_id

    def prove(self, decision_id: str) -> None:
        """What the door of proofs writes down once a challenge was solved."""
        with read(self.engine) as connection:
            stored = ledger.get(connection, MAIN, decision_id)
        assert stored is not None
        body = json.dumps(json.loads(stored.answer) | {"verdict": "allow"}).encode()
        proof = Amendment(decision_id, AmendmentKind.PROOF, self.clock(), Verdict.ALLOW, body)
        with write(self.engine) as connection:
            ledger.amend(connection, proof)

    def resolve(self, decision_id: str, action: Action) -> None:
        """A moderator decides about the item of a decision."""
        with read(self.engine) as connection:
            stored = ledger.get(connection, MAIN, decision_id)
        assert stored is not None
        assert stored.item_id is not None
        resolution = Resolution(
            f"res_{stored.item_id}",
            stored.item_id,
            decision_id,
            MAIN,
            action,
            "accounts.fake",
            "",
            "mo",
            self.clock(),
        )
        with write(self.engine) as connection:
            assert items.resolve(connection, resolution, expected_version=1)

    def notices(self, kind: str | None = None) -> list[Json]:
        """What waits for the platform, oldest first, opened."""
        with read(self.engine) as connection:
            messages = outbox.pending(connection, limit=1000)
        opened = []
        for message in messages:
            table, column = BODY_PLACE
            is_sealed, body = message.sealed, message.body
            plain = self.vault.open(table, message.id, column, body) if is_sealed else body
            opened.append(json.loads(plain))
        return [each for each in opened if kind is None or each["type"] == kind]

    def token(self, kind: str) -> str:
        """The latest token of a kind that was mailed."""
        token: str = self.notices(kind)[-1]["data"]["token"]
        return token

    def enrol(self, account: Account) -> "Phone":
        """An authenticator app, half a minute after it was enrolled."""
        factor = self.accounts.second_factor
        phone = Phone(factor.enrol(MAIN, account.id, account.username).secret, self.clock)
        phone.paper = factor.confirm(MAIN, account.id, phone())
        self.clock.at += 30
        return phone


@dataclass
class Phone:
    secret: str = field(repr=False)
    clock: Clock
    paper: list[str] = field(default_factory=list)

    def __call__(self) -> str:
        return TOTP(self.secret).generate_otp(int(self.clock() // 30))


@contextmanager
def a_gate(
    engine: Engine, *, profile: Profile = CHEAP, limits: GateLimits | None = None
) -> Iterator[Gate]:
    """A gate that runs until the end of the block."""
    clock, new_id = Clock(), _ids()
    pool = HashingPool(2)
    vault = Vault(KeyRing("k1", {"k1": b"v" * 32}))
    passwords = Passwords(profile)
    factor = SecondFactor(engine, vault, passwords, pool, clock, AUDIT_KEY, "Safety Gate")
    with _deciding(engine, clock, new_id) as asking:
        parts = Parts(
            engine=engine,
            asking=asking,
            passwords=passwords,
            pool=pool,
            policy=PasswordPolicy(Blocklist()),
            vault=vault,
            second_factor=factor,
            clock=clock,
            timer=clock,
            new_id=new_id,
            random_bytes=os.urandom,
            key=b"k" * 32,
            audit_key=AUDIT_KEY,
            limits=limits or UNPACED,
        )
        yield Gate(build(parts), asking, engine, clock, vault)
    pool.stop()


@contextmanager
def _deciding(engine: Engine, clock: Clock, new_id: Callable[[str], str]) -> Iterator[Asking]:
    """The decider over the shipped rules, on an event loop in a thread of its own."""
    prepared = Prepared(BUNDLE, [])
    counters = MemoryCounters(max_entities=10_000)
    kept = Ledger(engine)
    own = ProofOfWork(b"p" * 32, lasts=300, cost=1)
    decider = Decider(
        engine=engine,
        ledger_writer=kept,
        counters=counters,
        judge=Judge(counters, new_id),
        challenges=Challenges(engine, Captchas(engine, own, clock, lasts=300), clock),
        prepared=lambda: prepared,
        now=clock,
        timer=perf_counter,
        limits=Limits(deadline=20, queue=1000),
        noticed=lambda *_: None,
    )
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    kept.start()
    asking = Asking(decider, engine, new_id, perf_counter)
    asking.bind(loop)
    try:
        yield asking
    finally:
        asyncio.run_coroutine_threadsafe(_all_done(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()
        kept.stop()


async def _all_done() -> None:
    """Wait for what is still being decided, also where nobody waits for it any more."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*others, return_exceptions=True)


def _ids() -> Callable[[str], str]:
    numbers = count(1)
    return lambda prefix: f"{prefix}_{next(numbers):012x}{os.urandom(4).hex()}"
