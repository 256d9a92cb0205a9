"""An admin changes who works here; it counts at once, is written down, and never locks all out."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from sqlalchemy import Engine

from safety.accounts.audit_log import Filter
from safety.accounts.staff_entry import CodeNeeded
from safety.accounts.staff_values import SignedIn, Whence
from safety.domain.access import PERMISSIONS, Permission, Role
from safety.domain.errors import (
    Forbidden,
    InvalidInput,
    LastAdmin,
    NameTaken,
    Unauthenticated,
    Unavailable,
    UnknownMember,
)
from tests.desk_house import Clock, House
from tests.staff_parts import PASSWORD, Person, a_person, audit_away


@pytest.fixture
def house(engine: Engine) -> House:
    return House(engine, Clock())


@pytest.fixture
def ana(house: House) -> Person:
    return a_person(house.staff, "ana", Role.ADMIN)


def admins(house: House) -> list[str]:
    return [
        view.member.name
        for view in house.staff.members.everybody()
        if view.member.role is Role.ADMIN and view.member.disabled_at is None
    ]


def test_nobody_is_here_before_somebody_is_invited(house: House) -> None:
    assert house.staff.members.everybody() == []


@pytest.mark.parametrize("name", ["", "Ana", "a b", "../x", "a" * 41, "a.b", "-x", "\x00", "é"])
def test_a_name_that_could_confuse_is_refused(house: House, name: str) -> None:
    with pytest.raises(InvalidInput):
        house.staff.members.invite(name, Role.MODERATOR, "ana")
    with pytest.raises(InvalidInput):
        house.staff.members.sign_in_link(name, Role.MODERATOR, "ana")


def test_a_name_is_given_once(house: House, ana: Person) -> None:
    with pytest.raises(NameTaken):
        house.staff.members.invite("ana", Role.MODERATOR, "test")


def test_of_many_who_invite_one_name_at_once_one_succeeds(house: House) -> None:
    members = house.staff.members

    def invite(_: int) -> bool:
        try:
            members.invite("mo", Role.MODERATOR, "ana")
        except NameTaken:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(invite, range(12))) == 1
    assert [view.member.name for view in members.everybody()] == ["mo"]


def test_the_list_says_how_people_sign_in_and_when_they_were_here(
    house: House, ana: Person
) -> None:
    house.clock.at += 60
    house.staff.members.invite("mo", Role.MODERATOR, "ana")
    (first, second) = house.staff.members.everybody()
    assert (first.member.name, first.has_password, first.has_second_factor) == ("ana", True, True)
    assert first.seen_at == house.clock.at - 60
    assert (second.member.invited_by, second.has_password, second.seen_at) == ("ana", False, None)


def test_a_new_role_counts_at_once_and_asks_to_sign_in_again(house: House, ana: Person) -> None:
    mo = house.sign_in("mo", Role.MODERATOR)
    assert not mo.session.may(Permission.SEE_AUDIT)
    house.staff.members.set_role(mo.session.member.account_id, Role.LEAD, "ana")
    with pytest.raises(Unauthenticated):
        house.staff.sessions.of(mo.token)
    assert house.sign_in("mo").session.may(Permission.SEE_AUDIT)


def test_a_role_that_stays_the_same_ends_nothing(house: House, ana: Person) -> None:
    house.staff.members.set_role(ana.account_id, Role.ADMIN, "ana")
    assert house.staff.sessions.of(ana.signed_in.token).staff == "ana"


def test_whoever_is_disabled_is_out_at_once_with_every_link(house: House, ana: Person) -> None:
    mo, link = house.sign_in("mo"), house.link("mo")
    invitation = house.staff.members.invite_again(mo.session.member.account_id, "ana")
    house.staff.members.disable(mo.session.member.account_id, "ana")
    with pytest.raises(Unauthenticated):
        house.staff.sessions.of(mo.token)
    with pytest.raises(Unauthenticated):
        house.staff.entry.by_link(link, Whence())
    with pytest.raises(Unauthenticated):
        house.staff.entry.accept(invitation, PASSWORD, Whence())
    with pytest.raises(Forbidden):
        house.link("mo")


def test_whoever_is_enabled_again_signs_in_as_before(house: House, ana: Person) -> None:
    mo = a_person(house.staff, "mo")
    house.staff.members.disable(mo.account_id, "ana")
    house.staff.members.enable(mo.account_id, "ana")
    assert isinstance(house.staff.entry.by_password("mo", PASSWORD, Whence()), CodeNeeded)


def test_the_last_admin_can_neither_be_disabled_nor_get_another_role(
    house: House, ana: Person
) -> None:
    with pytest.raises(LastAdmin):
        house.staff.members.disable(ana.account_id, "ana")
    with pytest.raises(LastAdmin):
        house.staff.members.set_role(ana.account_id, Role.LEAD, "ana")
    assert admins(house) == ["ana"]
    assert house.staff.sessions.of(ana.signed_in.token).staff == "ana"


def test_two_admins_who_put_each_other_out_at_once_leave_one(house: House, ana: Person) -> None:
    ben, members = house.member("ben", Role.ADMIN), house.staff.members

    def put_out(account_id: str) -> None:
        with suppress(LastAdmin):
            members.disable(account_id, "test")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(put_out, [ana.account_id, ben.account_id]))
    assert len(admins(house)) == 1


def test_a_lost_phone_is_forgotten_and_another_one_enrolled(house: House, ana: Person) -> None:
    mo = a_person(house.staff, "mo")
    house.staff.members.reset_second_factor(mo.account_id, "ana")
    with pytest.raises(Unauthenticated):
        house.staff.sessions.of(mo.signed_in.token)
    signed_in = house.staff.entry.by_password("mo", PASSWORD, Whence())
    assert isinstance(signed_in, SignedIn)
    assert not signed_in.session.is_enrolled


def test_what_nobody_knows_is_not_found(house: House) -> None:
    members = house.staff.members
    for act in (members.disable, members.enable, members.invite_again):
        with pytest.raises(UnknownMember):
            act("acc_none", "ana")
    with pytest.raises(UnknownMember):
        members.named("nobody\x00")


def test_every_act_is_in_the_audit_log(house: House, ana: Person) -> None:
    members, mo = house.staff.members, house.member("mo")
    members.set_role(mo.account_id, Role.LEAD, "ana")
    members.reset_second_factor(mo.account_id, "ana")
    members.disable(mo.account_id, "ana")
    members.enable(mo.account_id, "ana")
    entries = house.staff.audit.page(Filter(subject=mo.account_id), limit=10)
    assert [(entry.author, entry.action) for entry in entries] == [
        ("ana", "staff.enabled"),
        ("ana", "staff.disabled"),
        ("ana", "second_factor.removed"),
        ("ana", "staff.role_changed"),
        ("test", "staff.invited"),
    ]
    assert house.staff.audit.verify().is_intact


def test_an_act_that_cannot_be_written_down_is_not_done(house: House, ana: Person) -> None:
    mo = house.member("mo")
    with audit_away(house.engine), pytest.raises(Unavailable):
        house.staff.members.set_role(mo.account_id, Role.ADMIN, "ana")
    assert house.staff.members.named("mo").role is Role.MODERATOR


def test_only_admins_handle_members_and_keys() -> None:
    for permission in (Permission.MANAGE_MEMBERS, Permission.MANAGE_KEYS):
        assert [role for role in Role if role.may(permission)] == [Role.ADMIN]
    assert PERMISSIONS[Role.ADMIN] == set(Permission)
