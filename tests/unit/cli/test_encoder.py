"""`encoder`: how training and joining are refused in plain words."""

import importlib.util
import shutil
from pathlib import Path

import pytest

from safety.assets import shipped
from safety.classifiers.registry import newest_version
from tests.unit.cli.conftest import Command


@pytest.fixture
def models_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setenv("SAFETY_MODELS_DIR", str(folder))
    return folder


@pytest.fixture
def with_encoder(models_dir: Path) -> Path:
    newest = newest_version(shipped("models") / "spam")
    assert newest is not None
    shutil.copytree(newest, models_dir / "spam" / newest.name)
    return models_dir / "spam" / newest.name


def test_only_text_models_have_a_second_stage(command: Command, models_dir: Path) -> None:
    ended = command("encoder", "join", "bot", "--data", ".")
    assert ended.code == 2
    assert "'bot'" in ended.err
    assert "spam, abuse" in ended.err


def test_there_must_be_a_linear_model(command: Command, models_dir: Path) -> None:
    ended = command("encoder", "join", "spam", "--data", ".")
    assert ended.code == 2
    assert "--linear" in ended.err


def test_there_must_be_an_encoder(command: Command, with_encoder: Path) -> None:
    (with_encoder / "encoder.onnx").unlink()
    ended = command("encoder", "join", "spam", "--data", ".")
    assert ended.code == 2
    assert "--encoder" in ended.err


def test_missing_rows_are_one_sentence(
    command: Command, with_encoder: Path, tmp_path: Path
) -> None:
    ended = command("encoder", "join", "spam", "--data", str(tmp_path))
    assert ended.code == 2
    assert "is not in the data folder" in ended.err
    assert "Traceback" not in ended.err


def test_a_version_is_never_overwritten(command: Command, with_encoder: Path) -> None:
    ended = command("encoder", "join", "spam", "--data", ".", "--out", str(with_encoder))
    assert ended.code == 2
    assert "holds a model already" in ended.err


def test_a_folder_that_holds_no_encoder_is_named(
    command: Command, with_encoder: Path, tmp_path: Path
) -> None:
    ended = command("encoder", "join", "spam", "--data", ".", "--encoder", str(tmp_path))
    assert ended.code == 2
    assert "holds no trained encoder" in ended.err


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="it is installed")
def test_training_without_the_extra_says_what_to_install(
    command: Command, models_dir: Path, tmp_path: Path
) -> None:
    ended = command("encoder", "train", "--data", ".", "--out", str(tmp_path / "new"))
    assert ended.code == 2
    assert "safety-gate[train]" in ended.err
