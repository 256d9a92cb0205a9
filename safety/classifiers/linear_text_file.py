"""Loads a linear text model from its folder."""

from pathlib import Path

from safety.classifiers import weights_file
from safety.classifiers.card import Card
from safety.classifiers.linear_text import LinearText, Weights
from safety.classifiers.model_files import ModelRefused, read_verified
from safety.domain.ports import Classifier


def load(folder: Path, card: Card) -> Classifier:
    """The classifier that the card describes. Raises `ModelRefused`."""
    try:
        weights = weights_file.load(read_verified(folder, card))
    except weights_file.WeightsError as error:
        raise ModelRefused(str(error)) from error
    return built(card, weights, card.version)


def built(card: Card, weights: Weights, version: str) -> LinearText:
    """The model with these weights and the card's languages. Raises `ModelRefused`."""
    scripts, tongues = _names(card, "scripts"), _names(card, "tongues")
    return LinearText(card.name, version, weights, scripts, tongues=tongues)


def _names(card: Card, what: str) -> tuple[str, ...]:
    said = card.content.get(what, [])
    if not isinstance(said, list) or not all(isinstance(each, str) for each in said):
        raise ModelRefused(f"its card has no usable list of {what}")
    return tuple(said)
