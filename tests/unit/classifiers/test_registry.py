"""Models are loaded by hash; a damaged one is trouble and never a crash."""

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from safety.classifiers import weights_file
from safety.classifiers.card import LINEAR_TEXT_FORMAT, Card, CardError
from safety.classifiers.linear_text import Weights
from safety.classifiers.registry import load_models
from safety.classifiers.shape import NAMES


def some_weights() -> Weights:
    hashed = np.zeros(1 << 10, dtype=np.float32)
    hashed[[0, 7, 1023]] = [0.5, -1.25, 2.0]
    return Weights(hashed, np.arange(len(NAMES), dtype=np.float64), 0.25, 2.0, -1.0)


def a_card(blob: bytes, **changes: Any) -> dict[str, Any]:
    return {
        "name": "spam",
        "version": "1",
        "created": "2026-01-01",
        "format": LINEAR_TEXT_FORMAT,
        "file": "weights.npz",
        "sha256": hashlib.sha256(blob).hexdigest(),
        "size": len(blob),
        "threshold": 0.9,
        "licence": "Apache-2.0",
        "sources": [],
        "metrics": [],
    } | changes


def a_model_folder(root: Path, blob: bytes | None = None, **changes: Any) -> Path:
    blob = weights_file.dump(some_weights()) if blob is None else blob
    folder = root / "spam" / "1"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "weights.npz").write_bytes(blob)
    (folder / "card.json").write_text(json.dumps(a_card(blob, **changes)))
    return folder


def test_weights_come_back_as_they_were_written_and_are_the_same_bytes_each_time() -> None:
    blob = weights_file.dump(some_weights())
    assert blob == weights_file.dump(some_weights())
    again = weights_file.load(blob)
    assert np.array_equal(again.hashed, some_weights().hashed)
    assert np.array_equal(again.shape, some_weights().shape)
    assert (again.bias, again.slope, again.offset) == (0.25, 2.0, -1.0)


def test_a_sound_model_is_loaded(tmp_path: Path) -> None:
    a_model_folder(tmp_path)
    (model,), troubles = load_models(tmp_path)
    assert (model.name, model.version) == ("spam", "1")
    assert troubles == ()


def test_the_highest_version_is_the_one_that_serves(tmp_path: Path) -> None:
    a_model_folder(tmp_path)
    newer = tmp_path / "spam" / "10"
    newer.mkdir()
    blob = weights_file.dump(some_weights())
    (newer / "weights.npz").write_bytes(blob)
    (newer / "card.json").write_text(json.dumps(a_card(blob, version="10")))
    (model,), _ = load_models(tmp_path)
    assert model.version == "10"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sha256": "0" * 64}, "hash"),
        ({"format": "pickle"}, "format"),
        ({"name": "abuse"}, "another model"),
        ({"file": "../../etc/passwd"}, "outside"),
        ({"file": "gone.npz"}, "cannot be read"),
        ({"threshold": 2.0}, "threshold"),
        ({"threshold": "high"}, "threshold"),
    ],
)
def test_a_card_that_does_not_fit_is_trouble(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    a_model_folder(tmp_path, **changes)
    models, (trouble,) = load_models(tmp_path)
    assert models == ()
    assert trouble.name == "spam"
    assert reason in trouble.reason


def _npz(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        b"PK\x03\x04 cut off",
        weights_file.dump(some_weights())[:200],
        _npz(bits=np.array(60)),
        _npz(bits=np.array(4), gaps=np.array([99]), hashed=np.array([1.0])),
        _npz(bits=np.array([{"an": "object"}], dtype=object)),
        _npz(bits=np.zeros(20_000_000)),
    ],
)
def test_damaged_or_hostile_weights_are_trouble(tmp_path: Path, blob: bytes) -> None:
    a_model_folder(tmp_path, blob)
    models, troubles = load_models(tmp_path)
    assert models == ()
    assert len(troubles) == 1


def test_a_missing_folder_card_or_version_is_trouble(tmp_path: Path) -> None:
    assert load_models(tmp_path / "none")[1][0].name == "*"
    (tmp_path / "spam").mkdir()
    assert load_models(tmp_path)[1][0].reason == "it has no version"
    (tmp_path / "spam" / "1").mkdir()
    assert "card.json" in load_models(tmp_path)[1][0].reason


def test_one_bad_model_does_not_take_another_with_it(tmp_path: Path) -> None:
    a_model_folder(tmp_path)
    (tmp_path / "abuse" / "1").mkdir(parents=True)
    models, troubles = load_models(tmp_path)
    assert [model.name for model in models] == ["spam"]
    assert [trouble.name for trouble in troubles] == ["abuse"]


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b'{"name": 1}'])
def test_a_card_that_is_no_card_says_so(data: bytes) -> None:
    with pytest.raises(CardError):
        Card.parse(data)


def test_a_card_that_is_nested_without_end_is_trouble(tmp_path: Path) -> None:
    a_model_folder(tmp_path)
    (tmp_path / "spam" / "1" / "card.json").write_text("[" * 100_000)
    models, (trouble,) = load_models(tmp_path)
    assert models == ()
    assert "not JSON" in trouble.reason
