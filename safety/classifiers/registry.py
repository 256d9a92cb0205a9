"""Loads the models of a folder: a model that is missing or damaged is trouble, never a crash."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Final

import structlog

from safety.classifiers.card import LINEAR_TEXT_FORMAT, Card
from safety.classifiers.model_files import CARD_FILE, ModelRefused, read_card
from safety.domain.ports import Classifier

__all__ = [
    "CARD_FILE",
    "LOADERS",
    "ModelRefused",
    "ModelTrouble",
    "load_model",
    "load_models",
    "newest_version",
    "versions_of",
]

log = structlog.get_logger(__name__)

# Which module's `load(folder, card)` makes a classifier of a format. It raises `ModelRefused`,
# reads every file through `model_files.read_verified`, and is imported once a model asks for it.
LOADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        LINEAR_TEXT_FORMAT: "safety.classifiers.linear_text_file",
        "text-cascade/1": "safety.classifiers.cascade_file",
        "account-linear/1": "safety.classifiers.account_file",
        "behaviour-linear/1": "safety.classifiers.behaviour",
        "activity-linear/1": "safety.classifiers.activity",
    }
)


@dataclass(frozen=True, slots=True)
class ModelTrouble:
    """A model that could not be loaded, and why. Its score is unknown until it is mended."""

    name: str
    reason: str


def load_models(folder: Path) -> tuple[tuple[Classifier, ...], tuple[ModelTrouble, ...]]:
    """Load the newest version of every model in `folder` (`<name>/<version>/card.json`).

    A model whose newest version is not usable is reported and left out: an older one would answer
    with another threshold.
    """
    classifiers: list[Classifier] = []
    troubles: list[ModelTrouble] = []
    try:
        models = sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError:
        return (), (ModelTrouble("*", "the folder of models cannot be read"),)
    for model in models:
        try:
            classifiers.append(load_model(_newest(model)))
        except ModelRefused as trouble:
            log.warning("model_not_loaded", model=model.name, reason=str(trouble))
            troubles.append(ModelTrouble(model.name, str(trouble)))
    return tuple(classifiers), tuple(troubles)


def load_model(folder: Path, digest: str = "") -> Classifier:
    """Load the version in `folder` (`<name>/<version>`). Raises `ModelRefused` and says why.

    With a digest, only if its card has it.
    """
    card = read_card(folder, digest)
    module = LOADERS.get(card.format)
    if module is None:
        raise ModelRefused("its format is not known to this release")
    load: Callable[[Path, Card], Classifier] = import_module(module).load
    try:
        return load(folder, card)
    except ModelRefused:
        raise
    except Exception as error:  # a file made to harm may break whatever reads it
        raise ModelRefused(f"it cannot be read ({type(error).__name__})") from error


def newest_version(model: Path) -> Path | None:
    """The folder of a model's highest version number, or None if it has none."""
    return max(versions_of(model), key=lambda path: int(path.name), default=None)


def versions_of(model: Path) -> list[Path]:
    """The folders of a model's versions, oldest first; their names are numbers."""
    found = [path for path in model.iterdir() if path.is_dir() and path.name.isdecimal()]
    return sorted(found, key=lambda path: int(path.name))


def _newest(model: Path) -> Path:
    try:
        version = newest_version(model)
    except OSError as error:
        raise ModelRefused("its folder cannot be read") from error
    if version is None:
        raise ModelRefused("it has no version")
    return version
