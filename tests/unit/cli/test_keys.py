"""Keys: shown once, listed without secrets, closed for good, and all of it audited."""

from pathlib import Path

import pytest

from safety.cli.ground import installed as opened
from safety.gates import apikey
from safety.store import audit, keys
from safety.store.engine import read
from tests.unit.cli.conftest import Command

CREATE = ("keys", "create", "--tenant", "shop", "--name", "backend", "--scope", "decisions:write")


def test_a_new_key_works_and_is_kept_as_a_hash_only(installed: Command, data_dir: Path) -> None:
    token = installed(*CREATE).out.splitlines()[0]
    parts = apikey.parse(token)
    assert parts is not None
    with opened() as ground, read(ground.engine) as connection:
        key = keys.get_key(connection, parts[0])
        assert apikey.verify(key, parts[1], ground.secrets["pepper"], 0.0)
    kept = b"".join(path.read_bytes() for path in data_dir.iterdir())
    assert parts[1].encode() not in kept


def test_a_test_key_says_so(installed: Command) -> None:
    assert installed(*CREATE, "--test").out.startswith("sg_test_")
    assert "test" in installed("keys", "list").out


def test_an_expiry_is_listed(installed: Command) -> None:
    installed(*CREATE, "--expires", "90d")
    assert "works until" in installed("keys", "list").out


@pytest.mark.parametrize("expires", ["soon", "0d", "-3d", "90", "90y"])
def test_an_expiry_that_is_no_duration_is_refused(installed: Command, expires: str) -> None:
    ended = installed(*CREATE, "--expires", expires)
    assert ended.code == 2
    assert "such as 90d" in ended.err


def test_an_unknown_scope_is_refused_with_the_known_ones(installed: Command) -> None:
    ended = installed("keys", "create", "--tenant", "a", "--name", "b", "--scope", "everything")
    assert ended.code == 2
    assert "decisions:write" in ended.err


def test_a_revoked_key_stays_listed_and_cannot_be_revoked_twice(installed: Command) -> None:
    parts = apikey.parse(installed(*CREATE).out.splitlines()[0])
    assert parts is not None
    assert installed("keys", "revoke", parts[0]).code == 0
    assert "revoked" in installed("keys", "list").out
    again = installed("keys", "revoke", parts[0])
    assert (again.code, "no usable key" in again.out) == (1, True)


def test_keys_can_be_listed_for_one_tenant(installed: Command) -> None:
    installed(*CREATE)
    assert "backend" in installed("keys", "list", "--tenant", "shop").out
    assert "backend" not in installed("keys", "list", "--tenant", "other").out


def test_what_happened_to_keys_is_audited(installed: Command) -> None:
    parts = apikey.parse(installed(*CREATE).out.splitlines()[0])
    assert parts is not None
    installed("keys", "revoke", parts[0])
    with opened() as ground, read(ground.engine) as connection:
        events = audit.recent(connection)
    assert [(e.action, e.subject) for e in events] == [
        ("key.revoked", parts[0]),
        ("key.created", parts[0]),
    ]
    assert installed("audit", "verify").out.startswith("The audit log is intact: 2 rows.")


def test_a_rotated_key_has_a_successor_and_works_on_for_a_while(installed: Command) -> None:
    old = apikey.parse(installed(*CREATE).out.splitlines()[0])
    assert old is not None
    rotated = installed("keys", "rotate", old[0], "--overlap", "7d")
    new = apikey.parse(rotated.out.splitlines()[0])
    assert new is not None
    assert new[0] != old[0]
    assert f"Key {old[0]} works until" in rotated.err
    assert "replaced, works until" in installed("keys", "list").out
    again = installed("keys", "rotate", old[0])
    assert (again.code, "no usable key" in again.out) == (1, True)


def test_a_tenant_of_our_own_gets_no_key(installed: Command) -> None:
    ended = installed("keys", "create", "--tenant", "~staff", "--name", "x", "--scope", CREATE[-1])
    assert ended.code == 2
    assert "A tenant is" in ended.err
