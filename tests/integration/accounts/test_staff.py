"""Staff come in by a link that works once, and stay for as long as they are there."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from safety.accounts.staff import Lasting, Staff, invite, is_form_token
from safety.domain.errors import InvalidInput, Unauthenticated
from safety.store import audit
from safety.store.engine import read
from tests.desk_house import AUDIT_KEY, House, a_house

MINUTE, HOUR = 60, 3600


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = a_house(tmp_path)
    yield made
    made.engine.dispose()


def test_a_link_lets_its_owner_in(house: House) -> None:
    signed_in = house.staff.sign_in(house.invite("ana"))
    assert house.staff.session(signed_in.token).staff == "ana"


def test_a_link_works_once(house: House) -> None:
    link = house.invite()
    house.staff.sign_in(link)
    with pytest.raises(Unauthenticated):
        house.staff.sign_in(link)


def test_of_many_who_use_a_link_at_once_one_gets_in(house: House) -> None:
    link, staff = house.invite(), house.staff

    def enter(_: int) -> bool:
        try:
            staff.sign_in(link)
        except Unauthenticated:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(enter, range(16))) == 1


def test_a_link_is_worthless_after_thirty_minutes(house: House) -> None:
    link = house.invite()
    house.clock.at += 30 * MINUTE
    with pytest.raises(Unauthenticated):
        house.staff.sign_in(link)


def test_a_link_for_one_person_does_not_let_another_in(house: House) -> None:
    secret = house.invite("ana").partition(".")[2]
    with pytest.raises(Unauthenticated):
        house.staff.sign_in(f"boss.{secret}")


@pytest.mark.parametrize("token", ["", ".", "ana.", "ana", "x" * 10_000, "\x00", "\ud800", "ana.é"])
def test_an_invented_token_lets_nobody_in(house: House, token: str) -> None:
    with pytest.raises(Unauthenticated):
        house.staff.sign_in(token)
    with pytest.raises(Unauthenticated):
        house.staff.session(token)


def test_nothing_in_the_database_opens_the_door(house: House, tmp_path: Path) -> None:
    link = house.invite()
    token = house.staff.sign_in(link).token
    house.engine.dispose()
    for file in tmp_path.iterdir():
        kept = file.read_bytes()
        assert link.partition(".")[2].encode() not in kept
        assert token.encode() not in kept


def test_a_session_ends_after_thirty_idle_minutes(house: House) -> None:
    token = house.staff.sign_in(house.invite()).token
    house.clock.at += 29 * MINUTE
    house.staff.session(token)
    house.clock.at += 29 * MINUTE
    house.staff.session(token)
    house.clock.at += 30 * MINUTE
    with pytest.raises(Unauthenticated):
        house.staff.session(token)


def test_a_session_ends_after_twelve_hours_of_work(house: House) -> None:
    token = house.staff.sign_in(house.invite()).token
    begun = house.clock.at
    while house.clock.at < begun + 12 * HOUR - 10 * MINUTE:
        house.clock.at += 10 * MINUTE
        house.staff.session(token)
    house.clock.at = begun + 12 * HOUR
    with pytest.raises(Unauthenticated):
        house.staff.session(token)


def test_signing_out_ends_the_session_at_once(house: House) -> None:
    token = house.staff.sign_in(house.invite()).token
    house.staff.sign_out(house.staff.session(token))
    with pytest.raises(Unauthenticated):
        house.staff.session(token)


def test_a_session_that_was_ended_is_not_brought_back_by_its_last_request(house: House) -> None:
    token = house.staff.sign_in(house.invite()).token
    session = house.staff.session(token)
    house.clock.at += 5 * MINUTE
    house.staff.sign_out(session)
    with pytest.raises(Unauthenticated):
        house.staff._refreshed(session, house.clock.at)


def test_signing_in_again_ends_the_session_before(house: House) -> None:
    first = house.staff.sign_in(house.invite()).token
    second = house.staff.sign_in(house.invite(), previous=first).token
    assert first != second
    with pytest.raises(Unauthenticated):
        house.staff.session(first)


def test_a_form_belongs_to_one_session(house: House) -> None:
    mine = house.staff.sign_in(house.invite()).session
    other = house.staff.sign_in(house.invite()).session
    assert is_form_token(mine, mine.csrf)
    assert not is_form_token(mine, other.csrf)
    assert not is_form_token(mine, "\ud800")


@pytest.mark.parametrize("name", ["", "Ana", "a b", "../x", "a" * 41, "a.b", "-x"])
def test_a_name_that_could_confuse_is_refused(house: House, name: str) -> None:
    with pytest.raises(InvalidInput):
        invite(house.engine, house.clock(), audit_key=AUDIT_KEY, staff=name)


def test_coming_and_going_is_in_the_audit_log(house: House) -> None:
    signed_in = house.staff.sign_in(house.invite("ana"))
    house.staff.sign_out(signed_in.session)
    with read(house.engine) as connection:
        actions = [event.action for event in audit.recent(connection)]
        assert audit.verify(connection, key=AUDIT_KEY).is_intact
    assert actions == ["staff.signed_out", "staff.signed_in", "staff.invited"]


def test_how_long_things_last_is_a_setting(house: House) -> None:
    short = Staff(house.engine, house.clock, AUDIT_KEY, lasting=Lasting(idle=60, refresh=1))
    token = short.sign_in(house.invite()).token
    house.clock.at += 61
    with pytest.raises(Unauthenticated):
        short.session(token)
