"""Sessions: opened with a token of their own, in use for as long as promised, ended at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from safety.accounts.sessions import SignedIn
from safety.accounts.visitor import Visitor
from safety.domain.accounts import Factor
from safety.domain.errors import (
    CodeRejected,
    InvalidCredentials,
    InvalidInput,
    NotFound,
    SessionEnded,
    StepUpNeeded,
    TooManyRequests,
)
from tests.integration.accounts.gate_house import HOME, MAIN, PASSWORD, Gate

DAY = 86_400.0
MINUTE = 60.0


def is_open(gate: Gate, entered: SignedIn) -> bool:
    try:
        gate.accounts.sessions.of(MAIN, entered.token)
    except SessionEnded:
        return False
    return True


@pytest.mark.parametrize("token", ["", "x" * 10_000, "\x00", "\ud800", "é"])
def test_an_invented_token_is_no_session(gate: Gate, token: str) -> None:
    with pytest.raises(SessionEnded):
        gate.accounts.sessions.of(MAIN, token)


def test_no_token_is_in_the_database(gate: Gate) -> None:
    gate.account()
    entered = gate.signed_in()
    with gate.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM sessions")).all()
    assert len(rows) == 1
    assert entered.token not in str(rows)
    assert entered.token.encode() not in [bytes(row.token_hash) for row in rows]


def test_every_login_has_a_token_of_its_own(gate: Gate) -> None:
    gate.account()
    tokens = {gate.signed_in(visitor=HOME).token for _ in range(5)}
    assert len(tokens) == 5


def test_a_session_is_of_its_tenant(gate: Gate) -> None:
    gate.account()
    with pytest.raises(SessionEnded):
        gate.accounts.sessions.of("other", gate.signed_in().token)


def test_a_session_ends_after_two_idle_weeks(gate: Gate) -> None:
    gate.account()
    used, unused = gate.signed_in(), gate.signed_in()
    gate.clock.at += 13 * DAY
    assert is_open(gate, used)
    gate.clock.at += 1 * DAY
    assert is_open(gate, used)
    assert not is_open(gate, unused)


def test_a_session_ends_after_thirty_days_of_use(gate: Gate) -> None:
    gate.account()
    entered = gate.signed_in()
    for _ in range(29):
        gate.clock.at += DAY
        assert is_open(gate, entered)
    gate.clock.at += DAY
    assert not is_open(gate, entered)


def test_a_clock_that_went_back_ends_no_session(gate: Gate) -> None:
    gate.account()
    entered = gate.signed_in()
    gate.clock.at -= 365 * DAY
    assert is_open(gate, entered)


def test_signing_out_ends_the_session_at_once_and_twice_is_fine(gate: Gate) -> None:
    gate.account()
    entered = gate.signed_in()
    gate.accounts.sessions.end(entered.session)
    gate.accounts.sessions.end(entered.session)
    assert not is_open(gate, entered)


def test_an_owner_sees_the_sessions_and_ends_one(gate: Gate) -> None:
    account = gate.account()
    home = gate.signed_in(visitor=HOME)
    gate.clock.at += MINUTE
    away = gate.signed_in(visitor=Visitor(ip="2001:db8::7", user_agent="Phone\x07/2"))
    listed = gate.accounts.sessions.list_open(MAIN, account.id)
    assert [each.id for each in listed] == [away.session.id, home.session.id]
    assert [(each.address, each.agent) for each in listed] == [
        ("2001:db8::/64", "Phone/2"),
        ("203.0.113.9", "Browser/1"),
    ]
    gate.accounts.sessions.end_one(MAIN, account.id, home.session.id)
    assert not is_open(gate, home)
    assert is_open(gate, away)


def test_nobody_ends_a_session_of_somebody_else(gate: Gate) -> None:
    gate.account("mia_b")
    other = gate.account("another")
    entered = gate.signed_in("mia_b")
    with pytest.raises(NotFound):
        gate.accounts.sessions.end_one(MAIN, other.id, entered.session.id)
    assert is_open(gate, entered)


def test_ending_the_others_leaves_this_one(gate: Gate) -> None:
    gate.account()
    others = [gate.signed_in(visitor=HOME) for _ in range(3)]
    this = gate.signed_in(visitor=HOME)
    assert gate.accounts.sessions.end_others(this.session) == 3
    assert is_open(gate, this)
    assert not any(is_open(gate, other) for other in others)


def test_a_session_is_fresh_for_ten_minutes(gate: Gate) -> None:
    gate.account()
    session = gate.signed_in().session
    gate.clock.at += 10 * MINUTE
    gate.accounts.sessions.demand_fresh(session)
    gate.clock.at += 1
    with pytest.raises(StepUpNeeded):
        gate.accounts.sessions.demand_fresh(session)
    with pytest.raises(StepUpNeeded):
        gate.accounts.sessions.demand_fresh(session, within=5 * MINUTE)


def test_a_proof_from_the_future_is_not_fresh(gate: Gate) -> None:
    gate.account()
    session = gate.signed_in().session
    gate.clock.at -= MINUTE
    with pytest.raises(StepUpNeeded):
        gate.accounts.sessions.demand_fresh(session)


def test_the_password_makes_a_session_fresh_under_a_new_token(gate: Gate) -> None:
    gate.account()
    entered = gate.signed_in()
    gate.clock.at += DAY
    renewed = gate.accounts.step_up.step_up(entered.session, password=PASSWORD)
    gate.accounts.sessions.demand_fresh(renewed.session)
    assert renewed.token != entered.token
    assert renewed.session.csrf != entered.session.csrf
    assert renewed.session.expires_at == entered.session.expires_at
    assert not is_open(gate, entered)
    assert is_open(gate, renewed)


def test_a_wrong_password_proves_nothing_and_is_counted(gate: Gate) -> None:
    gate.account()
    session = gate.signed_in().session
    for _ in range(10):
        with pytest.raises(InvalidCredentials):
            gate.accounts.step_up.step_up(session, password="not the right password")
    with pytest.raises(TooManyRequests):
        gate.accounts.step_up.step_up(session, password=PASSWORD)


def test_where_a_second_factor_is_enrolled_only_its_code_counts(gate: Gate) -> None:
    account = gate.account()
    session = gate.signed_in().session
    phone = gate.enrol(account)
    with pytest.raises(InvalidInput) as refused:
        gate.accounts.step_up.step_up(session, password=PASSWORD)
    assert refused.value.errors[0].field == "code"
    with pytest.raises(CodeRejected):
        gate.accounts.step_up.step_up(session, code="000000")
    renewed = gate.accounts.step_up.step_up(session, code=phone())
    assert renewed.session.factors == {Factor.PASSWORD, Factor.TOTP}


def test_a_session_that_ended_cannot_be_renewed(gate: Gate) -> None:
    gate.account()
    session = gate.signed_in().session
    gate.accounts.sessions.end(session)
    with pytest.raises(SessionEnded):
        gate.accounts.step_up.step_up(session, password=PASSWORD)


def test_of_many_who_renew_one_session_at_once_one_does(gate: Gate) -> None:
    gate.account()
    session = gate.signed_in().session

    def attempt(_: int) -> bool:
        try:
            gate.accounts.step_up.step_up(session, password=PASSWORD)
        except SessionEnded:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(8))) == 1
    assert len(gate.accounts.sessions.list_open(MAIN, session.account_id)) == 1
