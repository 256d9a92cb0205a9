"""The files of one model version: what is hashed is what is used."""

import hashlib
from pathlib import Path

from safety.classifiers.card import Card, CardError

CARD_FILE = "card.json"
# Far above any file that is shipped; a hostile one must not fill the memory.
_MAX_BYTES = 512 * 1024 * 1024


class ModelRefused(Exception):
    """Why a version of a model cannot be used."""


def read_card(folder: Path, digest: str = "") -> Card:
    """The card of the version in `folder` (`<name>/<version>`). Raises `ModelRefused`.

    With a digest, only the card that has it: it was written down when the version was chosen.
    """
    data = _read(folder / CARD_FILE)
    if digest and digest_of(data) != digest:
        raise ModelRefused("its card is not the one that was chosen")
    try:
        card = Card.parse(data)
    except CardError as error:
        raise ModelRefused(str(error)) from error
    if (card.name, card.version) != (folder.parent.name, folder.name):
        raise ModelRefused("its card names another model or version")
    return card


def digest_of(data: bytes) -> str:
    """What names these bytes and no others."""
    return hashlib.sha256(data).hexdigest()


def read_verified(folder: Path, card: Card, name: str = "") -> bytes:
    """The bytes of one file that the card lists, `card.file` unless named. Raises `ModelRefused`.

    Use these bytes: a path that is opened again may hold something else by then.
    """
    name = name or card.file
    expected = card.files.get(name)
    if expected is None:
        raise ModelRefused(f"its card does not list {name}")
    if Path(name).name != name:
        raise ModelRefused("its card points outside its folder")
    data = _read(folder / name)
    if digest_of(data) != expected:
        kind = "weights do" if name == card.file else f"{name} does"
        raise ModelRefused(f"its {kind} not have the hash that its card gives")
    return data


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ModelRefused(f"{path.name} is larger than any model may be")
        return path.read_bytes()
    except OSError as error:
        raise ModelRefused(f"{path.name} cannot be read") from error
