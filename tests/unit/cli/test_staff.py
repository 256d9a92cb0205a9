"""Staff from the command line: the first admin, others, and what is done when somebody is lost."""

import re
from pathlib import Path

from safety.accounts.audit_log import AuditLog, Filter
from safety.cli.ground import installed as opened
from safety.cli.staff import members_of
from safety.domain.access import Role
from tests.unit.cli.conftest import Command


def role_of(name: str) -> Role:
    with opened() as ground:
        return members_of(ground).named(name).role


def test_a_new_installation_has_nobody(installed: Command) -> None:
    with opened() as ground:
        assert members_of(ground).everybody() == []


def test_the_first_link_makes_an_admin_and_later_ones_moderators(installed: Command) -> None:
    assert "/desk/sign-in?token=admin." in installed("staff", "link").out
    installed("staff", "link", "--name", "mo")
    assert (role_of("admin"), role_of("mo")) == (Role.ADMIN, Role.MODERATOR)


def test_an_invitation_is_a_link_and_is_kept_as_a_hash(installed: Command, data_dir: Path) -> None:
    said = installed("staff", "invite", "mo", "--role", "lead", "--url", "https://desk.example")
    link = re.fullmatch(r"https://desk\.example/desk/invitation\?token=mo\.(\S+)", said.out.strip())
    assert link
    assert role_of("mo") is Role.LEAD
    kept = b"".join(path.read_bytes() for path in data_dir.iterdir() if path.is_file())
    assert link[1].encode() not in kept


def test_a_name_is_given_once(installed: Command) -> None:
    installed("staff", "invite", "mo")
    again = installed("staff", "invite", "mo")
    assert (again.code, again.err.strip()) == (2, "There is a member of this name.")


def test_members_are_listed(installed: Command) -> None:
    installed("staff", "link")
    installed("staff", "invite", "mo")
    installed("staff", "disable", "mo")
    listed = installed("staff", "list").out
    assert re.search(r"admin\W+admin\W+no\W+no\W+command:\w+\W+may come in", listed)
    assert re.search(r"mo\W+moderator.*disabled", listed)


def test_roles_change_but_the_last_admin_stays(installed: Command) -> None:
    installed("staff", "link")
    refused = installed("staff", "role", "admin", "lead")
    assert (refused.code, "Nobody else is an admin" in refused.err) == (2, True)
    installed("staff", "invite", "mo")
    assert installed("staff", "role", "mo", "admin").code == 0
    assert installed("staff", "disable", "admin").code == 0
    assert installed("staff", "enable", "admin").code == 0


def test_whoever_is_unknown_or_disabled_gets_no_link(installed: Command) -> None:
    installed("staff", "link")
    installed("staff", "invite", "mo")
    installed("staff", "disable", "mo")
    assert "mo is disabled" in installed("staff", "link", "--name", "mo").err
    assert "There is no member kim" in installed("staff", "disable", "kim").err


def test_a_lost_phone_is_reset_and_written_down(installed: Command) -> None:
    installed("staff", "link")
    assert "has no second factor now" in installed("staff", "reset", "admin").out
    with opened() as ground:
        entries = AuditLog(ground.engine, ground.audit_key).page(Filter(), limit=9)
    assert [entry.action for entry in entries] == [
        "second_factor.removed",
        "staff.link_made",
        "staff.invited",
    ]
    assert all(entry.author.startswith("command:") for entry in entries)
