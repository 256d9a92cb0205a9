"""Rows of labelled text, read from the files that `sources.py` names."""

import csv
import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from safety.training.sources import Source

# The longest text in any file is below this; the csv module's own bound is lower.
_MAX_FIELD = 1_000_000


class DataMissing(FileNotFoundError):
    """The folder of training data lacks a file."""


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled text of a source."""

    text: str
    is_spam: bool
    source: str
    is_dev: bool


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
    return not (source.ham_only and record["label"] == "1")


def _row(source: Source, record: dict[str, str]) -> Row:
    return Row(
        text=record["text"],
        is_spam=record["label"] == "1",
        source=source.name,
        is_dev=record["split"] == "dev",
    )


def read_sources(folder: Path, sources: Iterable[Source]) -> dict[str, list[Row]]:
    """The rows of several sources by source name."""
    return {source.name: read_source(folder, source) for source in sources}
