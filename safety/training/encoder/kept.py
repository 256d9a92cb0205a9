"""A trained encoder in its folder: the files that ship, and what is known of how they were made."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safety.classifiers.cascade_file import ENCODER_FILE, FORMAT, VOCABULARY_FILE
from safety.classifiers.encoder import Encoder
from safety.classifiers.model_files import CARD_FILE

MADE_FILE = "encoder.json"


class NoEncoder(FileNotFoundError):
    """The folder holds no trained encoder."""


@dataclass(frozen=True, slots=True)
class KeptEncoder:
    """The two files of an encoder and how it was made: `made` goes into every card it joins."""

    model: bytes
    vocabulary: bytes
    made: Mapping[str, Any]

    @property
    def heads(self) -> tuple[str, ...]:
        """The models it answers for, in the order of its outputs."""
        return tuple(self.made["heads"])

    def build(self) -> Encoder:
        """The encoder as it is served."""
        return Encoder(self.model, self.vocabulary, self.heads)

    def hashes(self) -> dict[str, str]:
        """The files by name with their SHA-256, as cards list them."""
        files = {ENCODER_FILE: self.model, VOCABULARY_FILE: self.vocabulary}
        return {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}

    def write(self, folder: Path) -> None:
        """Write both files; those of a model version have their card beside them."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ENCODER_FILE).write_bytes(self.model)
        (folder / VOCABULARY_FILE).write_bytes(self.vocabulary)

    def write_made(self, folder: Path) -> None:
        """Write how it was made, for an encoder that no model has yet."""
        text = json.dumps(self.made, indent=1, sort_keys=True, ensure_ascii=False)
        (folder / MADE_FILE).write_text(text + "\n", encoding="utf-8")


def read_kept(folder: Path) -> KeptEncoder:
    """The encoder trained into `folder`, or that of a model version. Raises `NoEncoder`."""
    try:
        model = (folder / ENCODER_FILE).read_bytes()
        vocabulary = (folder / VOCABULARY_FILE).read_bytes()
        return KeptEncoder(model, vocabulary, _made(folder))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoEncoder(f"{folder} holds no trained encoder") from error


def _made(folder: Path) -> Mapping[str, Any]:
    if (folder / MADE_FILE).is_file():
        found = json.loads((folder / MADE_FILE).read_bytes())
    else:
        card = json.loads((folder / CARD_FILE).read_bytes())
        if card["format"] != FORMAT:
            raise ValueError("the version has one stage only")
        found = card["second_stage"]["made"]
    if not isinstance(found["heads"], list):
        raise TypeError("heads are a list")
    return dict(found)
