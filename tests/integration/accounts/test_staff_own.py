"""What members of staff do with their own account takes a fresh proof, and ends what was before."""

import pytest
from sqlalchemy import Engine

from safety.accounts.staff_entry import CodeNeeded
from safety.accounts.staff_values import SignedIn, Whence
from safety.domain.access import StaffSession
from safety.domain.accounts import Factor
from safety.domain.errors import (
    CodeRejected,
    InvalidCredentials,
    NotFound,
    StepUpNeeded,
    Unauthenticated,
    WeakPassword,
)
from tests.desk_house import Clock, House
from tests.staff_parts import PASSWORD, STEP, Person, a_person

LATER = 11 * 60
NEW = "copper kettle sings 4 times"


@pytest.fixture
def house(engine: Engine) -> House:
    return House(engine, Clock())


@pytest.fixture
def ana(house: House) -> Person:
    person = a_person(house.staff)
    house.clock.at += STEP
    return person


def again(house: House, ana: Person) -> SignedIn:
    """The same person in another browser."""
    needed = house.staff.entry.by_password("ana", PASSWORD, Whence())
    assert isinstance(needed, CodeNeeded)
    signed_in = house.staff.entry.by_code(needed.token, ana.code(house.clock.at), Whence())
    house.clock.at += STEP
    return signed_in


def is_open(house: House, signed_in: SignedIn) -> bool:
    try:
        house.staff.sessions.of(signed_in.token)
    except Unauthenticated:
        return False
    return True


def test_every_proof_comes_with_a_new_token(house: House, ana: Person) -> None:
    old = ana.signed_in
    new = house.staff.own.step_up(old.session, ana.code(house.clock.at))
    assert new.token != old.token
    assert new.session.csrf != old.session.csrf
    assert (is_open(house, old), is_open(house, new)) == (False, True)


def test_dangerous_acts_take_a_proof_of_the_last_ten_minutes(house: House, ana: Person) -> None:
    house.clock.at += LATER
    session, own = ana.signed_in.session, house.staff.own
    for act in (own.new_codes, own.forget_second_factor):
        with pytest.raises(StepUpNeeded):
            act(session)
    fresh = own.step_up(session, ana.code(house.clock.at)).session
    assert len(own.new_codes(fresh)) == 10


def test_a_wrong_code_is_no_fresh_proof(house: House, ana: Person) -> None:
    house.clock.at += LATER
    with pytest.raises(CodeRejected):
        house.staff.own.step_up(ana.signed_in.session, "000000")
    assert not house.staff.sessions.is_fresh(house.staff.sessions.of(ana.signed_in.token))


def test_new_recovery_codes_void_the_old_ones(house: House, ana: Person) -> None:
    codes = house.staff.own.new_codes(ana.signed_in.session)
    with pytest.raises(CodeRejected):
        house.staff.own.step_up(ana.signed_in.session, ana.codes[0])
    renewed = house.staff.own.step_up(ana.signed_in.session, codes[0])
    assert renewed.session.session.factors >= {Factor.RECOVERY_CODE}


def test_replacing_the_app_leaves_a_session_that_may_only_enrol(house: House, ana: Person) -> None:
    elsewhere = again(house, ana)
    renewed = house.staff.own.forget_second_factor(elsewhere.session)
    assert not renewed.session.is_enrolled
    assert renewed.session.session.factors == {Factor.PASSWORD}
    assert not is_open(house, ana.signed_in)
    enrolled = house.staff.own.enrol(renewed.session)
    assert enrolled.secret != ana.secret


def test_the_codes_of_an_app_that_was_replaced_open_nothing(house: House, ana: Person) -> None:
    house.staff.own.forget_second_factor(ana.signed_in.session)
    signed_in = house.staff.entry.by_password("ana", PASSWORD, Whence())
    assert isinstance(signed_in, SignedIn)
    assert not signed_in.session.is_enrolled
    with pytest.raises(CodeRejected):
        house.staff.own.confirm(signed_in.session, ana.code(house.clock.at))


def test_a_password_is_changed_with_the_current_one_and_ends_other_sessions(
    house: House, ana: Person
) -> None:
    elsewhere = again(house, ana)
    renewed = house.staff.own.change_password(elsewhere.session, PASSWORD, NEW, None)
    assert is_open(house, renewed)
    assert not is_open(house, ana.signed_in)
    assert not is_open(house, elsewhere)
    with pytest.raises(InvalidCredentials):
        house.staff.entry.by_password("ana", PASSWORD, Whence())
    assert isinstance(house.staff.entry.by_password("ana", NEW, Whence()), CodeNeeded)


def test_another_password_ends_the_step_between_the_old_one_and_the_code(
    house: House, ana: Person
) -> None:
    needed = house.staff.entry.by_password("ana", PASSWORD, Whence())
    assert isinstance(needed, CodeNeeded)
    house.staff.own.change_password(ana.signed_in.session, PASSWORD, NEW, None)
    with pytest.raises(Unauthenticated):
        house.staff.entry.by_code(needed.token, ana.code(house.clock.at), Whence())


@pytest.mark.parametrize(
    ("current", "chosen", "error"),
    [("wrong", NEW, InvalidCredentials), (PASSWORD, "ana", WeakPassword)],
)
def test_a_password_that_is_not_changed_ends_nothing(
    house: House, ana: Person, current: str, chosen: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        house.staff.own.change_password(ana.signed_in.session, current, chosen, None)
    assert is_open(house, ana.signed_in)
    assert isinstance(house.staff.entry.by_password("ana", PASSWORD, Whence()), CodeNeeded)


def test_whoever_has_no_password_yet_chooses_one_with_a_fresh_proof(house: House) -> None:
    session = house.sign_in("mo").session
    house.clock.at += LATER
    with pytest.raises(StepUpNeeded):
        house.staff.own.change_password(session, "", NEW, None)
    fresh: StaffSession = house.sign_in("mo").session
    assert not house.staff.own.status(fresh).has_password
    renewed = house.staff.own.change_password(fresh, "", NEW, None)
    assert house.staff.own.status(renewed.session).has_password


def test_somebody_sees_and_ends_their_own_sessions_only(house: House, ana: Person) -> None:
    other, mo = again(house, ana), house.sign_in("mo")
    sessions = house.staff.sessions
    listed = [each.id for each in sessions.open_ones(other.session)]
    assert listed == [other.session.session.id, ana.signed_in.session.session.id]
    with pytest.raises(NotFound):
        sessions.end(other.session, mo.session.session.id)
    sessions.end(other.session, ana.signed_in.session.session.id)
    assert [is_open(house, each) for each in (ana.signed_in, other, mo)] == [False, True, True]


def test_all_other_sessions_can_be_ended_at_once(house: House, ana: Person) -> None:
    other = again(house, ana)
    assert house.staff.sessions.end_others(other.session) == 1
    assert [is_open(house, each) for each in (ana.signed_in, other)] == [False, True]
