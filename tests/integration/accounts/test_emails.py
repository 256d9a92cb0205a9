"""Addresses are claimed first and somebody's own once they bring back what was sent there."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from safety.domain.errors import InvalidCredentials, InvalidInput, TokenRejected
from safety.store import outbox
from safety.store.engine import read
from tests.integration.accounts.gate_house import MAIN, PASSWORD, Gate

DAY = 86_400.0


def test_a_signup_is_sent_a_token_and_verifies_with_it(gate: Gate) -> None:
    account = gate.account("mia_b", "Mia@Example.com")
    sent = gate.notices("account.verify_email")[-1]["data"]
    assert (sent["account_id"], sent["email"]) == (account.id, "Mia@example.com")
    verified = gate.accounts.emails.verify(MAIN, sent["token"])
    assert (verified.id, verified.email_verified_at) == (account.id, gate.clock.at)


def test_a_token_works_once_in_time_and_in_its_tenant(gate: Gate) -> None:
    gate.account("mia_b", "mia@example.com")
    token = gate.token("account.verify_email")
    with pytest.raises(TokenRejected):
        gate.accounts.emails.verify("other", token)
    gate.accounts.emails.verify(MAIN, token)
    with pytest.raises(TokenRejected):
        gate.accounts.emails.verify(MAIN, token)
    gate.account("another", "new@example.com")
    gate.clock.at += 3 * DAY
    with pytest.raises(TokenRejected):
        gate.accounts.emails.verify(MAIN, gate.token("account.verify_email"))


def test_messages_with_a_token_lie_sealed(gate: Gate) -> None:
    gate.account("mia_b", "mia@example.com")
    token = gate.token("account.verify_email")
    with read(gate.engine) as connection:
        (message,) = outbox.pending(connection)
    assert message.sealed
    assert token.encode() not in message.body
    assert b"mia@example.com" not in message.body


def test_nobody_keeps_an_owner_out_by_claiming_the_address_first(gate: Gate) -> None:
    gate.account("squatter", "mia@example.com")
    squatted = gate.token("account.verify_email")
    owner = gate.account("mia_b", "mia@example.com")
    gate.accounts.emails.verify(MAIN, gate.token("account.verify_email"))
    assert gate.signed_in("mia@example.com").session.account_id == owner.id
    with pytest.raises(TokenRejected):
        gate.accounts.emails.verify(MAIN, squatted)


def test_of_many_who_claim_an_address_one_has_it(gate: Gate) -> None:
    for number in range(4):
        gate.account(f"claim{number}x", "mia@example.com")
    tokens = [each["data"]["token"] for each in gate.notices("account.verify_email")]

    def attempt(token: str) -> bool:
        try:
            gate.accounts.emails.verify(MAIN, token)
        except TokenRejected:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, tokens)) == 1


def test_an_address_is_sent_so_many_mails_and_no_more(gate: Gate) -> None:
    for number in range(9):
        gate.account(f"flood{number}x", "Victim@example.com")
    assert len(gate.notices("account.verify_email")) == 5


def test_a_token_is_sent_again_until_the_address_is_verified(gate: Gate) -> None:
    gate.account("mia_b", "mia@example.com")
    session = gate.signed_in().session
    gate.accounts.emails.resend(session)
    assert len(gate.notices("account.verify_email")) == 2
    gate.accounts.emails.verify(MAIN, gate.token("account.verify_email"))
    gate.accounts.emails.resend(session)
    assert len(gate.notices("account.verify_email")) == 2


def test_another_address_counts_once_its_token_comes_back(gate: Gate) -> None:
    account = gate.verified("mia_b", "mia@example.com")
    session = gate.signed_in().session
    gate.accounts.emails.change(session, PASSWORD, "new@example.org")
    sent = gate.notices("account.change_email")[-1]["data"]
    assert sent["email"] == "new@example.org"
    assert gate.notices("account.email_change_requested")[-1]["data"] == {"account_id": account.id}
    gate.signed_in("mia@example.com")
    gate.accounts.emails.confirm_change(MAIN, sent["token"])
    gate.signed_in("new@example.org")
    with pytest.raises(InvalidCredentials):
        gate.login("mia@example.com")
    assert gate.notices("account.email_changed")


def test_a_change_needs_the_password(gate: Gate) -> None:
    gate.verified()
    session = gate.signed_in().session
    with pytest.raises(InvalidCredentials):
        gate.accounts.emails.change(session, "not the right password", "new@example.org")
    assert gate.notices("account.change_email") == []


def test_a_change_to_a_known_address_is_answered_like_any_other(gate: Gate) -> None:
    gate.verified("mia_b", "mia@example.com")
    gate.verified("another", "new@example.org")
    session = gate.signed_in("another").session
    gate.accounts.emails.change(session, PASSWORD, "mia@example.com")
    assert gate.notices("account.change_email") == []
    assert gate.notices("account.email_already_known")


@pytest.mark.parametrize("email", ["", "x", "a@b", "mia@example.com", "a@b.c\x00", "\ud800@x.org"])
def test_what_cannot_be_the_new_address_is_refused(gate: Gate, email: str) -> None:
    gate.verified()
    session = gate.signed_in().session
    with pytest.raises(InvalidInput) as refused:
        gate.accounts.emails.change(session, PASSWORD, email)
    assert refused.value.errors[0].field == "email"


def test_a_reset_that_was_mailed_to_the_old_address_is_void_after_a_change(gate: Gate) -> None:
    gate.verified()
    session = gate.signed_in().session
    gate.accounts.passwords.request_reset(MAIN, "mia_b", gate.stranger())
    gate.accounts.emails.change(session, PASSWORD, "new@example.org")
    gate.accounts.emails.confirm_change(MAIN, gate.token("account.change_email"))
    token = gate.token("account.reset_password")
    with pytest.raises(TokenRejected):
        gate.accounts.passwords.confirm_reset(
            MAIN, token, "a wholly new pass phrase", gate.stranger()
        )
