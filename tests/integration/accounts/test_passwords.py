"""Changing a password needs the current one; resetting it needs what the mail brought."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from safety.accounts.login import SecondFactorNeeded
from safety.domain.errors import (
    InvalidCredentials,
    SessionEnded,
    TokenRejected,
    TooManyRequests,
    WeakPassword,
)
from safety.store import accounts
from safety.store.engine import write
from tests.integration.accounts.gate_house import HOME, MAIN, PASSWORD, Gate

NEW = "seven slow trains to the coast"
MINUTE = 60


def reset_token(gate: Gate, login: str = "mia_b") -> str:
    gate.accounts.passwords.request_reset(MAIN, login, gate.stranger())
    return gate.token("account.reset_password")


def confirm(gate: Gate, token: str, password: str = NEW) -> None:
    gate.accounts.passwords.confirm_reset(MAIN, token, password, gate.stranger())


def test_a_change_needs_the_current_password(gate: Gate) -> None:
    gate.account()
    session = gate.signed_in().session
    with pytest.raises(InvalidCredentials):
        gate.accounts.passwords.change(session, "not the right password", NEW)
    gate.accounts.passwords.change(session, PASSWORD, NEW)
    gate.signed_in(password=NEW)
    with pytest.raises(InvalidCredentials):
        gate.login(password=PASSWORD)


def test_a_change_ends_all_other_sessions_and_tells_the_owner(gate: Gate) -> None:
    account = gate.account()
    this, other = gate.signed_in(), gate.signed_in()
    gate.accounts.passwords.change(this.session, PASSWORD, NEW)
    gate.accounts.sessions.of(MAIN, this.token)
    with pytest.raises(SessionEnded):
        gate.accounts.sessions.of(MAIN, other.token)
    (told,) = gate.notices("account.password_changed")
    assert told["data"] == {"account_id": account.id, "by": "owner"}


def test_a_change_to_a_weak_password_changes_nothing_and_counts_nothing(gate: Gate) -> None:
    gate.account()
    session = gate.signed_in().session
    for _ in range(12):
        with pytest.raises(WeakPassword):
            gate.accounts.passwords.change(session, PASSWORD, "too short")
    gate.signed_in()


def test_with_a_second_factor_a_shorter_password_will_do(gate: Gate) -> None:
    account = gate.account()
    session = gate.signed_in().session
    with pytest.raises(WeakPassword):
        gate.accounts.passwords.change(session, PASSWORD, "kelp9-Vox7q")
    gate.enrol(account)
    gate.accounts.passwords.change(session, PASSWORD, "kelp9-Vox7q")


def test_of_two_changes_at_once_one_wins(gate: Gate) -> None:
    gate.account()
    session = gate.signed_in().session

    def attempt(number: int) -> bool:
        try:
            gate.accounts.passwords.change(session, PASSWORD, f"{NEW} number {number}")
        except InvalidCredentials:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(4))) == 1


def test_a_reset_sets_a_new_password_and_ends_every_session(gate: Gate) -> None:
    account = gate.account("mia_b", "mia@example.com")
    entered = gate.signed_in()
    token = reset_token(gate)
    mailed = gate.notices("account.reset_password")[-1]["data"]
    assert (mailed["account_id"], mailed["email"]) == (account.id, "mia@example.com")
    confirm(gate, token)
    with pytest.raises(SessionEnded):
        gate.accounts.sessions.of(MAIN, entered.token)
    gate.signed_in(password=NEW)
    assert gate.notices("account.password_changed")[-1]["data"]["by"] == "reset"


def test_a_token_that_came_by_mail_verifies_the_address(gate: Gate) -> None:
    account = gate.account("mia_b", "mia@example.com")
    confirm(gate, reset_token(gate))
    assert gate.accounts.lifecycle.get(MAIN, account.id).email_verified_at == gate.clock.at
    gate.signed_in("mia@example.com", NEW)


def test_a_reset_skips_no_second_factor(gate: Gate) -> None:
    gate.enrol(gate.account("mia_b", "mia@example.com"))
    confirm(gate, reset_token(gate))
    assert isinstance(gate.login(password=NEW), SecondFactorNeeded)


def test_a_reset_token_works_once(gate: Gate) -> None:
    gate.account("mia_b", "mia@example.com")
    token = reset_token(gate)
    confirm(gate, token)
    with pytest.raises(TokenRejected):
        confirm(gate, token, "another sentence of four words")


def test_of_many_who_return_one_token_at_once_one_does(gate: Gate) -> None:
    gate.account("mia_b", "mia@example.com")
    token = reset_token(gate)

    def attempt(number: int) -> bool:
        try:
            confirm(gate, token, f"{NEW} number {number}")
        except TokenRejected:
            return False
        return True

    with ThreadPoolExecutor(5) as pool:
        assert sum(pool.map(attempt, range(5))) == 1


def test_a_reset_token_lasts_thirty_minutes(gate: Gate) -> None:
    gate.account("mia_b", "mia@example.com")
    token = reset_token(gate)
    gate.clock.at += 30 * MINUTE
    with pytest.raises(TokenRejected):
        confirm(gate, token)


def test_no_change_of_address_outlives_another_password(gate: Gate) -> None:
    """A thief who asked for one keeps nothing once the owner has a new password."""
    account = gate.account("mia_b", "mia@example.com")

    def change() -> None:
        gate.accounts.passwords.change(gate.signed_in().session, PASSWORD, NEW)

    def reset() -> None:
        confirm(gate, reset_token(gate), PASSWORD)

    for password, end in ((PASSWORD, change), (NEW, reset)):
        thief = gate.signed_in(password=password).session
        gate.accounts.emails.change(thief, password, "thief@example.com")
        end()
        with pytest.raises(TokenRejected):
            gate.accounts.emails.confirm_change(MAIN, gate.token("account.change_email"))
    assert gate.accounts.lifecycle.get(MAIN, account.id).email == "mia@example.com"


def test_a_weak_new_password_leaves_the_token_usable(gate: Gate) -> None:
    gate.account("mia_b", "mia@example.com")
    token = reset_token(gate)
    with pytest.raises(WeakPassword):
        confirm(gate, token, "too short")
    confirm(gate, token)


def test_a_token_for_something_else_resets_nothing(gate: Gate) -> None:
    gate.account("mia_b", "mia@example.com")
    with pytest.raises(TokenRejected):
        confirm(gate, gate.token("account.verify_email"))
    for token in ("", "x" * 10_000, "\x00", "\ud800"):
        with pytest.raises(TokenRejected):
            confirm(gate, token)


def test_asking_for_a_reset_says_nothing_of_who_exists(gate: Gate) -> None:
    gate.account("mia_b", "mia@example.com")
    locked = gate.account("locked_one", "locked@example.com")
    gate.accounts.lifecycle.lock(MAIN, locked.id, reason="", author="key:1")
    gate.account("no_address", None)
    for login in ("mia_b", "locked_one", "no_address", "nobody_has", "x@example.org", "\ud800"):
        gate.accounts.passwords.request_reset(MAIN, login, gate.stranger())
    mailed = gate.notices("account.reset_password")
    assert [each["data"]["email"] for each in mailed] == ["mia@example.com"]


def test_nobody_is_flooded_with_reset_mails_and_nobody_hears_of_the_limit(gate: Gate) -> None:
    gate.account("mia_b", "mia@example.com")
    for _ in range(20):
        gate.accounts.passwords.request_reset(MAIN, "mia_b", gate.stranger())
    assert len(gate.notices("account.reset_password")) == 5


def test_one_address_asks_for_so_many_resets(gate: Gate) -> None:
    for number in range(30):
        gate.accounts.passwords.request_reset(MAIN, f"name{number}x", HOME)
    with pytest.raises(TooManyRequests):
        gate.accounts.passwords.request_reset(MAIN, "one_more", HOME)


def test_a_reset_lets_in_whoever_was_worn_out(gate: Gate) -> None:
    account = gate.account("mia_b", "mia@example.com")
    with write(gate.engine) as connection:
        accounts.count_failure(connection, MAIN, account.id, most=0)
    with pytest.raises(InvalidCredentials):
        gate.login()
    confirm(gate, reset_token(gate))
    gate.signed_in(password=NEW)


def test_an_account_that_is_locked_is_not_reset(gate: Gate) -> None:
    account = gate.account("mia_b", "mia@example.com")
    token = reset_token(gate)
    gate.accounts.lifecycle.lock(MAIN, account.id, reason="", author="key:1")
    with pytest.raises(TokenRejected):
        confirm(gate, token)
