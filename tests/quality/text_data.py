"""Where the labelled texts are, and the shipped text models as they are served."""

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from safety.assets import shipped
from safety.classifiers.card import LINEAR_TEXT_FORMAT, Card
from safety.classifiers.registry import load_model, newest_version
from safety.domain.ports import Classifier
from safety.training.texts.dataset import Row, read_source
from safety.training.texts.sources import Source, Use
from safety.training.texts.tasks import TASKS

DATA = (
    Path(os.environ.get("SAFETY_DATA_DIR", Path(__file__).parents[3] / "shared" / "data")) / "text"
)
needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="labelled data is absent: set SAFETY_DATA_DIR to the folder of text/"
)
_MOST_ROWS = 2_000  # a figure over so many rows is sharp enough, and the suite stays quick


@cache
def served(name: str) -> Classifier:
    """The shipped model that answers unless a site chooses another: the newest version."""
    version = newest_version(shipped("models") / name)
    assert version is not None
    return load_model(version)


@cache
def first_stage(name: str) -> Classifier:
    """The newest shipped version that is the linear stage alone."""
    return load_model(_linear(name))


@cache
def card_of(name: str) -> Card:
    """The card of the linear stage."""
    return _card(_linear(name))


@cache
def served_card(name: str) -> Card:
    """The card of the version that answers."""
    return _card(shipped("models") / name / served(name).version)


def _linear(name: str) -> Path:
    versions = (path for path in (shipped("models") / name).iterdir() if path.name.isdecimal())
    found = [path for path in versions if _card(path).format == LINEAR_TEXT_FORMAT]
    return max(found, key=lambda path: int(path.name))


def _card(folder: Path) -> Card:
    return Card.parse((folder / "card.json").read_bytes())


def source_named(task: str, name: str) -> Source:
    return next(source for source in TASKS[task].sources if source.name == name)


def unseen_rows(source: Source) -> list[Row]:
    """Rows that no training has seen: dev of a source trained on, some of any other."""
    rows = read_source(DATA, source)
    if source.use is Use.SHIP:
        return [row for row in rows if row.is_dev]
    return rows[:: max(1, len(rows) // _MOST_ROWS)]


def line_of(card: Card, name: str) -> dict[str, Any]:
    """What the card says of a source."""
    lines = [*card.content["metrics"], *card.content["unseen"]]
    return next(line for line in lines if line["source"] == name)
