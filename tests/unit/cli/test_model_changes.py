"""`models` from the command line: compared, promoted, tried, rolled back, and thresholds set."""

import json
from pathlib import Path

import pytest

from safety.store import audit
from safety.store.engine import open_engine, read
from safety.training.labelled import TEST, LabelledRow, write_rows
from tests.e2e.test_desk_models import a_better_holdout, a_middling_holdout
from tests.model_house import a_version, weights_for
from tests.unit.cli.conftest import Command


@pytest.fixture
def models(installed: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Shipped models of an installation: one version of spam."""
    folder = tmp_path / "shipped"
    monkeypatch.setenv("SAFETY_MODELS_DIR", str(folder))
    a_version(folder, "1", holdout=a_middling_holdout())
    return folder


def trace(data_dir: Path) -> list[str]:
    """What the audit log says was done to models, newest first."""
    engine = open_engine(f"sqlite:///{data_dir / 'safety.db'}")
    with read(engine) as connection:
        found = [e.action for e in audit.recent(connection) if e.action.startswith("model.")]
    engine.dispose()
    return found


def test_a_better_version_goes_live_and_back(
    installed: Command, models: Path, data_dir: Path
) -> None:
    a_version(data_dir / "models", "1001", holdout=a_better_holdout())
    listed = installed("models", "list").out
    assert "candidate" in listed
    assert "live (newest shipped)" in listed
    compared = installed("models", "compare", "spam", "1001")
    assert compared.code == 0
    assert "Nothing speaks against 1001." in compared.out
    assert "spam 1001 is live." in installed("models", "promote", "spam", "1001").out
    assert "spam 1 is live again." in installed("models", "rollback", "spam", "--why", "no").out
    history = installed("models", "history", "spam").out
    assert "promoted" in history
    assert "rolled back" in history
    assert trace(data_dir) == ["model.rolled_back", "model.promoted", "model.kept"]
    ended = installed("models", "rollback", "spam")
    assert ended.code == 2
    assert "Nothing was promoted" in ended.err


def test_a_worse_version_is_refused_with_the_reasons_and_forced_only_with_one(
    installed: Command, models: Path, data_dir: Path
) -> None:
    a_version(models, "1", holdout=a_better_holdout())
    a_version(models, "2", holdout=a_middling_holdout())
    assert installed("models", "promote", "spam", "1", "--force", "--why", "first").code == 0
    refused = installed("models", "promote", "spam", "2")
    assert refused.code == 1
    assert "Against: hold-out, all: AUC falls from 1.000" in refused.out
    assert "stays a candidate" in refused.out
    assert installed("models", "promote", "spam", "2", "--force").code == 2
    assert installed("models", "promote", "spam", "2", "--force", "--why", "Thai").code == 0
    assert "(forced)" in installed("models", "history", "spam").out
    assert trace(data_dir) == ["model.promoted", "model.kept"] * 2


def test_rows_of_a_file_speak_as_well(
    installed: Command, models: Path, data_dir: Path, tmp_path: Path
) -> None:
    a_version(models, "1", holdout=a_middling_holdout(), weights=weights_for(["garden"]))
    a_version(models, "2", holdout=a_better_holdout(), weights=weights_for(["casino"]))
    assert installed("models", "promote", "spam", "1", "--force", "--why", "start").code == 0
    rows = [
        LabelledRow({"content.text": text}, label, 1.0, "desk", "en", TEST)
        for text, label in [("our garden", 1), ("the casino", 0)]
        for _ in range(40)
    ]
    file = tmp_path / "rows.jsonl"
    write_rows(file, rows)
    assert installed("models", "compare", "spam", "2").code == 0
    compared = installed("models", "compare", "spam", "2", "--rows", str(file))
    assert compared.code == 1
    assert "Against: desk, all: AUC falls" in compared.out
    file.write_text("nonsense\n")
    assert "line 1" in installed("models", "compare", "spam", "2", "--rows", str(file)).err


def test_a_shadow_is_set_and_ended(installed: Command, models: Path) -> None:
    a_version(models, "2")
    assert "spam 1 is in shadow." in installed("models", "shadow", "spam", "1").out
    assert "shadow" in installed("models", "list").out
    assert installed("models", "shadow", "spam", "2").code == 2, "it is live"
    assert "no shadow any more" in installed("models", "shadow", "spam").out


def test_a_threshold_is_said_set_and_given_back_to_the_card(
    installed: Command, models: Path
) -> None:
    assert "is 0.9, its card's." in installed("models", "threshold", "spam").out
    assert "is 0.7, set by" in installed("models", "threshold", "spam", "0.7").out
    assert "its card's" in installed("models", "threshold", "spam", "--card").out
    assert installed("models", "threshold", "spam", "--card").code == 2
    assert installed("models", "threshold", "spam", "1.0").code == 2


def test_a_card_is_shown_with_its_slices_and_failures(installed: Command, models: Path) -> None:
    shown = installed("models", "show", "spam", "--prevalence", "0.1").out
    assert "spam 1, made 2026-11-22" in shown
    assert "lang:en" in shown
    assert "Languages that it has never read." in shown


def test_a_tampered_model_is_listed_as_not_usable_and_never_goes_live(
    installed: Command, models: Path
) -> None:
    folder = a_version(models, "2", holdout=a_better_holdout())
    (folder / "weights.npz").write_bytes(b"tampered")
    listed = installed("models", "list")
    assert listed.code == 1
    assert "does not have the hash" in listed.out or "do not have the hash" in listed.out
    assert installed("models", "promote", "spam", "2").code == 2
    assert installed("models", "shadow", "spam", "2").code == 2


@pytest.mark.parametrize("words", [("show", "spam", "7"), ("compare", "ham", "1")])
def test_what_is_not_there_is_one_sentence(
    installed: Command, models: Path, words: tuple[str, ...]
) -> None:
    ended = installed("models", *words)
    assert ended.code == 2
    assert "Traceback" not in ended.err


def test_too_few_answers_teach_nothing(installed: Command, models: Path, tmp_path: Path) -> None:
    words = ("--data", str(tmp_path), "--from-desk")
    ended = installed("train", "spam", *words, "here")
    assert ended.code == 2
    assert "too few to learn from" in ended.err
    assert installed("train", "spam", *words, str(tmp_path / "gone.jsonl")).code == 2
    assert installed("models", "calibrate", "spam").code == 2
    assert installed("models", "check", "spam").code == 2
    out = tmp_path / "rows.jsonl"
    assert "0 rows" in installed("models", "label", "spam", "--out", str(out)).out
    assert installed("models", "label", "spam", "--out", str(out)).code == 2


def test_what_a_card_says_is_shown_harmless(installed: Command, models: Path) -> None:
    a_version(models, "1", licence="\u202eCC0\x1b[31m", known_failures=["\x07bell"])
    shown = installed("models", "show", "spam").out + installed("models", "list").out
    assert not {"\u202e", "\x1b", "\x07"} & set(shown)
    assert json.dumps(shown)
