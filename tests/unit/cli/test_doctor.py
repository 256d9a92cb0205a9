"""The doctor: every line says ok, warn or fail, and what to do."""

import socket
import sqlite3
from pathlib import Path

import pytest

from safety.cli import doctor
from safety.cli.checks import Outcome
from safety.cli.doctor import clock
from tests.unit.cli.conftest import Command, Ended


def lines_of(ended: Ended, name: str) -> list[str]:
    return [line for line in ended.out.splitlines() if f"  {name}: " in line]


def test_before_the_first_start_nothing_fails_and_nothing_is_made(
    command: Command, data_dir: Path
) -> None:
    ended = command("doctor")
    assert ended.code == 0
    assert lines_of(ended, "secrets") == [
        "warn  secrets: not made yet. They are made by `safety-gate run`."
    ]
    assert not data_dir.exists()


def test_a_sound_installation_is_examined_to_its_end(installed: Command) -> None:
    ended = installed("doctor")
    assert ended.code == 0
    for name in ("clock", "settings", "Python", "data folder", "disk space", "rules", "secrets",
                 "database", "tables", "durability", "ruleset"):  # fmt: skip
        (line,) = lines_of(ended, name)
        assert line.startswith("  ok")


def test_secrets_that_others_can_read_fail(installed: Command, data_dir: Path) -> None:
    (data_dir / "secrets.json").chmod(0o644)
    ended = installed("doctor")
    assert ended.code == 1
    assert "chmod 600" in lines_of(ended, "secrets")[0]


def test_tables_of_another_version_fail(installed: Command, data_dir: Path) -> None:
    with sqlite3.connect(data_dir / "safety.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'older'")
    connection.close()
    ended = installed("doctor")
    assert ended.code == 1
    assert "safety-gate db migrate" in lines_of(ended, "tables")[0]


def test_a_file_that_is_no_database_fails(installed: Command, data_dir: Path) -> None:
    for path in data_dir.glob("safety.db*"):
        path.unlink()
    (data_dir / "safety.db").write_bytes(b"something else" * 500)
    ended = installed("doctor")
    assert ended.code == 1
    assert lines_of(ended, "database")[0].startswith("fail")


def test_less_durable_settings_are_a_warning(
    installed: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAFETY_SQLITE_SYNCHRONOUS", "normal")
    ended = installed("doctor")
    assert ended.code == 0
    assert lines_of(ended, "durability")[0].startswith("warn")


def test_a_broken_rule_file_fails_with_its_place(
    installed: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "mine.yaml").write_text("rule: mine\nwhen: content.lnks > 3\n")
    monkeypatch.setenv("SAFETY_RULES_DIR", str(tmp_path / "site"))
    ended = installed("doctor")
    assert ended.code == 1
    assert "site/mine.yaml:" in lines_of(ended, "ruleset")[0]


def test_an_unknown_setting_fails_before_anything_else(
    installed: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAFETY_DATABASE", "x")
    ended = installed("doctor")
    assert ended.code == 1
    assert "did you mean SAFETY_DATABASE_URL" in lines_of(ended, "settings")[0]


def test_a_port_in_use_is_a_warning(installed: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("SAFETY_PORT", str(taken.getsockname()[1]))
        assert lines_of(installed("doctor"), "port")[0].startswith("warn")


def test_listening_to_everybody_with_development_settings_is_a_warning(
    installed: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAFETY_HOST", "0.0.0.0")  # noqa: S104  an example, nothing listens
    assert lines_of(installed("doctor"), "settings")[-1].startswith("warn")


def test_a_clock_that_starts_long_ago_fails() -> None:
    assert clock(0.0).outcome is Outcome.FAIL
    assert clock(1_795_000_000.0).outcome is Outcome.OK


def test_every_trouble_has_a_remedy(installed: Command, data_dir: Path) -> None:
    assert installed("audit", "verify").code == 0
    (data_dir / "secrets.json").write_text("{}")
    found = list(doctor.examine())
    assert [check for check in found if check.outcome is not Outcome.OK and not check.remedy] == []
    assert any(check.outcome is Outcome.FAIL for check in found)
