"""A session of staff lasts as long as its owner is there, and no longer than it may."""

import pytest
from sqlalchemy import Engine

from safety.accounts.staff_sessions import is_form_token
from safety.domain.accounts import Factor
from safety.domain.errors import Unauthenticated
from tests.desk_house import Clock, House
from tests.staff_parts import a_person

MINUTE, HOUR = 60, 3600


@pytest.fixture
def house(engine: Engine) -> House:
    return House(engine, Clock())


def test_a_session_ends_after_thirty_idle_minutes(house: House) -> None:
    token, sessions = house.sign_in().token, house.staff.sessions
    for _ in range(2):
        house.clock.at += 29 * MINUTE
        sessions.of(token)
    house.clock.at += 30 * MINUTE
    with pytest.raises(Unauthenticated):
        sessions.of(token)


def test_a_session_ends_after_twelve_hours_of_work(house: House) -> None:
    token, begun = house.sign_in().token, house.clock.at
    while house.clock.at < begun + 12 * HOUR - 10 * MINUTE:
        house.clock.at += 10 * MINUTE
        house.staff.sessions.of(token)
    house.clock.at = begun + 12 * HOUR
    with pytest.raises(Unauthenticated):
        house.staff.sessions.of(token)


def test_proving_oneself_again_and_again_does_not_make_a_session_longer(
    house: House,
) -> None:
    ana = a_person(house.staff)
    session, begun = ana.signed_in.session, ana.signed_in.session.session.created_at
    for _ in range(3):
        house.clock.at += 29 * MINUTE
        session = house.staff.own.step_up(session, ana.code(house.clock.at)).session
    assert session.session.expires_at == begun + 12 * HOUR


def test_signing_out_ends_the_session_at_once(house: House) -> None:
    signed_in = house.sign_in()
    house.staff.sessions.sign_out(signed_in.session)
    with pytest.raises(Unauthenticated):
        house.staff.sessions.of(signed_in.token)


def test_a_session_that_was_ended_is_not_brought_back_by_its_last_request(house: House) -> None:
    session, sessions = house.sign_in().session, house.staff.sessions
    house.clock.at += 5 * MINUTE
    sessions.sign_out(session)
    with pytest.raises(Unauthenticated):
        sessions._refreshed(session.session, house.clock.at)
    with pytest.raises(Unauthenticated):
        sessions.renew(session, frozenset({Factor.TOTP}))


def test_a_session_of_a_platforms_user_opens_no_desk(house: House) -> None:
    """Both kinds of sessions are kept in one table."""
    signed_in = house.sign_in()
    with house.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE sessions SET tenant = 'shop'")
    with pytest.raises(Unauthenticated):
        house.staff.sessions.of(signed_in.token)


def test_a_clock_that_goes_back_asks_for_a_fresh_proof(house: House) -> None:
    session = house.sign_in().session
    assert house.staff.sessions.is_fresh(session)
    house.clock.at -= HOUR
    assert not house.staff.sessions.is_fresh(session)


def test_a_form_belongs_to_one_session(house: House) -> None:
    mine, other = house.sign_in().session, house.sign_in().session
    assert is_form_token(mine, mine.csrf)
    assert not is_form_token(mine, other.csrf)
    assert not is_form_token(mine, "\ud800")
