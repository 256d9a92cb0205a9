"""API keys are made with sense, rotated with an overlap, and written down."""

import pytest
from sqlalchemy import Engine

from safety.accounts.api_keys import ApiKeys
from safety.accounts.audit_log import Filter
from safety.domain.access import Scope
from safety.domain.errors import InvalidInput, NotFound
from safety.gates import apikey
from tests.desk_house import Clock, House
from tests.staff_parts import KEY_PEPPER

DAY = 86400.0
SCOPES = frozenset({Scope.DECIDE, Scope.READ})


@pytest.fixture
def house(engine: Engine) -> House:
    return House(engine, Clock())


@pytest.fixture
def keys(house: House) -> ApiKeys:
    return house.staff.keys


def opens(keys: ApiKeys, token: str, at: float) -> bool:
    parts = apikey.parse(token)
    assert parts
    key = next((each for each in keys.all() if each.id == parts[0]), None)
    return apikey.verify(key, parts[1], KEY_PEPPER, at)


def test_a_key_opens_until_it_is_revoked(house: House, keys: ApiKeys) -> None:
    made = keys.make("shop", " backend ", SCOPES, author="ana")
    assert made.key.name == "backend"
    assert opens(keys, made.token, house.clock.at)
    keys.revoke(made.key.id, author="ana")
    assert not opens(keys, made.token, house.clock.at)
    with pytest.raises(NotFound):
        keys.revoke(made.key.id, author="ana")


@pytest.mark.parametrize(
    ("tenant", "name", "scopes"),
    [
        ("~staff", "x", SCOPES),
        ("", "x", SCOPES),
        ("a b", "x", SCOPES),
        ("shop\n", "x", SCOPES),
        ("shop", "", SCOPES),
        ("shop", "x" * 61, SCOPES),
        ("shop", "a\x00b", SCOPES),
        ("shop", "x", frozenset()),
    ],
)
def test_a_key_without_sense_is_refused(
    keys: ApiKeys, tenant: str, name: str, scopes: frozenset[Scope]
) -> None:
    with pytest.raises(InvalidInput) as caught:
        keys.make(tenant, name, scopes, author="ana")
    assert caught.value.errors
    assert keys.all() == []


def test_after_a_rotation_both_work_until_the_overlap_ends(house: House, keys: ApiKeys) -> None:
    old = keys.make("shop", "backend", SCOPES, author="ana", is_test=True)
    new = keys.rotate(old.key.id, overlap=7 * DAY, author="ana")
    assert (new.key.tenant, new.key.name, new.key.scopes, new.key.is_test) == (
        "shop", "backend", SCOPES, True,
    )  # fmt: skip
    at = house.clock.at
    assert [opens(keys, each.token, at + 6.9 * DAY) for each in (old, new)] == [True, True]
    assert [opens(keys, each.token, at + 7 * DAY) for each in (old, new)] == [False, True]


def test_a_rotation_never_makes_the_old_key_live_longer(house: House, keys: ApiKeys) -> None:
    old = keys.make("shop", "backend", SCOPES, author="ana", lasts=30 * DAY)
    house.clock.at += 28 * DAY
    new = keys.rotate(old.key.id, overlap=7 * DAY, author="ana")
    assert not opens(keys, old.token, house.clock.at + 2 * DAY)
    assert new.key.expires_at == house.clock.at + 30 * DAY


def test_a_key_is_rotated_once_and_only_while_it_works(house: House, keys: ApiKeys) -> None:
    old = keys.make("shop", "backend", SCOPES, author="ana")
    keys.rotate(old.key.id, overlap=DAY, author="ana")
    with pytest.raises(NotFound):
        keys.rotate(old.key.id, overlap=DAY, author="ana")
    gone = keys.make("shop", "other", SCOPES, author="ana")
    keys.revoke(gone.key.id, author="ana")
    for key_id in (gone.key.id, "0" * 16):
        with pytest.raises(NotFound):
            keys.rotate(key_id, overlap=DAY, author="ana")


def test_what_happened_to_a_key_is_in_the_audit_log(house: House, keys: ApiKeys) -> None:
    old = keys.make("shop", "backend", SCOPES, author="ana")
    new = keys.rotate(old.key.id, overlap=DAY, author="mo")
    keys.revoke(old.key.id, author="ana")
    entries = house.staff.audit.page(Filter(subject=old.key.id), limit=9)
    assert [(entry.author, entry.action) for entry in entries] == [
        ("ana", "key.revoked"),
        ("mo", "key.rotated"),
        ("ana", "key.created"),
    ]
    assert entries[1].details == {"successor": new.key.id, "overlap_seconds": 86400}
