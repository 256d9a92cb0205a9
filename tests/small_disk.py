"""A real disk that is soon full: a small tmpfs, where this user may mount one."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Mount a disk of this size (such as `1m`) at the folder; skips the test where it may not."""
    folder.mkdir(parents=True)
    if not _run_as_root("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)):
        pytest.skip("only root may mount a small disk")
    try:
        yield folder
    finally:
        assert _run_as_root("umount", str(folder))


def resize(folder: Path, size: str) -> None:
    """Give a mounted disk more room."""
    assert _run_as_root("mount", "-o", f"remount,size={size}", str(folder))


def _run_as_root(program: str, *arguments: str) -> bool:
    path = shutil.which(program)
    if path is None or os.geteuid() != 0:
        return False
    # Only words from these files.
    return subprocess.run([path, *arguments], check=False).returncode == 0  # noqa: S603
