"""What must hold before the service starts, each check with its remedy. Nothing is changed."""

import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from safety.classifiers.registry import load_models
from safety.config import Settings

_OLDEST_PYTHON = (3, 11)
_NEEDED_BYTES = 200 * 1024 * 1024  # the database of a day's demo, with room
_COMFORTABLE_BYTES = 2 * 1024 * 1024 * 1024
_PORTS_TRIED = 50


class Outcome(StrEnum):
    """How a check went. Only a failed one keeps the service from starting."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One line: what was looked at, what was found, and what to do about it."""

    name: str
    outcome: Outcome
    found: str
    remedy: str = ""


def ok(name: str, found: str) -> Check:
    """A check that found nothing wrong."""
    return Check(name, Outcome.OK, found)


def warn(name: str, found: str, remedy: str) -> Check:
    """A check that found something to look at soon."""
    return Check(name, Outcome.WARN, found, remedy)


def fail(name: str, found: str, remedy: str) -> Check:
    """A check that found why the service cannot start or would not be safe."""
    return Check(name, Outcome.FAIL, found, remedy)


def preflight(settings: Settings) -> Iterator[Check]:
    """The checks that come before anything is created."""
    yield python_version(sys.version_info[:2])
    yield folder(settings.data_dir)
    yield disk_space(shutil.disk_usage(_existing(settings.data_dir)).free)
    yield rule_files(settings.rule_directories)
    yield from models(settings.models_dir)


def python_version(version: tuple[int, ...]) -> Check:
    """Whether this Python is recent enough."""
    said = ".".join(map(str, version))
    if version < _OLDEST_PYTHON:
        return fail("Python", said, "Use Python 3.11 or newer.")
    return ok("Python", said)


def folder(path: Path) -> Check:
    """Whether the data folder, or the place where it will be, can be written."""
    nearest = _existing(path)
    advice = "Change its owner, or set SAFETY_DATA_DIR to a folder of yours."
    if not nearest.is_dir():
        return fail("data folder", f"{nearest} is not a folder", advice)
    try:
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        return fail("data folder", f"{nearest} cannot be written: {error.strerror}", advice)
    if path.is_dir() and path.stat().st_mode & 0o077:
        return warn("data folder", f"{path} is open to others", f"Run chmod 700 {path}.")
    return ok("data folder", str(path.resolve()))


def disk_space(free: int) -> Check:
    """Whether there is room for the database; `free` is in bytes."""
    said = f"{free / 1024**3:.1f} GiB free"
    if free < _NEEDED_BYTES:
        return fail("disk space", said, "Make room, or set SAFETY_DATA_DIR to another disk.")
    if free < _COMFORTABLE_BYTES:
        return warn("disk space", said, "Make room soon: decisions are kept.")
    return ok("disk space", said)


def rule_files(folders: Iterable[Path]) -> Check:
    """Whether the folders of rules are there. Whether the rules are right is for `rules check`."""
    for path in folders:
        if not any(path.glob("**/*.yaml")):
            return fail(
                "rules",
                f"{path} holds no rules",
                "Set SAFETY_RULES_DIR to your folder of rules, or install the package again.",
            )
    return ok("rules", ", ".join(str(path) for path in folders))


def models(path: Path) -> Iterator[Check]:
    """Whether the models are there and intact; without one its score is unknown."""
    loaded, troubles = load_models(path)
    for trouble in troubles:
        yield warn(
            "models",
            f"{trouble.name}: {trouble.reason}",
            "Install the package again, or train it with `safety-gate train`.",
        )
    if loaded:
        yield ok("models", ", ".join(f"{model.name} {model.version}" for model in loaded))
    elif not troubles:
        yield warn("models", f"none in {path}", "Set SAFETY_MODELS_DIR.")


def is_free(host: str, port: int) -> bool:
    """Whether a service could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As uvicorn does it: a port that a stopped service has just left counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def next_free_port(host: str, wanted: int) -> int | None:
    """The wanted port or the next free one above it, within fifty."""
    candidates = range(wanted, min(wanted + _PORTS_TRIED, 65_536))
    return next((port for port in candidates if is_free(host, port)), None)


def _existing(path: Path) -> Path:
    """The path, or its nearest parent that is there."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - links must not be followed yet
    return next((p for p in (absolute, *absolute.parents) if p.exists()), Path("/"))
