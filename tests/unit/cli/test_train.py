"""`train`: a candidate beside the version there is, and plain words when it cannot."""

from pathlib import Path

import pytest

from safety.training.texts import fit, written
from safety.training.texts.tasks import ABUSE
from tests.unit.cli.conftest import Command
from tests.unit.training.text_rows import write_data


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A little data, and fits that take a moment."""
    monkeypatch.setattr(written, "TEXTS_EACH", 10)
    monkeypatch.setattr(fit, "BITS", 10)
    monkeypatch.setattr(fit, "_TOLERANCE", 0.1)
    return write_data(tmp_path / "text", ABUSE).parent


def test_a_model_is_trained_with_its_page_and_never_over_another(
    command: Command, data: Path, tmp_path: Path
) -> None:
    out, page = tmp_path / "abuse" / "4", tmp_path / "abuse.html"
    options = ["train", "abuse", "--data", str(data), "--out", str(out), "--created", "2026-01-02"]
    ended = command(*options, "--report", str(page))
    assert ended.code == 0, ended.err
    assert f"Wrote {out}: abuse 4, threshold" in ended.out
    assert "Apache-2.0" in ended.out
    assert {path.name for path in out.iterdir()} == {"card.json", "weights.npz"}
    assert "<title>Model abuse 4</title>" in page.read_text()
    again = command(*options)
    assert again.code == 2
    assert "holds a model already" in again.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["haiku", "--data", "."], "There is no model 'haiku' to train: spam, abuse"),
        (["spam", "--data", "/nowhere"], "/nowhere is not a folder"),
    ],
)
def test_what_cannot_be_trained_is_said_plainly(
    command: Command, options: list[str], said: str
) -> None:
    ended = command("train", *options)
    assert ended.code == 2
    assert said in ended.err


def test_missing_files_and_bad_rows_are_said_plainly(command: Command, tmp_path: Path) -> None:
    target = ["--data", str(tmp_path), "--out", str(tmp_path / "1")]
    assert (
        "abuse_davidson.csv.gz is not in the data folder" in command("train", "abuse", *target).err
    )
    bad = tmp_path / "rows.jsonl"
    bad.write_text('{"label": 7}\n')
    ended = command("train", "abuse", *target, "--from-desk", str(bad))
    assert ended.code == 2
    assert "rows.jsonl, line 1" in ended.err
