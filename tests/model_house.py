"""Small real models in folders of their own, and their versions in a real database, for tests."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Engine

from safety.classifiers import weights_file
from safety.classifiers.card import LINEAR_TEXT_FORMAT
from safety.classifiers.linear_text import Weights
from safety.classifiers.shape import NAMES
from safety.classifiers.shelf import Shelf
from safety.classifiers.words import word_features
from safety.decisions.model_versions import ModelVersions
from safety.training import quality

AUDIT_KEY = b"k" * 32
NOW = 1_795_366_800.0  # 2026-11-22T17:00:00Z
Json = dict[str, Any]


def weights_for(words: Sequence[str] = ("casino",), *, bias: float = -4.0) -> Weights:
    """Weights of a model that knows these words as bad, and all others as nothing."""
    hashed = np.zeros(1 << 16, dtype=np.float32)
    for word in words:
        code, _ = next(word_features(word))  # the word itself, and no group of its letters
        hashed[code & (len(hashed) - 1)] = 60.0
    return Weights(hashed, np.zeros(len(NAMES)), bias, 1.0, 0.0)


def a_holdout(
    positive: Sequence[float] = (0.9,) * 300, negative: Sequence[float] = (0.1,) * 600
) -> Json:
    """A hold-out with these scores, in English and as a whole."""
    labels = [1] * len(positive) + [0] * len(negative)
    scores = [*positive, *negative]
    slices = dict.fromkeys(("all", "lang:en", "source:mail"), (labels, scores))
    found: Json = dict(quality.holdout(slices))
    return found


def a_version(
    root: Path,
    version: str = "1",
    *,
    name: str = "spam",
    weights: Weights | None = None,
    **changes: Any,
) -> Path:
    """The folder of a version that loads; `changes` replace parts of its card."""
    blob = weights_file.dump(weights_for() if weights is None else weights)
    folder = root / name / version
    folder.mkdir(parents=True, exist_ok=True)
    scores = quality.reference([0.02] * 95 + [0.97] * 5, {"content.links": [0] * 95 + [1] * 5})
    card: Json = {
        "name": name,
        "version": version,
        "created": "2026-11-22",
        "format": LINEAR_TEXT_FORMAT,
        "file": "weights.npz",
        "sha256": hashlib.sha256(blob).hexdigest(),
        "size": len(blob),
        "threshold": 0.9,
        "licence": "Apache-2.0",
        "sources": [{"source": "mail", "licence": "CC0", "rows": 900, "language": "en"}],
        "metrics": [],
        "holdout": a_holdout(),
        "reference": scores,
        "costs": {"false_positive": 5, "false_negative": 1, "why": "people leave"},
        "calibration": [{"mean_score": 0.1, "share_positive": 0.08, "rows": 600}],
        "evasion": {"recall_kept": {"homoglyphs": 0.98, "leet": 0.9}},
        "known_failures": ["Languages that it has never read."],
    }
    (folder / "weights.npz").write_bytes(blob)
    (folder / "card.json").write_text(json.dumps(card | changes))
    return folder


def versions_in(
    engine: Engine, tmp_path: Path, *, clock: Callable[[], float] = lambda: NOW
) -> ModelVersions:
    """The versions of an installation whose shipped models are in `tmp_path/shipped`."""
    shelf = Shelf(tmp_path / "shipped", tmp_path / "made")
    shelf.shipped.mkdir(exist_ok=True)
    return ModelVersions(engine, shelf, AUDIT_KEY, clock)
