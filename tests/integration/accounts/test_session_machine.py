"""Whatever is done in whatever order, a token opens exactly the sessions that should be open."""

import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from safety.accounts.login import Refused, SecondFactorNeeded
from safety.accounts.sessions import SessionLasting, SignedIn
from safety.domain.accounts import Factor
from safety.domain.errors import InvalidCredentials, SafetyError, SessionEnded, TokenRejected
from safety.store.engine import migrate, open_engine
from tests.integration.accounts.gate_house import HOME, MAIN, Gate, Phone, a_gate

PASSPHRASES = ("four quiet herons at dusk", "seven slow trains to the coast")
LASTING = SessionLasting()
DAY = 86_400.0


@cache
def empty_database() -> Path:
    """A database with its tables, made once and copied."""
    path = Path(tempfile.mkdtemp()) / "empty.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@dataclass
class Held:
    """A session that somebody holds the token of, as the model sees it."""

    entered: SignedIn
    idle_at: float
    expires_at: float
    has_ended: bool = False

    def is_open(self, at: float) -> bool:
        return not self.has_ended and at < min(self.idle_at, self.expires_at)


class Sessions(RuleBasedStateMachine):
    """One account, its owner on many devices, and a platform that locks it now and then."""

    held = Bundle("held")

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        shutil.copy(empty_database(), folder / "safety.db")
        engine = open_engine(f"sqlite:///{folder / 'safety.db'}", synchronous="normal")
        self.stack.callback(engine.dispose)
        self.gate: Gate = self.stack.enter_context(a_gate(engine))
        self.account = self.gate.account()
        self.password, self.is_locked = PASSPHRASES[0], False
        self.phone: Phone | None = None
        self.sessions: list[Held] = []

    def teardown(self) -> None:
        self.stack.close()

    @rule(target=held, password=st.sampled_from(PASSPHRASES))
    def sign_in(self, password: str) -> Held | None:
        should_enter = password == self.password and not self.is_locked
        self.gate.clock.at += 900  # what is counted against guessing is another test's
        try:
            answer = self.gate.login(password=password, visitor=HOME)
        except InvalidCredentials:
            assert not should_enter
            return None
        assert should_enter
        assert not isinstance(answer, Refused)
        assert isinstance(answer, SecondFactorNeeded) is (self.phone is not None)
        if isinstance(answer, SecondFactorNeeded):
            assert self.phone is not None
            answer = self.gate.accounts.login.second_step(MAIN, answer.token, self.phone(), HOME)
            assert Factor.TOTP in answer.session.factors
        return self.hold(answer)

    @rule(one=held)
    def use(self, one: Held | None) -> None:
        if one is None:
            return
        at = self.gate.clock.at
        should_open = one.is_open(at)
        try:
            self.gate.accounts.sessions.of(MAIN, one.entered.token)
        except SessionEnded:
            assert not should_open
            return
        assert should_open
        one.idle_at = max(one.idle_at, min(at + LASTING.idle, one.expires_at))

    @rule(target=held, one=held)
    def step_up(self, one: Held | None) -> Held | None:
        if one is None:
            return None
        self.gate.clock.at += 900
        try:
            session = self.gate.accounts.sessions.of(MAIN, one.entered.token)
        except SessionEnded:
            session = one.entered.session
        should_open = one.is_open(self.gate.clock.at)
        proof = {"code": self.phone()} if self.phone else {"password": self.password}
        try:
            entered = self.gate.accounts.step_up.step_up(session, **proof)
        except SafetyError:
            assert not should_open
            return None
        assert should_open
        one.has_ended = True
        renewed = self.hold(entered)
        renewed.expires_at = one.expires_at
        renewed.idle_at = min(renewed.idle_at, one.expires_at)
        return renewed

    @rule(one=held)
    def sign_out(self, one: Held | None) -> None:
        if one is not None:
            self.gate.accounts.sessions.end(one.entered.session)
            one.has_ended = True

    @rule(one=held)
    def end_others(self, one: Held | None) -> None:
        if one is not None and one.is_open(self.gate.clock.at):
            self.gate.accounts.sessions.end_others(one.entered.session)
            self.end_all(but=one)

    @rule(one=held, new=st.sampled_from(PASSPHRASES))
    def change_password(self, one: Held | None, new: str) -> None:
        if one is None or not one.is_open(self.gate.clock.at):
            return
        self.gate.clock.at += 900
        session = one.entered.session
        self.gate.accounts.passwords.change(session, self.password, new)
        self.password = new
        self.end_all(but=one)

    @precondition(lambda self: self.phone is None and not self.is_locked)
    @rule()
    def enrol(self) -> None:
        self.phone = self.gate.enrol(self.account)

    @rule()
    def lock(self) -> None:
        self.gate.accounts.lifecycle.lock(MAIN, self.account.id, reason="", author="key:1")
        self.is_locked = True
        self.end_all()

    @rule()
    def unlock(self) -> None:
        self.gate.accounts.lifecycle.unlock(MAIN, self.account.id, author="key:1")
        self.is_locked = False

    @rule(token=st.sampled_from(["", "x" * 43, "A" * 43]))
    def present_what_nobody_was_given(self, token: str) -> None:
        for present in (
            lambda: self.gate.accounts.sessions.of(MAIN, token),
            lambda: self.gate.accounts.login.second_step(MAIN, token, "000000", HOME),
        ):
            try:
                present()
            except (SessionEnded, TokenRejected):
                continue
            raise AssertionError("a token that nobody was given opened something")

    @rule(days=st.sampled_from([0.1, 5.0, 13.9, 14.0, 30.0]))
    def wait(self, days: float) -> None:
        self.gate.clock.at += days * DAY

    @invariant()
    def the_owner_sees_what_is_open(self) -> None:
        listed = self.gate.accounts.sessions.list_open(MAIN, self.account.id)
        should_be = {
            held.entered.session.id for held in self.sessions if held.is_open(self.gate.clock.at)
        }
        assert {session.id for session in listed} == should_be

    def hold(self, entered: SignedIn) -> Held:
        at = self.gate.clock.at
        made = Held(entered, at + LASTING.idle, at + LASTING.absolute)
        self.sessions.append(made)
        return made

    def end_all(self, but: Held | None = None) -> None:
        for held in self.sessions:
            held.has_ended = held.has_ended or held is not but


def test_a_token_opens_what_should_be_open_and_nothing_else() -> None:
    run_state_machine_as_test(
        Sessions,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
