"""`models` and `train`: what is usable, and how a training run is refused in plain words."""

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command


@pytest.fixture
def models_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setenv("SAFETY_MODELS_DIR", str(folder))
    return folder


def test_a_damaged_model_is_listed_with_the_reason(command: Command, models_dir: Path) -> None:
    (models_dir / "spam" / "1").mkdir(parents=True)
    (models_dir / "spam" / "1" / "card.json").write_text("{")
    ended = command("models", "list")
    assert ended.code == 1
    assert "card.json is not JSON" in ended.out
    assert ended.err == "", "what goes wrong is told in the table, not in a log"


def test_missing_training_data_is_one_sentence(
    command: Command, models_dir: Path, tmp_path: Path
) -> None:
    ended = command("train", "spam", "--data", str(tmp_path))
    assert ended.code == 2
    assert "--data" in ended.err
    assert "Traceback" not in ended.err
    assert list(models_dir.iterdir()) == []


def test_a_model_is_never_overwritten(command: Command, models_dir: Path) -> None:
    version = models_dir / "spam" / "1"
    version.mkdir(parents=True)
    (version / "card.json").write_text("{}")
    ended = command("train", "spam", "--data", ".", "--out", str(version))
    assert ended.code == 2
    assert "holds a model already" in ended.err
    assert (version / "card.json").read_text() == "{}"
