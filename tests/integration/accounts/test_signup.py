"""Signing up: one account per name, and nothing is told of who else has an address."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from safety.accounts.visitor import Visitor
from safety.domain.accounts import Account, AccountStatus
from safety.domain.errors import (
    InvalidInput,
    NameTaken,
    ProofRejected,
    TooManyRequests,
    WeakPassword,
)
from safety.domain.reviews import Action
from safety.gates.names import login_key
from safety.store import accounts, ledger
from safety.store.engine import read
from tests.integration.accounts.gate_house import MAIN, PASSWORD, Gate


def kept(gate: Gate, username: str) -> Account | None:
    username_key, _ = login_key(username)
    with read(gate.engine) as connection:
        return accounts.find_by_login(connection, MAIN, username_key=username_key, email_key=None)


def test_a_signup_makes_an_account_that_may_sign_in(gate: Gate) -> None:
    outcome = gate.sign_up()
    assert outcome.decision["verdict"] == "allow"
    assert outcome.account is not None
    assert outcome.account.status is AccountStatus.ACTIVE
    assert gate.signed_in().session.account_id == outcome.account.id


def test_the_account_has_the_id_that_its_decision_was_made_about(gate: Gate) -> None:
    outcome = gate.sign_up()
    assert outcome.account is not None
    with read(gate.engine) as connection:
        stored = ledger.get(connection, MAIN, outcome.decision["id"])
    assert stored is not None
    assert stored.actor_id == outcome.account.id


def test_the_password_is_kept_nowhere(gate: Gate) -> None:
    account = gate.account()
    assert account.password_hash is not None
    assert account.password_hash.startswith("$argon2id$")
    with read(gate.engine) as connection:
        stored = ledger.recent(connection, MAIN)[0]
    assert PASSWORD.encode() not in stored.event + stored.facts + stored.answer


def test_a_name_that_looks_like_a_taken_one_is_taken(gate: Gate) -> None:
    gate.account("paypal")
    with pytest.raises(NameTaken):
        gate.sign_up("PayPa1", None)


def test_tenants_do_not_share_names(gate: Gate) -> None:
    gate.sign_up("mia_b", None)
    assert gate.sign_up("mia_b", None, tenant="other").account is not None


def test_twenty_who_want_one_name_at_once_get_one_account(gate: Gate) -> None:
    def attempt(_: int) -> bool:
        try:
            return gate.sign_up("only_one", None).account is not None
        except NameTaken:
            return False

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(attempt, range(20))) == 1


def test_a_known_address_is_answered_like_any_other(gate: Gate) -> None:
    gate.verified("mia_b", "mia@example.com")
    known = gate.sign_up("someone", "mia@example.com")
    fresh = gate.sign_up("another", "new@example.com")
    assert known.account is not None
    assert fresh.account is not None
    for one, other in ((known.account, fresh.account), (known.decision, fresh.decision)):
        assert type(one) is type(other)
    assert known.account.status is fresh.account.status
    assert (known.account.email, known.account.email_verified_at) == ("mia@example.com", None)
    assert known.decision.keys() == fresh.decision.keys()


def test_nothing_done_later_tells_that_an_address_was_known(gate: Gate) -> None:
    """Names are taken, names sign in and addresses do not, whoever else has them."""
    gate.verified("mia_b", "mia@example.com")
    gate.sign_up("someone", "mia@example.com")
    gate.sign_up("another", "new@example.com")
    for username in ("someone", "another"):
        with pytest.raises(NameTaken):
            gate.sign_up(username, None)
        gate.signed_in(username)
    assert gate.signed_in("someone").session.account_id != gate.signed_in().session.account_id


def test_the_owner_of_a_known_address_is_told_and_nobody_else(gate: Gate) -> None:
    owner = gate.verified("mia_b", "mia@example.com")
    before = len(gate.notices("account.verify_email"))
    gate.sign_up("someone", "MIA@example.com")
    assert len(gate.notices("account.verify_email")) == before
    (told,) = gate.notices("account.email_already_known")
    assert told["data"] == {"account_id": owner.id}


def test_a_weak_password_is_refused_in_words_that_help(gate: Gate) -> None:
    with pytest.raises(WeakPassword) as refused:
        gate.sign_up(password="short")
    assert [error.field for error in refused.value.errors] == ["password"]
    assert "short" not in str(refused.value.errors)


def test_a_weak_password_is_no_signup_that_counts(gate: Gate) -> None:
    where = Visitor(ip="203.0.113.50", device_id="d_1")
    for _ in range(6):
        with pytest.raises(WeakPassword):
            gate.sign_up(password="too short", visitor=where)
    assert gate.sign_up(visitor=where).decision["verdict"] == "allow"


@pytest.mark.parametrize("name", ["", "a", "admin", "x" * 40, "mia\u200bb", "mia\x00", "\ud800a"])
def test_a_hostile_name_is_refused_by_its_field(gate: Gate, name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        gate.sign_up(name, None)
    assert refused.value.errors[0].field == "username"


def a_burst(gate: Gate) -> Visitor:
    """An address that the shipped rules ask for a challenge."""
    where = Visitor(ip="203.0.113.77")
    for number in range(7):
        gate.sign_up(f"burst{number}x", None, visitor=where)
    return where


def test_a_challenged_signup_keeps_nothing_until_it_is_proved(gate: Gate) -> None:
    where = a_burst(gate)
    asked = gate.sign_up("patient", None, visitor=where)
    assert asked.decision["verdict"] == "challenge"
    assert asked.account is None
    assert kept(gate, "patient") is None
    gate.prove(asked.decision["id"])
    made = gate.sign_up("patient", None, visitor=where, decision_id=asked.decision["id"])
    assert made.account is not None
    assert kept(gate, "patient") == made.account
    assert made.decision["verdict"] == "allow"


def test_a_proof_makes_one_account(gate: Gate) -> None:
    where = a_burst(gate)
    decision_id = gate.sign_up("patient", None, visitor=where).decision["id"]
    gate.prove(decision_id)
    gate.sign_up("patient", None, visitor=where, decision_id=decision_id)
    with pytest.raises((ProofRejected, NameTaken)):
        gate.sign_up("patient", None, visitor=where, decision_id=decision_id)


def test_a_proof_is_for_the_names_it_was_asked_for(gate: Gate) -> None:
    where = a_burst(gate)
    decision_id = gate.sign_up("patient", None, visitor=where).decision["id"]
    gate.prove(decision_id)
    for username, email in (("another", None), ("patient", "new@example.com")):
        with pytest.raises(ProofRejected):
            gate.sign_up(username, email, visitor=where, decision_id=decision_id)


def test_a_proof_is_worthless_a_quarter_of_an_hour_later(gate: Gate) -> None:
    where = a_burst(gate)
    decision_id = gate.sign_up("patient", None, visitor=where).decision["id"]
    gate.prove(decision_id)
    gate.clock.at += 15 * 60 + 1
    with pytest.raises(ProofRejected):
        gate.sign_up("patient", None, visitor=where, decision_id=decision_id)


def test_a_decision_that_was_not_proved_opens_nothing(gate: Gate) -> None:
    where = a_burst(gate)
    asked = gate.sign_up("patient", None, visitor=where).decision["id"]
    allowed = gate.sign_up("someone", None).decision["id"]
    for username, decision_id in (("patient", asked), ("someone", allowed), ("whoever", "dec_1")):
        with pytest.raises(ProofRejected):
            gate.sign_up(username, None, decision_id=decision_id)


def a_held_signup(gate: Gate, username: str = "waiting") -> str:
    """The fourth account of one device in a day, which a person looks at first."""
    for number in range(3):
        where = Visitor(ip=gate.stranger().ip, device_id="d_many")
        gate.sign_up(f"device{number}x", None, visitor=where)
    where = Visitor(ip=gate.stranger().ip, device_id="d_many")
    outcome = gate.sign_up(username, None, visitor=where)
    assert outcome.account is not None
    assert outcome.account.status is AccountStatus.HELD
    decision_id: str = outcome.decision["id"]
    return decision_id


def test_a_held_account_is_active_once_a_moderator_keeps_it(gate: Gate) -> None:
    decision_id = a_held_signup(gate)
    with pytest.raises(Exception, match="not right"):
        gate.login("waiting")
    gate.resolve(decision_id, Action.KEEP)
    account_id = gate.signed_in("waiting").session.account_id
    assert gate.accounts.lifecycle.get(MAIN, account_id).status is AccountStatus.ACTIVE


def test_a_held_account_is_closed_once_a_moderator_removes_it(gate: Gate) -> None:
    decision_id = a_held_signup(gate)
    gate.resolve(decision_id, Action.REMOVE)
    with pytest.raises(Exception, match="not right"):
        gate.login("waiting")


def test_locking_and_unlocking_is_no_way_around_the_moderator(gate: Gate) -> None:
    decision_id = a_held_signup(gate)
    account = kept(gate, "waiting")
    assert account is not None
    lifecycle = gate.accounts.lifecycle
    lifecycle.lock(MAIN, account.id, reason="", author="key:1")
    assert lifecycle.unlock(MAIN, account.id, author="key:1").status is AccountStatus.HELD
    lifecycle.lock(MAIN, account.id, reason="", author="key:1")
    gate.resolve(decision_id, Action.KEEP)
    assert lifecycle.unlock(MAIN, account.id, author="key:1").status is AccountStatus.ACTIVE


def test_one_address_makes_so_many_accounts_and_no_more(gate: Gate) -> None:
    where = Visitor(ip="2001:db8:1:2::1")
    limit = gate.accounts.sign_up.doorbell
    for _ in range(30):
        limit.knock(MAIN, where)
    with pytest.raises(TooManyRequests) as refused:
        gate.sign_up(visitor=Visitor(ip="2001:db8:1:2:ffff::9"))
    assert refused.value.retry_after is not None
    assert gate.sign_up(visitor=Visitor(ip="2001:db8:1:3::1")).account is not None
