"""The file of an account model: small, plain JSON that a person can read, and checked."""

import json
from pathlib import Path
from typing import Any, Final

from safety.classifiers.account import AccountModel, AccountWeights, Curve
from safety.classifiers.card import Card
from safety.classifiers.model_files import ModelRefused, read_verified
from safety.domain.ports import Classifier

ACCOUNT_FORMAT: Final = "account-linear/1"
_MAX_BYTES: Final = 256 * 1024
_MAX_CURVES: Final = 64
_MAX_KNOTS: Final = 256


def dump(weights: AccountWeights) -> bytes:
    """Weights as JSON: the same bytes for the same weights."""
    document = {
        "bias": weights.bias,
        "broadcaster": list(weights.broadcaster),
        "calibration": list(weights.calibration),
        "curves": [
            {"measure": c.measure, "knots": list(c.knots), "values": list(c.values)}
            for c in weights.curves
        ],
    }
    return (json.dumps(document, indent=1) + "\n").encode()


def parse(data: bytes) -> AccountWeights:
    """Weights from the bytes of the file. Raises `ValueError` and says what is wrong."""
    if len(data) > _MAX_BYTES:
        raise ValueError("the weights are larger than any account model")
    try:
        document = json.loads(data)
        curves = document["curves"]
        if len(curves) > _MAX_CURVES or any(len(c["knots"]) > _MAX_KNOTS for c in curves):
            raise ValueError("the model has more curves or knots than any account model")
        return AccountWeights(
            curves=tuple(
                Curve(str(c["measure"]), _numbers(c["knots"]), _numbers(c["values"]))
                for c in curves
            ),
            bias=float(document["bias"]),
            broadcaster=_pair(document["broadcaster"]),
            calibration=_pair(document["calibration"]),
        )
    except (KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError("the weights are not those of an account model") from error


def load(folder: Path, card: Card) -> Classifier:
    """The classifier that the card describes. Raises `ModelRefused`."""
    try:
        weights = parse(read_verified(folder, card))
    except ValueError as error:
        raise ModelRefused(str(error)) from error
    return AccountModel(card.name, card.version, weights)


def _numbers(given: Any) -> tuple[float, ...]:
    return tuple(float(each) for each in given)


def _pair(given: Any) -> tuple[float, float]:
    first, second = given
    return float(first), float(second)
