"""Training a spam model: the same bytes twice, only rows that may ship, progress told."""
# ruff: noqa: S311 - repeatable, not secret

import csv
import gzip
import json
from pathlib import Path
from random import Random

import pytest

from safety.classifiers.registry import load_models
from safety.training import fit, written
from safety.training.dataset import DataMissing
from safety.training.sources import SPAM_SOURCES, Use, training_sources, unseen_sources
from safety.training.spam import train_spam

_HAM = (
    "lovely song",
    "see you at lunch",
    "what a goal that was",
    "thanks for the recipe my friend",
)
_SPAM = ("win cash now", "cheap followers here", "claim your prize today", "join my casino channel")


def write_data(folder: Path) -> Path:
    """Small files in the layout of the real ones."""
    random = Random(3)
    files: dict[str, list[tuple[str, str]]] = {}
    for source in SPAM_SOURCES:
        for member in source.members or (source.name,):
            labels = "00" if source.ham_only or source.name == "telegram_ham_ru" else "01"
            files.setdefault(source.file, []).extend((member, label) for label in labels)
    for file, kinds in files.items():
        with gzip.open(folder / file, "wt", encoding="utf-8", newline="") as lines:
            writer = csv.writer(lines)
            writer.writerow(["text", "label", "source", "lang", "split"])
            for member, label in kinds:
                for number in range(20):
                    words = random.choice(_SPAM if label == "1" else _HAM)
                    split = "dev" if number % 5 == 0 else "train"
                    writer.writerow([f"{words} {member} {number}", label, member, "en", split])
    return folder


@pytest.fixture(autouse=True)
def small_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundredth of the written texts and few columns, so that training takes a moment."""
    monkeypatch.setattr(written, "TEXTS_EACH", 15)
    monkeypatch.setattr(fit, "BITS", 14)


def test_the_same_data_gives_the_same_bytes_and_a_model_that_serves(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    write_data(data)
    told: list[tuple[int, int, str]] = []
    first = tmp_path / "first" / "spam" / "1"
    second = tmp_path / "second" / "spam" / "1"
    card = train_spam(data, first, progress=lambda *step: told.append(step))
    train_spam(data, second, progress=lambda *_: None)
    for name in ("weights.npz", "card.json"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    assert [done for done, _, _ in told] == list(range(1, told[-1][1] + 1))
    (model,), _ = load_models(tmp_path / "first")
    spam = model.score({"content.text": "claim your prize today"})
    ham = model.score({"content.text": "lovely song"})
    assert spam is not None
    assert ham is not None
    assert spam > ham
    content = json.loads((first / "card.json").read_text())
    assert {line["source"] for line in content["sources"]} == {s.name for s in training_sources()}
    assert {line["source"] for line in content["unseen"]} == {s.name for s in unseen_sources()}
    assert card.sha256 == content["sha256"]


def test_a_card_with_research_rows_says_that_it_must_not_be_shipped(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    write_data(data)
    card = train_spam(data, tmp_path / "1", progress=lambda *_: None, include_research=True)
    assert str(card.content["licence"]).startswith("NOT TO BE SHIPPED")


def test_missing_data_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match="spam_sms_uci"):
        train_spam(tmp_path, tmp_path / "1", progress=lambda *_: None)


def test_every_source_that_ships_has_a_licence_and_an_attribution() -> None:
    for source in training_sources():
        assert source.use is Use.SHIP
        assert source.licence
        assert source.attribution
        assert source.weight > 0
