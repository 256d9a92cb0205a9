"""The command line as a whole: fast help, one sentence per fault, no traceback."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from safety.cli import families
from tests.unit.cli.conftest import Command

_DEAR = ("fastapi", "sqlalchemy", "numpy", "sklearn", "httpx2", "structlog", "pydantic")


def test_help_lists_every_command_with_a_line_of_its_own(command: Command) -> None:
    said = command("--help").out
    assert [name for name in families._COMMANDS if f" {name} " not in said] == []


@pytest.mark.parametrize("name", families._COMMANDS)
def test_every_command_explains_itself(command: Command, name: str) -> None:
    ended = command(name, "--help")
    assert ended.code == 0
    assert f"Usage: safety-gate {name}" in ended.out


@pytest.mark.parametrize("name", families._COMMANDS)
def test_every_command_has_a_module_that_says_so(name: str) -> None:
    module = import_module(f"safety.cli.{name}")
    assert (module.__doc__ or "").startswith(f"`safety-gate {name}`")


def test_help_imports_nothing_dear() -> None:
    code = "import sys; from safety.cli import app; app(['--help'], standalone_mode=False)"
    code += "; print([m for m in sys.modules], file=sys.stderr)"
    done = subprocess.run(  # noqa: S603  our own interpreter and code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = set(ast.literal_eval(done.stderr))
    assert loaded.isdisjoint(_DEAR)


def test_the_version_is_said(command: Command) -> None:
    assert command("--version").out.startswith("safety-gate 0.")


def test_an_unknown_command_is_refused(command: Command) -> None:
    ended = command("dance")
    assert ended.code == 2
    assert "dance" in ended.err


def test_python_dash_m_is_the_same_door() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "safety", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("safety-gate ")


@pytest.mark.parametrize(
    "words",
    [
        ("keys", "list"),
        ("staff", "link"),
        ("lists", "show"),
        ("audit", "verify"),
        ("demo", "--wipe"),
        ("demo",),
    ],
)
def test_without_an_installation_a_command_says_how_to_get_one(
    command: Command, data_dir: Path, words: tuple[str, ...]
) -> None:
    ended = command(*words)
    assert ended.code == 2
    assert "safety-gate run" in ended.err
    assert not data_dir.exists(), "looking changes nothing"


def test_a_misspelt_setting_is_one_sentence(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAFETY_PROT", "9000")
    ended = command("keys", "list")
    assert ended.code == 2
    assert ended.err == "SAFETY_PROT is not a setting; did you mean SAFETY_PORT?\n"


def test_a_database_of_another_kind_is_one_sentence(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAFETY_DATABASE_URL", "mysql://somewhere/else")
    ended = command("db", "migrate")
    assert ended.code == 2
    assert "sqlite:/// or postgresql://" in ended.err
    assert "Traceback" not in ended.err


def test_a_data_folder_that_is_a_file_is_one_sentence(command: Command, data_dir: Path) -> None:
    data_dir.write_text("not a folder")
    ended = command("db", "migrate")
    assert (ended.code, "Traceback" in ended.err) == (2, False)
    assert str(data_dir) in ended.err
