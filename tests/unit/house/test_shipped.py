"""What is shipped: folders of data are found, and a wheel carries them and nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from safety.assets import shipped
from tests.unit.house.sources import ROOT

FOLDERS = ("models", "rules", "admin_ui")


@pytest.mark.parametrize("name", FOLDERS)
def test_shipped_folders_are_found(name: str) -> None:
    assert any(shipped(name).rglob("*.*"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet"]
    command += ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(target)]
    subprocess.run([*command, str(ROOT)], check=True)  # noqa: S603  our own interpreter and checkout
    (path,) = target.glob("safety_gate-*.whl")
    return zipfile.ZipFile(path)


@pytest.mark.parametrize("name", FOLDERS)
def test_a_wheel_carries_every_shipped_file(wheel: zipfile.ZipFile, name: str) -> None:
    carried = set(wheel.namelist())
    missing = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / name).rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and f"safety/_data/{path.relative_to(ROOT).as_posix()}" not in carried
    ]
    assert missing == []


def test_a_wheel_carries_every_module_and_the_migrations(wheel: zipfile.ZipFile) -> None:
    carried = set(wheel.namelist())
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "safety").rglob("*.py")}
    assert modules <= carried
    assert any(name.startswith("safety/store/migrations/versions/") for name in carried)
    assert "safety/py.typed" in carried


def test_a_wheel_carries_the_licence_and_the_command(wheel: zipfile.ZipFile) -> None:
    said = {Path(name).name: wheel.read(name).decode() for name in wheel.namelist()
            if ".dist-info/" in name}  # fmt: skip
    assert "Apache License" in said["LICENSE"]
    assert "safety-gate = safety.cli:main" in said["entry_points.txt"]


def test_a_wheel_carries_nothing_else(wheel: zipfile.ZipFile) -> None:
    strange = [
        name
        for name in wheel.namelist()
        if not name.startswith(("safety/", "safety_gate-")) or "__pycache__" in name
    ]
    assert strange == []
