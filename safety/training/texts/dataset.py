"""Rows of labelled text, read from the files that `sources.py` names."""

import csv
import gzip
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from safety.training.labelled import TRAIN, LabelledRow
from safety.training.texts.sources import Reading, Source
from safety.training.trainers import DataMissing

# The longest text in any file is below this; the csv module's own bound is lower.
_MAX_FIELD = 1_000_000
DESK = "desk"


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled text of a source; `language` is empty where nobody said."""

    text: str
    is_positive: bool
    source: str
    language: str
    is_dev: bool
    weight: float = 1.0


def read_source(folder: Path, source: Source) -> list[Row]:
    """The rows of a source, in the order of its file. Raises `DataMissing`."""
    path = folder / source.file
    if not path.is_file():
        raise DataMissing(f"{source.file} is not in the data folder")
    csv.field_size_limit(_MAX_FIELD)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return [_row(source, record) for record in csv.DictReader(lines) if _is_of(source, record)]


def _is_of(source: Source, record: dict[str, str]) -> bool:
    if source.members and record["source"] not in source.members:
        return False
    return not (source.reading is Reading.NEGATIVE_ROWS and record["label"] == "1")


def _row(source: Source, record: dict[str, str]) -> Row:
    return Row(
        text=record["text"],
        is_positive=source.reading is not Reading.ALL_NEGATIVE and record["label"] == "1",
        source=source.name,
        language=record["lang"],
        is_dev=record["split"] == "dev",
    )


def read_sources(folder: Path, sources: Iterable[Source]) -> dict[str, list[Row]]:
    """The rows of several sources by source name."""
    return {source.name: read_source(folder, source) for source in sources}


def desk_rows(rows: Sequence[LabelledRow]) -> list[Row]:
    """What a site's moderators labelled, as one more source; rows without a text are left out."""
    return [
        Row(text, bool(row.label), DESK, row.language, row.split != TRAIN, row.weight)
        for row in rows
        if isinstance(text := row.values.get("content.text"), str)
    ]
