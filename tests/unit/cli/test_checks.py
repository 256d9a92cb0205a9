"""The checks before a start: each says what it found and what to do."""

import socket
from pathlib import Path

import pytest

from safety.assets import shipped
from safety.cli import checks
from safety.cli.addresses import base_url
from safety.cli.checks import Outcome


def test_an_old_python_fails_with_the_remedy() -> None:
    check = checks.python_version((3, 10))
    assert (check.outcome, check.remedy) == (Outcome.FAIL, "Use Python 3.11 or newer.")
    assert checks.python_version((3, 14)).outcome is Outcome.OK


def test_a_folder_that_is_not_there_yet_is_fine_and_is_not_made(tmp_path: Path) -> None:
    assert checks.folder(tmp_path / "a" / "b").outcome is Outcome.OK
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_fails(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    assert checks.folder(tmp_path / "data").outcome is Outcome.FAIL


def test_a_folder_that_cannot_be_written_fails() -> None:
    assert checks.folder(Path("/proc/1/data")).outcome is Outcome.FAIL


def test_a_folder_that_is_open_to_others_is_warned_about(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    check = checks.folder(tmp_path)
    assert check.outcome is Outcome.WARN
    assert check.remedy == f"Run chmod 700 {tmp_path}."


@pytest.mark.parametrize(
    ("gibibytes", "outcome"), [(0.1, Outcome.FAIL), (1, Outcome.WARN), (9, Outcome.OK)]
)
def test_room_on_the_disk_is_judged(gibibytes: float, outcome: Outcome) -> None:
    assert checks.disk_space(int(gibibytes * 1024**3)).outcome is outcome


def test_the_shipped_rules_are_there_and_an_empty_folder_is_not(tmp_path: Path) -> None:
    assert checks.rule_files([shipped("rules")]).outcome is Outcome.OK
    assert checks.rule_files([shipped("rules"), tmp_path]).outcome is Outcome.FAIL


def test_missing_models_are_a_warning(tmp_path: Path) -> None:
    assert [c.outcome for c in checks.models(tmp_path)] == [Outcome.WARN]
    assert [c.outcome for c in checks.models(tmp_path / "none")] == [Outcome.WARN]


def test_a_taken_port_leads_to_the_next_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not checks.is_free("127.0.0.1", port)
        found = checks.next_free_port("127.0.0.1", port)
        assert found is not None
        assert found > port


def test_an_address_of_somebody_else_has_no_free_port() -> None:
    assert checks.next_free_port("203.0.113.7", 8000) is None


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104  an example, nothing listens
        ("::1", "http://[::1]:8000"),
    ],
)
def test_people_get_an_address_they_can_reach(host: str, url: str) -> None:
    assert base_url(host, 8000) == url
