"""Keys are rotated and retired by command, in the order that loses nothing, and all is audited."""

from pathlib import Path

import pytest

from safety.accounts.codes import place
from safety.cli import secrets
from safety.cli.ground import installed as opened
from safety.gates import keyring_file
from safety.gates.vault import Vault
from safety.store import audit, totp
from safety.store.engine import read, write
from safety.store.totp import Enrolment
from tests.unit.cli.conftest import Command


@pytest.fixture(autouse=True)
def no_running_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "_NOTICED_SECONDS", 0.0)


def enrol(data_dir: Path, subject: str) -> None:
    vault = Vault(keyring_file.load_or_create(data_dir / "keyring.json").vault)
    sealed = vault.seal(*place("acme", subject), b"JBSWY3DPEHPK3PXP")
    with opened() as ground, write(ground.engine) as connection:
        totp.put_enrolment(connection, Enrolment("acme", subject, sealed, 1.0))


def test_the_vaults_key_is_rotated_and_the_old_one_retired(
    installed: Command, data_dir: Path
) -> None:
    enrol(data_dir, "mo")
    assert "1 rows were sealed again" in installed("secrets", "rotate", "vault").out
    listed = installed("secrets", "list").out
    assert listed.index("k1") < listed.index("opens only") < listed.index("k2")
    assert installed("secrets", "retire", "vault", "k1").code == 0
    rings = keyring_file.read(data_dir / "keyring.json")
    assert list(rings.vault.keys) == ["k2"]
    with opened() as ground, read(ground.engine) as connection:
        kept = totp.get_enrolment(connection, "acme", "mo")
        actions = [event.action for event in audit.recent(connection)]
    assert kept is not None
    assert Vault(rings.vault).open(*place("acme", "mo"), kept.sealed) == b"JBSWY3DPEHPK3PXP"
    assert actions == ["vault.key_retired", "vault.rotated"]


def test_a_key_that_something_still_needs_is_not_retired(
    installed: Command, data_dir: Path
) -> None:
    enrol(data_dir, "mo")
    installed("secrets", "rotate", "vault")
    with opened() as ground, write(ground.engine) as connection:
        junk = Enrolment("acme", "damaged", b"\x02k1" + bytes(60), 1.0)
        totp.put_enrolment(connection, junk)
    ended = installed("secrets", "retire", "vault", "k1")
    assert ended.code == 2
    assert "1 rows are still sealed with k1" in ended.err
    assert "k1" in keyring_file.read(data_dir / "keyring.json").vault.keys


def test_what_was_sealed_with_the_old_key_after_the_rotation_is_sealed_again_first(
    installed: Command, data_dir: Path
) -> None:
    before = keyring_file.load_or_create(data_dir / "keyring.json").vault
    installed("secrets", "rotate", "vault")
    late = Vault(before).seal(*place("acme", "late"), b"JBSWY3DPEHPK3PXP")
    with opened() as ground, write(ground.engine) as connection:
        totp.put_enrolment(connection, Enrolment("acme", "late", late, 1.0))
    assert installed("secrets", "retire", "vault", "k1").code == 0


@pytest.mark.parametrize(("key_id", "advice"), [("k1", "rotate first"), ("k9", "no key k9")])
def test_the_active_and_an_unknown_key_cannot_be_retired(
    installed: Command, key_id: str, advice: str
) -> None:
    ended = installed("secrets", "retire", "vault", key_id)
    assert ended.code == 2
    assert advice in ended.err


def test_a_pepper_is_added_and_never_retired(installed: Command, data_dir: Path) -> None:
    assert "pepper p1" in installed("secrets", "rotate", "pepper").out
    assert keyring_file.read(data_dir / "keyring.json").password.active == "p1"
    ended = installed("secrets", "retire", "pepper", "p1")
    assert ended.code == 2
    assert "may still need it" in ended.err


def test_no_key_is_ever_printed(installed: Command, data_dir: Path) -> None:
    said = [
        installed("secrets", *words)
        for words in (["rotate", "vault"], ["rotate", "pepper"], ["list"])
    ]
    rings = keyring_file.read(data_dir / "keyring.json")
    for key in (*rings.vault.keys.values(), *rings.password.keys.values()):
        assert all(key.hex() not in each.out + each.err for each in said)


def test_a_damaged_key_ring_is_named(installed: Command, data_dir: Path) -> None:
    (data_dir / "keyring.json").write_text("{}")
    ended = installed("secrets", "list")
    assert ended.code == 2
    assert "restore it from a backup" in ended.err
