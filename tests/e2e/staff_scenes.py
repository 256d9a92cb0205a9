"""A staff with keys and a history, for browser tests and pictures: written for this, by us."""

from safety.accounts.staff_values import Whence
from safety.domain.access import Role, Scope
from safety.domain.accounts import Factor
from safety.store.engine import write
from tests.desk_house import NOW, House
from tests.staff_parts import Person, a_person

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1"
)
_DAY = 86400.0


def people(house: House) -> Person:
    """Five members, four keys and what happened to them; return the admin, signed in twice more."""
    house.clock.at = NOW - 40 * _DAY
    ana = a_person(house.staff, "ana", Role.ADMIN)
    members = house.staff.members
    for name, role in (("mo", Role.MODERATOR), ("kim", Role.LEAD), ("ben", Role.MODERATOR)):
        house.clock.at += 2 * _DAY
        a_person(house.staff, name, role)
    house.clock.at = NOW - 9 * _DAY
    members.disable(members.named("ben").account_id, "ana")
    _keys(house)
    house.clock.at = NOW - 2 * _DAY
    members.invite("noor", Role.ANALYST, "ana")
    _sessions(house)
    house.clock.at = NOW
    return ana


def _keys(house: House) -> None:
    keys = house.staff.keys
    house.clock.at = NOW - 30 * _DAY
    old = keys.make("shop", "comments-backend", {Scope.DECIDE, Scope.READ}, author="ana")
    keys.make("shop", "moderation-tool", {Scope.READ, Scope.EXPLAIN}, author="ana", lasts=90 * _DAY)
    gone = keys.make("forum", "staging", {Scope.DECIDE}, author="ana", is_test=True)
    house.clock.at = NOW - 5 * _DAY
    keys.rotate(old.key.id, overlap=7 * _DAY, author="ana")
    keys.revoke(gone.key.id, author="ana")


def _sessions(house: House) -> None:
    factors = frozenset({Factor.PASSWORD, Factor.TOTP})
    for name, age, ip, agent in (
        ("ana", 1500, "203.0.113.20", PHONE),
        ("ana", 700, "2001:db8:1:2::9", FIREFOX),
        ("mo", 300, "203.0.113.77", FIREFOX),
    ):
        house.clock.at = NOW - age
        member = house.staff.members.named(name)
        with write(house.engine) as connection:
            house.staff.sessions.open(connection, member, factors, Whence(ip, agent))
