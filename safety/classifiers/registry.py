"""Loads the models of a folder: a model that is missing or damaged is trouble, never a crash."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import structlog

from safety.classifiers import weights_file
from safety.classifiers.card import LINEAR_TEXT_FORMAT, Card, CardError
from safety.classifiers.linear_text import LinearText
from safety.domain.ports import Classifier

log = structlog.get_logger(__name__)

CARD_FILE = "card.json"


@dataclass(frozen=True, slots=True)
class ModelTrouble:
    """A model that could not be loaded, and why. Its score is unknown until it is mended."""

    name: str
    reason: str


class _Unusable(Exception):
    """Why a model cannot be used."""


def load_models(folder: Path) -> tuple[tuple[Classifier, ...], tuple[ModelTrouble, ...]]:
    """Load the newest version of every model in `folder` (`<name>/<version>/card.json`).

    The bytes that are hashed are the bytes that are used. A model whose newest version is not
    usable is reported and left out: an older one would answer with another threshold.
    """
    classifiers: list[Classifier] = []
    troubles: list[ModelTrouble] = []
    try:
        names = sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError:
        return (), (ModelTrouble("*", "the folder of models cannot be read"),)
    for path in names:
        try:
            classifiers.append(_load(path))
        except _Unusable as trouble:
            log.warning("model_not_loaded", model=path.name, reason=str(trouble))
            troubles.append(ModelTrouble(path.name, str(trouble)))
    return tuple(classifiers), tuple(troubles)


def newest_version(model: Path) -> Path | None:
    """The folder of a model's highest version number, or None if it has none."""
    versions = [path for path in model.iterdir() if path.is_dir() and path.name.isdecimal()]
    return max(versions, key=lambda path: int(path.name), default=None)


def _load(model: Path) -> Classifier:
    try:
        version = newest_version(model)
    except OSError as error:
        raise _Unusable("its folder cannot be read") from error
    if version is None:
        raise _Unusable("it has no version")
    card = _read_card(version)
    if (card.name, card.version) != (model.name, version.name):
        raise _Unusable("its card names another model or version")
    if card.format != LINEAR_TEXT_FORMAT:
        raise _Unusable("its format is not known to this release")
    if Path(card.file).name != card.file:
        raise _Unusable("its card points outside its folder")
    data = _read(version / card.file)
    if hashlib.sha256(data).hexdigest() != card.sha256:
        raise _Unusable("its weights do not have the hash that its card gives")
    try:
        weights = weights_file.load(data)
    except weights_file.WeightsError as error:
        raise _Unusable(str(error)) from error
    return LinearText(card.name, card.version, weights)


def _read_card(version: Path) -> Card:
    try:
        return Card.parse(_read(version / CARD_FILE))
    except CardError as error:
        raise _Unusable(str(error)) from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _Unusable(f"{path.name} cannot be read") from error
