"""Loads a linear text model from its folder."""

from pathlib import Path

from safety.classifiers import weights_file
from safety.classifiers.card import Card
from safety.classifiers.linear_text import LinearText
from safety.classifiers.model_files import ModelRefused, read_verified
from safety.domain.ports import Classifier


def load(folder: Path, card: Card) -> Classifier:
    """The classifier that the card describes. Raises `ModelRefused`."""
    try:
        weights = weights_file.load(read_verified(folder, card))
    except weights_file.WeightsError as error:
        raise ModelRefused(str(error)) from error
    return LinearText(card.name, card.version, weights, scripts_of(card))


def scripts_of(card: Card) -> tuple[str, ...]:
    """The scripts that the model was taught in, as its card says. Raises `ModelRefused`."""
    said = card.content.get("scripts", [])
    if not isinstance(said, list) or not all(isinstance(each, str) for each in said):
        raise ModelRefused("its card has no usable list of scripts")
    return tuple(said)
