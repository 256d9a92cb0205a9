"""Loads a text model of two stages from its folder."""

from collections.abc import Mapping
from math import inf
from pathlib import Path
from typing import Any, Final
from weakref import WeakValueDictionary

from safety.classifiers import linear_text_file
from safety.classifiers.card import Card
from safety.classifiers.cascade import Blend, TextCascade
from safety.classifiers.encoder import Encoder
from safety.classifiers.linear_text import LinearText
from safety.classifiers.model_files import ModelRefused, read_verified
from safety.domain.ports import Classifier

FORMAT: Final = "text-cascade/1"
ENCODER_FILE: Final = "encoder.onnx"
VOCABULARY_FILE: Final = "tokenizer.json"

# Models that ship the same encoder share it: by content, so nobody can mistake one for another.
_SHARED: WeakValueDictionary[tuple[str, str, tuple[str, ...]], Encoder] = WeakValueDictionary()


def load(folder: Path, card: Card) -> Classifier:
    """The classifier that the card describes. Raises `ModelRefused`."""
    linear = linear_text_file.load(folder, card)
    if not isinstance(linear, LinearText):
        raise ModelRefused("its first stage is not a linear model")
    stage = card.content.get("second_stage")
    if not isinstance(stage, dict):
        raise ModelRefused("its card does not describe the second stage")
    heads = stage.get("heads")
    if not isinstance(heads, list) or card.name not in heads:
        raise ModelRefused("its encoder has no head for it")
    encoder = _encoder(folder, card, tuple(map(str, heads)))
    return TextCascade(linear, encoder, card.name, _blend(stage))


def _encoder(folder: Path, card: Card, heads: tuple[str, ...]) -> Encoder:
    model = read_verified(folder, card, ENCODER_FILE)
    vocabulary = read_verified(folder, card, VOCABULARY_FILE)
    key = (card.files[ENCODER_FILE], card.files[VOCABULARY_FILE], heads)
    encoder = _SHARED.get(key)
    if encoder is None:
        encoder = _SHARED[key] = Encoder(model, vocabulary, heads)
    return encoder


def _blend(stage: Mapping[str, Any]) -> Blend:
    try:
        low, high = map(float, stage["band"])
        first, second, offset = (float(stage[name]) for name in ("first", "second", "offset"))
        limit = stage.get("most_broken")
        most_broken = inf if limit is None else float(limit)
        reads_passages = bool(stage.get("reads_passages", False))
        return Blend(low, high, first, second, offset, most_broken, reads_passages)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelRefused("its card does not say how the two stages are joined") from error
