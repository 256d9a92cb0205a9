"""Rows with the answer beside them, whatever model they teach: the desk makes them, trainers read.

As a file, one row is one line of JSON, so that a site can look at what it trains on.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Final

import msgspec

from safety.domain.features import Value

# How a row may be used: to learn from, to choose settings by, or only to judge the result.
TRAIN: Final = "train"
DEV: Final = "dev"
TEST: Final = "test"
SPLITS: Final = (TRAIN, DEV, TEST)


class LabelledFileError(ValueError):
    """A line of a file of labelled rows cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """What a model would have read of one event, and what it should have said.

    `values` are features by name, as the decision saw them. `label` is 1 or 0. `weight` is how many
    rows of its kind it stands for: 1 unless it was sampled more or less often than others.
    `source` names where it comes from, `language` is a code such as `en` or `und`, and `split` is
    one of `SPLITS`.
    """

    values: Mapping[str, Value]
    label: int
    weight: float
    source: str
    language: str
    split: str

    def __post_init__(self) -> None:
        if self.label not in {0, 1}:
            raise ValueError("a label is 0 or 1")
        if not (isfinite(self.weight) and self.weight > 0):
            raise ValueError("a weight is a number above 0")
        if self.split not in SPLITS:
            raise ValueError(f"a split is one of {', '.join(SPLITS)}")


# A list of texts comes back as a tuple, which is what the catalogue calls it.
_DECODER = msgspec.json.Decoder(LabelledRow)
_ENCODER = msgspec.json.Encoder()


def write_rows(path: Path, rows: Iterable[LabelledRow]) -> int:
    """Write rows to a file that only its owner may read; how many there were."""
    path.touch(mode=0o600)
    written = 0
    with path.open("wb") as file:
        for row in rows:
            file.write(_ENCODER.encode(row) + b"\n")
            written += 1
    return written


def read_rows(path: Path) -> Iterator[LabelledRow]:
    """The rows of a file, in its order. Raises `LabelledFileError` at the first bad line."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                try:
                    yield _DECODER.decode(line)
                except (msgspec.DecodeError, ValueError) as error:
                    raise LabelledFileError(f"{path.name}, line {number}: {error}") from None
