"""The way in: make's targets, the pinned versions, the check script and the hooks."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.unit.house.sources import ROOT

TARGETS = (
    "help", "run", "test", "check", "format", "bench", "models", "screenshots", "docs", "clean",
)  # fmt: skip


def make(*arguments: str, at: Path = ROOT) -> subprocess.CompletedProcess[str]:
    # An outer make hands its flags and variables down; these runs start afresh.
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    clean.pop("PYTHON", None)
    command = ["make", "--no-print-directory", *arguments]
    return subprocess.run(  # noqa: S603  our own Makefile
        command, cwd=at, env=clean, capture_output=True, text=True, check=False
    )


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A checkout that was never set up, in a folder whose name has spaces."""
    folder = tmp_path / "a folder"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    return folder


def a_python(at: Path, script: str) -> Path:
    at.write_text(f"#!/bin/sh\n{script}\n")
    at.chmod(0o755)
    return at


def test_make_alone_says_what_can_be_made() -> None:
    said = make().stdout
    assert [t for t in TARGETS[1:] if f"make {t} " not in said] == []


@pytest.mark.parametrize("target", [t for t in TARGETS if t not in {"help", "clean"}])
def test_every_target_sets_itself_up(fresh: Path, target: str) -> None:
    planned = make("--dry-run", target, at=fresh)
    assert planned.returncode == 0, planned.stderr
    assert "-m venv .venv" in planned.stdout
    assert "--constraint constraints.txt" in planned.stdout


def test_run_installs_no_development_tools(fresh: Path) -> None:
    planned = make("--dry-run", "run", at=fresh).stdout
    assert ".[fast]" in planned
    assert ".[dev]" not in planned


def test_an_old_python_is_refused_in_plain_words(fresh: Path) -> None:
    old = a_python(fresh / "old", "exit 1")
    refused = make("test", f"PYTHON=./{old.name}", at=fresh)
    assert refused.returncode != 0
    assert "needs Python 3.11 or newer" in refused.stderr
    assert "make test PYTHON=" in refused.stderr
    assert not (fresh / ".venv").exists()


def test_a_python_without_venv_is_refused_in_plain_words(fresh: Path) -> None:
    bare = a_python(fresh / "bare", 'case "$2" in *ensurepip*) exit 1;; esac')
    refused = make("test", f"PYTHON=./{bare.name}", at=fresh)
    assert refused.returncode != 0
    assert "python3-venv" in refused.stderr


def test_every_requirement_is_pinned_to_a_version_it_allows() -> None:
    pins = {}
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, separator, version = line.partition("==")
            assert separator, f"{line} is not a pin"
            pins[canonicalize_name(name)] = version
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    asked = [Requirement(text) for group in (project["dependencies"], *extras) for text in group]
    asked = [requirement for requirement in asked if requirement.name != project["name"]]
    assert [
        str(requirement)
        for requirement in asked
        if pins.get(canonicalize_name(requirement.name), "0") not in requirement.specifier
    ] == []


def test_the_check_script_ends_with_test_and_check() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert "set -euo pipefail" in script
    assert re.findall(r"^make .+$", script, re.MULTILINE) == ["make test", "make check"]


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_scripts_pass_shellcheck() -> None:
    scripts = [str(path) for path in sorted((ROOT / ".ci").iterdir())]
    subprocess.run(["shellcheck", *scripts], check=True)  # noqa: S603, S607  Debian's own


def test_large_files_are_refused_outside_models(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    for name in ("large.bin", "models/weights.npz"):
        (tmp_path / name).write_bytes(b"\0" * 500_001)
    (tmp_path / "small.bin").write_bytes(b"\0")
    ask = [str(ROOT / ".ci" / "refuse-large-files"), "models/weights.npz", "small.bin"]
    fine = subprocess.run(ask, cwd=tmp_path, check=False)  # noqa: S603  our own script
    refused = subprocess.run(  # noqa: S603  our own script
        [*ask, "large.bin"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (fine.returncode, refused.returncode) == (0, 1)
    assert "large.bin" in refused.stderr


def test_hooks_fetch_nothing() -> None:
    repositories = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert {repository["repo"] for repository in repositories} == {"local"}
    assert {hook["language"] for r in repositories for hook in r["hooks"]} == {"system"}
