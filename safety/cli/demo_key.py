"""The demo's own API key, kept beside the secrets so that a second terminal can use it."""

import os
from pathlib import Path

from safety.cli.ground import Ground, UnpreparedError, now, operator
from safety.cli.keys import keys_of
from safety.config import Settings
from safety.domain.access import Scope
from safety.gates import apikey
from safety.store import keys
from safety.store.engine import read

TENANT = "demo"
_NAME = "demo"


def path_in(settings: Settings) -> Path:
    """Where the demo's key is kept."""
    return settings.data_dir / "demo-key"


def stored(settings: Settings) -> str:
    """The demo's key. Raises `UnpreparedError` if there is none here."""
    try:
        return path_in(settings).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        raise UnpreparedError(
            f"There is no demo key in {settings.data_dir.resolve()}: give one with --key, or start "
            "the service with `safety-gate run`."
        ) from None


def obtain(ground: Ground) -> str:
    """The demo's key, made if there is none that works."""
    try:
        token = stored(ground.settings)
    except UnpreparedError:
        return _make(ground)
    return token if _works(ground, token) else _make(ground)


def _works(ground: Ground, token: str) -> bool:
    parts = apikey.parse(token)
    if parts is None:
        return False
    with read(ground.engine) as connection:
        key = keys.get_key(connection, parts[0])
    return apikey.verify(key, parts[1], ground.secrets["pepper"], now())


def _make(ground: Ground) -> str:
    # A test key, so that the magic test values can be tried with it as well.
    token = keys_of(ground).make(TENANT, _NAME, list(Scope), author=operator(), is_test=True).token
    path = path_in(ground.settings)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(token + "\n")
    return token
