"""The file of the keys that change: those of the vault, and the peppers of passwords.

Whoever has the database and not this file can read no second factor and check no peppered password.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from safety.gates.passwords import Peppers
from safety.gates.vault import KEY_BYTES, KeyRing

_OTHERS = 0o077

Change = Callable[["KeyRings"], "KeyRings"]


@dataclass(frozen=True, slots=True)
class KeyRings:
    """Both rings. A new installation has one key in the vault and no pepper."""

    vault: KeyRing
    password: Peppers

    def with_vault_key(self, key: bytes) -> "KeyRings":
        """The same with a new key that seals; the ones before still open."""
        key_id = _next_id("k", self.vault.keys)
        keys = {**self.vault.keys, key_id: key}
        return KeyRings(KeyRing(key_id, keys), self.password)

    def without_vault_key(self, key_id: str) -> "KeyRings":
        """The same without a key. Raises `ValueError` for the active one and for an unknown one."""
        if key_id == self.vault.active:
            raise ValueError(f"{key_id} is the active key: rotate first")
        if key_id not in self.vault.keys:
            raise ValueError(f"there is no key {key_id}")
        keys = {kept: key for kept, key in self.vault.keys.items() if kept != key_id}
        return KeyRings(KeyRing(self.vault.active, keys), self.password)

    def with_pepper(self, key: bytes) -> "KeyRings":
        """The same with a new pepper for new hashes; the ones before still verify."""
        key_id = _next_id("p", self.password.keys)
        return KeyRings(self.vault, Peppers(key_id, {**self.password.keys, key_id: key}))


def load_or_create(path: Path) -> KeyRings:
    """Read the file, making it (mode 0600) on first use.

    Raises `ValueError` with advice if it is damaged, readable by others or cannot be written.
    """
    if path.exists():
        return read(path)
    made = KeyRings(KeyRing("k1", {"k1": secrets.token_bytes(KEY_BYTES)}), Peppers(None, {}))
    try:
        # The name appears whole or not at all, also when two processes start at once.
        with _draft(path, made) as draft:
            os.link(draft, path)
    except FileExistsError:
        return read(path)
    except OSError as error:
        raise _unwritable(path, error) from None
    return made


def read(path: Path) -> KeyRings:
    """The rings in a file. Raises `ValueError` if it is damaged or readable by others."""
    try:
        mode = path.stat().st_mode
        rings = _rings(json.loads(path.read_text(encoding="ascii")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(
            f"{path} is damaged or missing: restore it from a backup. Without it second factors "
            "and peppered passwords are lost"
        ) from None
    if mode & _OTHERS:
        raise ValueError(f"{path} is readable by others: run chmod 600 on it")
    return rings


def change(path: Path, changed: Change) -> KeyRings:
    """Replace the rings in the file, whole or not at all, one change after the other.

    Raises `ValueError` as `read` does, or when the file cannot be written.
    """
    try:
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            rings = changed(read(path))
            with _draft(path, rings) as draft:
                draft.replace(path)
                _sync(path.parent)
    except OSError as error:
        raise _unwritable(path, error) from None
    return rings


@contextmanager
def _draft(path: Path, rings: KeyRings) -> Iterator[Path]:
    """The rings in a file of their own beside the path, safely on the disk, mode 0600."""
    with NamedTemporaryFile(
        "w", encoding="ascii", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as draft:
        name = Path(draft.name)
        try:
            json.dump(_document(rings), draft)
            draft.flush()
            os.fsync(draft.fileno())
            yield name
        finally:
            name.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """A name that was replaced is replaced also after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _document(rings: KeyRings) -> dict[str, Any]:
    return {
        name: {
            "active": ring.active,
            "keys": {key_id: key.hex() for key_id, key in ring.keys.items()},
        }
        for name, ring in (("vault", rings.vault), ("password", rings.password))
    }


def _rings(document: dict[str, Any]) -> KeyRings:
    vault, password = document["vault"], document["password"]
    peppers = _keys(password["keys"])
    if any(len(pepper) < KEY_BYTES for pepper in peppers.values()):
        raise ValueError("a pepper is too short")
    active = password["active"]
    if active is not None and not isinstance(active, str):
        raise ValueError("the active pepper is not a name")
    return KeyRings(KeyRing(vault["active"], _keys(vault["keys"])), Peppers(active, peppers))


def _keys(kept: Mapping[str, str]) -> dict[str, bytes]:
    return {key_id: bytes.fromhex(key) for key_id, key in kept.items()}


def _next_id(letter: str, keys: Mapping[str, bytes]) -> str:
    """An id that none of the keys has, one above the highest."""
    numbers = [int(key_id[1:]) for key_id in keys if key_id[1:].isdecimal()]
    return f"{letter}{max(numbers, default=0) + 1}"


def _unwritable(path: Path, error: OSError) -> ValueError:
    return ValueError(f"cannot write {path}: {error.strerror}. Make the folder writable")
