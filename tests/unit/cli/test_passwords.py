"""`passwords`: lists are imported whole or not at all, and a password is judged unseen."""

import io
from collections.abc import Callable
from hashlib import sha1
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command, Ended

GOOD = "violet umbrella on tuesday"

Judge = Callable[..., Ended]


@pytest.fixture
def judge(command: Command, monkeypatch: pytest.MonkeyPatch) -> Judge:
    """What `passwords check` says of a password."""

    def judged(password: str, *words: str) -> Ended:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        return command("passwords", "check", *words)

    return judged


@pytest.fixture
def breach(tmp_path: Path) -> Path:
    """A list with one plain and one hashed password."""
    path = tmp_path / "breach.txt"
    hashed = sha1(b"green bicycle in the rain", usedforsecurity=False).hexdigest()
    path.write_text(f"{GOOD}\n{hashed.upper()}:17\n", "utf-8")
    return path


def test_an_imported_list_is_refused_from_then_on(
    command: Command, judge: Judge, breach: Path
) -> None:
    assert judge(GOOD).code == 0
    said = command("passwords", "import", str(breach))
    assert said.code == 0
    assert said.out.startswith("2 passwords are in ")
    for password in (GOOD, "green bicycle in the rain"):
        refused = judge(password)
        assert refused.code == 1
        assert "tried first" in refused.out
        assert password not in refused.out + refused.err


def test_a_list_of_the_same_name_replaces_the_earlier_one(command: Command, breach: Path) -> None:
    for _ in range(2):
        assert command("passwords", "import", str(breach), "--name", "ours").code == 0
    assert "ours: 2 passwords" in command("passwords", "list").out


def test_imported_lists_are_readable_by_their_owner_only(
    command: Command, breach: Path, data_dir: Path
) -> None:
    command("passwords", "import", str(breach), "--name", "../../outside")
    (made,) = (data_dir / "blocklists").iterdir()
    assert made.name == "outside.fingerprints"
    assert made.stat().st_mode & 0o077 == 0


def test_a_list_that_cannot_be_used_is_refused_in_one_sentence(
    command: Command, tmp_path: Path, data_dir: Path
) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text("\n\n")
    for path in (empty, tmp_path / "nowhere.txt"):
        ended = command("passwords", "import", str(path))
        assert ended.code == 2
        assert path.name in ended.err
        assert "Traceback" not in ended.err
    assert list((data_dir / "blocklists").iterdir()) == []


def test_a_damaged_list_is_named(
    command: Command, judge: Judge, breach: Path, data_dir: Path
) -> None:
    command("passwords", "import", str(breach))
    (data_dir / "blocklists" / "breach.fingerprints").write_bytes(b"damaged")
    for ended in (judge(GOOD), command("passwords", "list")):
        assert ended.code == 2
        assert "breach.fingerprints" in ended.err


def test_a_password_is_judged_by_the_policy_that_is_configured(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "at least 15" in judge("kjhXq82.mm").out
    assert judge("kjhXq82.mm", "--second-factor").code == 0
    monkeypatch.setenv("SAFETY_PASSWORD_MINIMUM", "20")
    assert "at least 20" in judge("kjhXq82.mmPwqq7").out


def test_what_is_known_of_the_user_does_not_count(judge: Judge) -> None:
    refused = judge("mo.moreno.mo.moreno", "--word", "mo.moreno")
    assert refused.code == 1
    assert "besides them" in refused.out
