"""Staff come in by a link or a password, then by a code, and stay for as long as they are there."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from safety.accounts.staff_entry import CodeNeeded
from safety.accounts.staff_values import SignedIn, Whence
from safety.domain.access import Permission, Role
from safety.domain.accounts import Factor, TokenPurpose
from safety.domain.errors import (
    CodeRejected,
    InvalidCredentials,
    SafetyError,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    WeakPassword,
)
from safety.gates.tokens import hash_of
from safety.store import audit, one_time
from safety.store.engine import read, write
from tests.desk_house import Clock, House
from tests.staff_parts import AUDIT_KEY, PASSWORD, STEP, Person, a_person, audit_away

MINUTE, HOUR = 60, 3600
HERE = Whence("203.0.113.9", "Browser/1")


@pytest.fixture
def house(engine: Engine) -> House:
    return House(engine, Clock())


@pytest.fixture
def ana(house: House) -> Person:
    """Somebody with password, phone and codes, who may type a new code now."""
    person = a_person(house.staff)
    house.clock.at += STEP
    return person


def by_password(house: House, name: str = "ana", password: str = PASSWORD) -> CodeNeeded:
    """The first step of somebody who has a second factor."""
    needed = house.staff.entry.by_password(name, password, HERE)
    assert isinstance(needed, CodeNeeded)
    return needed


def by_link(house: House, link: str) -> SignedIn:
    """What a link gives somebody without a second factor."""
    signed_in = house.staff.entry.by_link(link, HERE)
    assert isinstance(signed_in, SignedIn)
    return signed_in


def refused(house: House, name: str, password: str, whence: Whence = HERE) -> SafetyError:
    with pytest.raises(SafetyError) as caught:
        house.staff.entry.by_password(name, password, whence)
    return caught.value


def test_password_and_code_let_somebody_in(house: House, ana: Person) -> None:
    needed = by_password(house)
    signed_in = house.staff.entry.by_code(needed.token, ana.code(house.clock.at), HERE)
    session = house.staff.sessions.of(signed_in.token)
    assert (session.staff, session.is_enrolled) == ("ana", True)
    assert session.session.factors == {Factor.PASSWORD, Factor.TOTP}
    assert session.session.address == "203.0.113.9"


def test_the_password_alone_opens_nothing(house: House, ana: Person) -> None:
    with pytest.raises(Unauthenticated):
        house.staff.sessions.of(by_password(house).token)


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ana", "wrong " + PASSWORD),
        ("nobody", PASSWORD),
        ("", ""),
        ("ana\x00", PASSWORD),
        ("\ud800", "\ud800"),
        ("x" * 65_536, PASSWORD),
        ("ana", "y" * 1_000_000),
    ],
)
def test_whoever_is_wrong_gets_one_and_the_same_answer(
    house: House, ana: Person, name: str, password: str
) -> None:
    error = refused(house, name, password)
    assert isinstance(error, InvalidCredentials)
    assert error.detail == "The name or the password is not right."


def test_a_name_is_found_however_it_is_cased(house: House, ana: Person) -> None:
    assert by_password(house, " Ana ").token


def test_a_disabled_member_is_answered_like_a_stranger(house: House, ana: Person) -> None:
    house.staff.members.invite("boss", Role.ADMIN, "test")
    house.staff.members.disable(ana.account_id, "test")
    assert isinstance(refused(house, "ana", PASSWORD), InvalidCredentials)


def test_too_many_wrong_passwords_are_refused_before_they_are_checked(
    house: House, ana: Person
) -> None:
    kinds = [type(refused(house, "ana", f"wrong {n}")) for n in range(12)]
    assert kinds == [InvalidCredentials] * 10 + [TooManyRequests] * 2
    assert isinstance(refused(house, "ana", PASSWORD), TooManyRequests)
    house.clock.at += 15 * MINUTE
    assert by_password(house).token


def test_an_unknown_name_is_limited_like_a_known_one(house: House) -> None:
    kinds = [type(refused(house, "nobody", f"wrong {n}")) for n in range(12)]
    assert kinds == [InvalidCredentials] * 10 + [TooManyRequests] * 2


def test_a_stranger_cannot_keep_somebody_out_where_they_came_in_before(
    house: House, ana: Person
) -> None:
    needed = by_password(house)
    house.staff.entry.by_code(needed.token, ana.code(house.clock.at), HERE)
    for n in range(11):
        refused(house, "ana", "wrong", Whence(f"198.51.100.{n}"))
    assert by_password(house).token


def test_a_code_works_once(house: House, ana: Person) -> None:
    code = ana.code(house.clock.at)
    house.staff.entry.by_code(by_password(house).token, code, HERE)
    with pytest.raises(CodeRejected):
        house.staff.entry.by_code(by_password(house).token, code, HERE)


def test_a_recovery_code_lets_somebody_in_once(house: House, ana: Person) -> None:
    signed_in = house.staff.entry.by_code(by_password(house).token, ana.codes[3], HERE)
    assert signed_in.session.is_enrolled
    with pytest.raises(CodeRejected):
        house.staff.entry.by_code(by_password(house).token, ana.codes[3], HERE)


def test_after_a_password_five_codes_may_be_tried_within_five_minutes(
    house: House, ana: Person
) -> None:
    needed = by_password(house)
    house.clock.at += 5 * MINUTE
    with pytest.raises(Unauthenticated):
        house.staff.entry.by_code(needed.token, ana.code(house.clock.at), HERE)
    needed = by_password(house)
    for _ in range(5):
        with pytest.raises(CodeRejected):
            house.staff.entry.by_code(needed.token, "000000", HERE)
    with pytest.raises(Unauthenticated):
        house.staff.entry.by_code(needed.token, ana.code(house.clock.at), HERE)


@pytest.mark.parametrize("token", [None, "", "invented", "\ud800", "x" * 10_000])
def test_an_invented_step_leads_nowhere(house: House, ana: Person, token: str | None) -> None:
    with pytest.raises(Unauthenticated):
        house.staff.entry.by_code(token, ana.code(house.clock.at), HERE)


def test_a_link_for_an_enrolled_member_still_asks_for_a_code(house: House, ana: Person) -> None:
    needed = house.staff.entry.by_link(house.link("ana"), HERE)
    assert isinstance(needed, CodeNeeded)
    signed_in = house.staff.entry.by_code(needed.token, ana.code(house.clock.at), HERE)
    assert signed_in.session.session.factors == {Factor.LINK, Factor.TOTP}


def test_without_a_second_factor_a_link_reaches_the_enrolment_and_no_more(house: House) -> None:
    session = by_link(house, house.link("boss", Role.ADMIN)).session
    assert not session.is_enrolled
    assert not any(session.may(permission) for permission in Permission)


def test_where_codes_are_optional_a_link_opens_the_desk(house: House) -> None:
    house.is_code_required = False
    session = by_link(house, house.link("boss", Role.ADMIN)).session
    assert session.is_enrolled
    assert session.may(Permission.MANAGE_MEMBERS)


def test_a_session_from_before_codes_were_required_reaches_the_enrolment_only(
    house: House,
) -> None:
    house.is_code_required = False
    token = by_link(house, house.link()).token
    house.is_code_required = True
    assert not house.staff.sessions.of(token).is_enrolled


def test_a_link_works_once(house: House) -> None:
    link = house.link()
    by_link(house, link)
    with pytest.raises(Unauthenticated):
        by_link(house, link)


def test_of_many_who_use_a_link_at_once_one_gets_in(house: House) -> None:
    link, entry = house.link(), house.staff.entry

    def enter(_: int) -> bool:
        try:
            entry.by_link(link, HERE)
        except Unauthenticated:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(enter, range(16))) == 1


def test_a_link_is_worthless_after_thirty_minutes(house: House) -> None:
    link = house.link()
    house.clock.at += 30 * MINUTE
    with pytest.raises(Unauthenticated):
        by_link(house, link)


def test_a_link_for_one_person_does_not_let_another_in(house: House) -> None:
    secret = house.link("ana").partition(".")[2]
    house.member("boss", Role.ADMIN)
    with pytest.raises(Unauthenticated):
        by_link(house, f"boss.{secret}")


def test_an_invitation_is_no_sign_in_link_and_the_other_way_round(house: House) -> None:
    invitation = house.staff.members.invite("ana", Role.MODERATOR, "test")
    with pytest.raises(Unauthenticated):
        by_link(house, invitation)
    with pytest.raises(Unauthenticated):
        house.staff.entry.accept(house.link("ana"), PASSWORD, HERE)


@pytest.mark.parametrize("token", ["", ".", "ana.", "ana", "x" * 10_000, "\x00", "\ud800", "ana.é"])
def test_an_invented_token_lets_nobody_in(house: House, token: str) -> None:
    with pytest.raises(Unauthenticated):
        by_link(house, token)
    with pytest.raises(Unauthenticated):
        house.staff.sessions.of(token)


def test_a_weak_password_leaves_the_invitation_good(house: House) -> None:
    link = house.staff.members.invite("ana", Role.MODERATOR, "test")
    for weak in ("short", "ana-ana-ana", "password1"):
        with pytest.raises(WeakPassword):
            house.staff.entry.accept(link, weak, HERE)
    assert isinstance(house.staff.entry.accept(link, PASSWORD, HERE), SignedIn)
    with pytest.raises(Unauthenticated):
        house.staff.entry.accept(link, PASSWORD, HERE)


def test_without_an_invitation_no_password_is_looked_at(house: House) -> None:
    for token in ("ana.invented", house.link(), ""):
        with pytest.raises(Unauthenticated):
            house.staff.entry.accept(token, "short", HERE)


def test_a_step_of_a_users_sign_in_is_none_at_the_desk(house: House, ana: Person) -> None:
    purpose = TokenPurpose.SECOND_FACTOR
    with write(house.engine) as connection:
        one_time.add_token(
            connection, hash_of("step"), purpose, "main", ana.account_id, expires_at=2e9
        )
    with pytest.raises(Unauthenticated):
        house.staff.entry.by_code("step", ana.code(house.clock.at), HERE)
    with write(house.engine) as connection:
        assert one_time.use_token(connection, hash_of("step"), purpose, "main", house.clock.at)


def test_a_new_invitation_sets_a_new_password_and_never_skips_the_code(
    house: House, ana: Person
) -> None:
    link = house.staff.members.invite_again(ana.account_id, "boss")
    assert isinstance(house.staff.entry.accept(link, "nine brave otters", HERE), CodeNeeded)
    assert isinstance(refused(house, "ana", PASSWORD), InvalidCredentials)
    with pytest.raises(Unauthenticated):
        house.staff.sessions.of(ana.signed_in.token)


def test_somebody_who_only_may_enrol_has_half_an_hour_for_it(house: House) -> None:
    token = by_link(house, house.link()).token
    for _ in range(3):
        house.clock.at += 9 * MINUTE
        house.staff.sessions.of(token)
    house.clock.at += 3 * MINUTE
    with pytest.raises(Unauthenticated):
        house.staff.sessions.of(token)


def test_signing_in_again_ends_the_session_before(house: House) -> None:
    first = by_link(house, house.link()).token
    second = house.staff.entry.by_link(house.link(), Whence(previous=first))
    assert isinstance(second, SignedIn)
    assert first != second.token
    with pytest.raises(Unauthenticated):
        house.staff.sessions.of(first)


def test_nothing_in_the_database_opens_the_door(house: House, ana: Person) -> None:
    link, step = house.link("mo").partition(".")[2], by_password(house).token
    secrets = [link, step, ana.signed_in.token, PASSWORD, ana.secret, *ana.codes]
    with read(house.engine) as connection:
        kept = "".join(
            str(connection.exec_driver_sql(f"SELECT * FROM {table}").all())  # noqa: S608
            for table in ("accounts", "sessions", "one_time_tokens", "members", "audit",
                          "totp_enrolments", "recovery_codes", "throttles")
        )  # fmt: skip
    assert not [secret for secret in secrets if secret in kept]


def test_coming_and_going_is_in_the_audit_log(house: House, ana: Person) -> None:
    house.staff.sessions.sign_out(ana.signed_in.session)
    with read(house.engine) as connection:
        events = audit.recent(connection)
        assert audit.verify(connection, key=AUDIT_KEY).is_intact
    assert [event.action for event in events] == [
        "staff.signed_out",
        "second_factor.enrolled",
        "staff.signed_in",
        "staff.password_chosen",
        "staff.invited",
    ]


def test_where_the_audit_log_cannot_be_written_nobody_comes_in(house: House) -> None:
    link = house.link()
    with audit_away(house.engine), pytest.raises(Unavailable):
        by_link(house, link)
    assert by_link(house, link).token
