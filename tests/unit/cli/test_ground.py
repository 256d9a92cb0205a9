"""What commands leave behind: private folders and files, current tables, an intact audit log."""

import sqlite3
from pathlib import Path

from safety.cli import demo_key
from safety.cli.ground import installed as opened
from safety.cli.ground import now
from safety.gates import apikey
from safety.store import keys
from safety.store.engine import write
from tests.unit.cli.conftest import Command


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_the_data_folder_and_the_secrets_are_private(installed: Command, data_dir: Path) -> None:
    assert installed("db", "migrate").code == 0, "it can be repeated"
    assert (mode(data_dir), mode(data_dir / "secrets.json")) == (0o700, 0o600)


def test_tables_of_another_version_are_named_with_the_remedy(
    installed: Command, data_dir: Path
) -> None:
    with sqlite3.connect(data_dir / "safety.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'older'")
    connection.close()
    ended = installed("keys", "list")
    assert ended.code == 2
    assert "safety-gate db migrate" in ended.err


def test_a_sign_in_link_names_the_desk_and_its_token_is_not_kept(
    installed: Command, data_dir: Path
) -> None:
    ended = installed("staff", "link", "--name", "mo")
    (link,) = ended.out.splitlines()
    assert link.startswith("http://127.0.0.1:8000/desk/sign-in?token=mo.")
    assert "once, for 30 minutes" in ended.err
    kept = b"".join(path.read_bytes() for path in data_dir.iterdir())
    assert link.partition("token=")[2].encode() not in kept


def test_a_sign_in_link_can_point_elsewhere(installed: Command) -> None:
    said = installed("staff", "link", "--url", "https://gate.example/").out
    assert said.startswith("https://gate.example/desk/sign-in?token=")


def test_a_staff_name_that_cannot_be_is_one_sentence(installed: Command) -> None:
    ended = installed("staff", "link", "--name", "Mo Müller")
    assert (ended.code, ended.err.count("\n")) == (2, 1)


def test_a_changed_audit_log_is_found(installed: Command, data_dir: Path) -> None:
    installed("staff", "link")
    with sqlite3.connect(data_dir / "safety.db") as connection:
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE audit SET subject = 'nobody'")
    connection.close()
    ended = installed("audit", "verify")
    assert ended.code == 1
    assert "was changed" in ended.out


def test_the_demo_key_is_made_once_and_private(installed: Command, data_dir: Path) -> None:
    assert installed("db", "migrate").code == 0
    with opened() as ground:
        first = demo_key.obtain(ground)
        assert demo_key.obtain(ground) == first == demo_key.stored(ground.settings)
    assert mode(data_dir / "demo-key") == 0o600


def test_a_demo_key_that_no_longer_works_is_made_anew(installed: Command) -> None:
    assert installed("db", "migrate").code == 0
    with opened() as ground:
        first = demo_key.obtain(ground)
        parts = apikey.parse(first)
        assert parts is not None
        with write(ground.engine) as connection:
            keys.revoke_key(connection, parts[0], now())
        assert demo_key.obtain(ground) != first


def test_wiping_an_empty_demo_says_so(installed: Command) -> None:
    assert "there was nothing" in installed("demo", "--wipe").out


def test_list_entries_come_and_go(installed: Command) -> None:
    added = installed("lists", "add", "deny_domains", "bad.example", "--source", "report 7",
                      "--expires", "30d")  # fmt: skip
    assert added.code == 0
    shown = installed("lists", "show").out
    assert all(text in shown for text in ("deny_domains", "bad.example", "report 7", "UTC"))
    assert "bad.example" not in installed("lists", "show", "other").out
    assert installed("lists", "remove", "deny_domains", "bad.example").code == 0
    assert "bad.example" not in installed("lists", "show").out
    assert installed("lists", "remove", "deny_domains", "bad.example").code == 1
