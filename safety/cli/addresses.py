"""Addresses for people to click: where the service and its desk are."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safety.config import Settings

_ANY = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared with, never listened on


def base_url(host: str, port: int) -> str:
    """The URL by which this machine reaches a service that listens there."""
    reachable = "127.0.0.1" if host in _ANY else host
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def noted_url(settings: Settings) -> str:
    """Where the service of this installation runs, if it said so, or else should run."""
    try:
        return _note(settings).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return base_url(settings.host, settings.port)


@contextmanager
def noting(settings: Settings, base: str) -> Iterator[None]:
    """Let other commands find a service that may have taken another port than configured."""
    note = _note(settings)
    note.write_text(base + "\n", encoding="ascii")
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def _note(settings: Settings) -> Path:
    return settings.data_dir / "address"


def invitation_url(base: str, token: str) -> str:
    """The one-time link with which somebody chooses their password for the review desk."""
    return f"{base.rstrip('/')}/desk/invitation?token={token}"


def sign_in_url(base: str, token: str) -> str:
    """The one-time link to the review desk."""
    return f"{base.rstrip('/')}/desk/sign-in?token={token}"


def hosted_url(base: str) -> str:
    """The page on which somebody makes an account."""
    return f"{base.rstrip('/')}/gate/sign-up"
