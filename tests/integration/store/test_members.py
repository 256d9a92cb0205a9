"""Members of staff: accounts with a role, by name, and never without an admin who looks away."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Engine

from safety.domain.access import STAFF_TENANT, Member, Role
from safety.store import members
from safety.store.engine import read, write
from tests.integration.store.entries import NOW
from tests.integration.store.people import an_account, at_once, keep


def a_member(name: str, **changes: Any) -> Member:
    member = Member(f"acc_{name}", name, Role.MODERATOR, "command:mo", NOW)
    return replace(member, **changes)


def employ(engine: Engine, *new: Member) -> None:
    for member in new:
        keep(engine, an_account(member.account_id, tenant=STAFF_TENANT))
        with write(engine) as connection:
            assert members.add_member(connection, member)


def test_a_member_is_found_by_account_and_by_name(engine: Engine) -> None:
    mo, ana = a_member("mo"), a_member("ana", role=Role.ADMIN, disabled_at=NOW + 1)
    employ(engine, mo, ana)
    with read(engine) as connection:
        assert members.get_member(connection, "acc_mo") == mo
        assert members.find_member(connection, "ana") == ana
        assert members.list_members(connection) == [ana, mo]
        assert members.get_member(connection, "acc_nobody") is None
        assert members.find_member(connection, "nobody") is None


def test_a_name_and_an_account_are_a_member_once(engine: Engine) -> None:
    employ(engine, a_member("mo"))
    keep(engine, an_account("acc_ana", tenant=STAFF_TENANT))
    with write(engine) as connection:
        assert not members.add_member(connection, a_member("mo", account_id="acc_ana"))
        assert not members.add_member(connection, a_member("mo2", account_id="acc_mo"))


def test_roles_change_and_members_are_shut_out_and_let_in(engine: Engine) -> None:
    employ(engine, a_member("mo"))
    with write(engine) as connection:
        assert members.set_role(connection, "acc_mo", Role.LEAD)
        assert members.set_disabled(connection, "acc_mo", NOW + 1)
        assert members.get_member(connection, "acc_mo") == a_member(
            "mo", role=Role.LEAD, disabled_at=NOW + 1
        )
        assert members.set_disabled(connection, "acc_mo", None)
        assert members.get_member(connection, "acc_mo") == a_member("mo", role=Role.LEAD)
        assert not members.set_role(connection, "acc_nobody", Role.ADMIN)
        assert not members.set_disabled(connection, "acc_nobody", NOW)


def test_only_admins_who_may_come_in_are_counted(engine: Engine) -> None:
    admin = Role.ADMIN
    employ(engine, a_member("mo"), a_member("ana", role=admin))
    employ(engine, a_member("old", role=admin, disabled_at=NOW))
    with read(engine) as connection:
        assert members.count_admins(connection) == 1


def test_admins_who_step_down_at_the_same_moment_leave_one(engine: Engine) -> None:
    names = [f"ana{number}" for number in range(8)]
    employ(engine, *(a_member(name, role=Role.ADMIN) for name in names))
    waiting = iter(names)

    def step_down(connection: Connection) -> bool:
        if members.count_admins(connection) < 2:
            return False
        return members.set_role(connection, f"acc_{next(waiting)}", Role.MODERATOR)

    assert sum(at_once(engine, step_down)) == 7
