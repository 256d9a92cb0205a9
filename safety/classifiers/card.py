"""The card beside each model: what it is, what it learned from, how good it is, where it fails."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# The only layout of weights that this version reads.
LINEAR_TEXT_FORMAT = "linear-text/1"

_REQUIRED: Mapping[str, type | tuple[type, ...]] = {
    "name": str,
    "version": str,
    "created": str,
    "format": str,
    "file": str,
    "sha256": str,
    "size": int,
    "threshold": (int, float),
    "licence": str,
    "sources": list,
    "metrics": list,
}


class CardError(ValueError):
    """The card is missing, is not JSON or lacks something."""


@dataclass(frozen=True, slots=True)
class Card:
    """A model's card. `content` is the whole of card.json; the rest names what code reads of it."""

    name: str
    version: str
    format: str
    file: str
    sha256: str
    threshold: float
    content: Mapping[str, Any]

    @property
    def files(self) -> Mapping[str, str]:
        """Every file of the model, by name, with its SHA-256."""
        others: Mapping[str, str] = self.content.get("files", {})
        return {self.file: self.sha256, **others}

    @classmethod
    def parse(cls, data: bytes) -> "Card":
        """Read a card from the bytes of card.json. Raises `CardError` and says what is wrong."""
        try:
            content = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise CardError("card.json is not JSON") from error
        if not isinstance(content, dict):
            raise CardError("card.json is not an object")
        for key, kind in _REQUIRED.items():
            if not isinstance(content.get(key), kind):
                raise CardError(f"card.json has no usable {key!r}")
        if not 0 < content["threshold"] < 1:
            raise CardError("the threshold must lie between 0 and 1")
        if not _are_hashes(content.get("files", {})):
            raise CardError("card.json has no usable 'files'")
        return cls(
            content["name"],
            content["version"],
            content["format"],
            content["file"],
            content["sha256"],
            float(content["threshold"]),
            content,
        )

    def dump(self) -> bytes:
        """The bytes of card.json: sorted keys and one newline at the end, the same every time."""
        text = json.dumps(self.content, indent=1, sort_keys=True, ensure_ascii=False)
        return (text + "\n").encode()


def _are_hashes(files: object) -> bool:
    """Whether this says of each file, by name, what its hash is."""
    return isinstance(files, dict) and all(isinstance(each, str) for each in files.values())
