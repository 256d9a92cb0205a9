"""What the file of the keys promises: made once, private, never half written, nothing lost."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from safety.gates import keyring_file
from safety.gates.keyring_file import KeyRings
from safety.gates.vault import KEY_BYTES


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keyring.json"


def test_a_new_installation_has_one_vault_key_and_no_pepper(path: Path) -> None:
    rings = keyring_file.load_or_create(path)
    assert set(rings.vault.keys) == {rings.vault.active}
    assert len(rings.vault.keys[rings.vault.active]) == KEY_BYTES
    assert rings.password.active is None
    assert path.stat().st_mode & 0o777 == 0o600


def test_it_is_made_once(path: Path) -> None:
    first = keyring_file.load_or_create(path)
    assert keyring_file.load_or_create(path) == first
    assert [each.name for each in path.parent.iterdir()] == ["keyring.json"]


def test_processes_that_start_at_once_have_the_same_keys(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: keyring_file.load_or_create(path), range(16)))
    assert all(each == rings[0] for each in rings)


def test_a_rotation_keeps_what_was_there(path: Path) -> None:
    first = keyring_file.load_or_create(path)
    second = keyring_file.change(path, lambda rings: rings.with_vault_key(b"n" * KEY_BYTES))
    assert second.vault.active == "k2"
    assert second.vault.keys["k1"] == first.vault.keys["k1"]
    assert keyring_file.read(path) == second
    assert path.stat().st_mode & 0o777 == 0o600


def test_changes_at_the_same_time_are_all_kept(path: Path) -> None:
    keyring_file.load_or_create(path)

    def rotate(number: int) -> KeyRings:
        return keyring_file.change(path, lambda rings: rings.with_vault_key(bytes([number]) * 32))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(rotate, range(16)))
    assert len(keyring_file.read(path).vault.keys) == 17


def test_an_id_is_never_used_for_two_keys(path: Path) -> None:
    rings = keyring_file.load_or_create(path).with_vault_key(b"n" * 32).without_vault_key("k1")
    assert rings.with_vault_key(b"m" * 32).vault.active == "k3"


def test_the_active_key_cannot_be_retired(path: Path) -> None:
    rings = keyring_file.load_or_create(path)
    with pytest.raises(ValueError, match="rotate first"):
        rings.without_vault_key("k1")
    with pytest.raises(ValueError, match="no key k9"):
        rings.without_vault_key("k9")


def test_a_first_and_a_second_pepper(path: Path) -> None:
    keyring_file.load_or_create(path)
    keyring_file.change(path, lambda rings: rings.with_pepper(b"1" * 32))
    rings = keyring_file.change(path, lambda rings: rings.with_pepper(b"2" * 32))
    assert rings.password.active == "p2"
    assert rings.password.keys == {"p1": b"1" * 32, "p2": b"2" * 32}


def test_a_file_that_others_may_read_is_refused(path: Path) -> None:
    keyring_file.load_or_create(path)
    path.chmod(0o640)
    with pytest.raises(ValueError, match="chmod 600"):
        keyring_file.load_or_create(path)


GOOD = {"active": "k1", "keys": {"k1": "00" * 32}}
NONE: dict[str, object] = {"active": None, "keys": {}}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        "null",
        json.dumps({"vault": GOOD}),
        json.dumps({"vault": {"active": "k2", "keys": GOOD["keys"]}, "password": NONE}),
        json.dumps({"vault": {"active": "k1", "keys": {"k1": "00"}}, "password": NONE}),
        json.dumps({"vault": {"active": "k1", "keys": {"k1": 5}}, "password": NONE}),
        json.dumps({"vault": {"active": "k1", "keys": []}, "password": NONE}),
        json.dumps({"vault": GOOD, "password": {"active": "p1", "keys": {}}}),
        json.dumps({"vault": GOOD, "password": {"active": "p1", "keys": {"p1": "00"}}}),
        json.dumps({"vault": GOOD, "password": {"active": 1, "keys": {}}}),
    ],
)
def test_a_damaged_file_is_refused_with_advice(path: Path, content: str) -> None:
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(ValueError, match="restore it from a backup"):
        keyring_file.load_or_create(path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Make the folder writable"):
        keyring_file.load_or_create(tmp_path / "missing" / "keyring.json")


def test_a_file_that_is_damaged_is_not_replaced_by_a_change(path: Path) -> None:
    path.write_text("{}")
    path.chmod(0o600)
    with pytest.raises(ValueError, match="backup"):
        keyring_file.change(path, lambda rings: rings.with_pepper(b"1" * 32))
    assert path.read_text() == "{}"
