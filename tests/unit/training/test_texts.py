"""Training a text model: the same bytes twice, only rows that may ship, progress told."""
# ruff: noqa: S311 - repeatable, not secret

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from safety.classifiers.registry import load_models
from safety.training.labelled import LabelledRow
from safety.training.texts import fit, insults, sources, written
from safety.training.texts.dataset import DESK, desk_rows
from safety.training.texts.disguise import DISGUISES
from safety.training.texts.paraphrase import paraphrase
from safety.training.texts.sources import ABUSE_SOURCES, SPAM_SOURCES, Reading, Source, Use
from safety.training.texts.tasks import ABUSE, SPAM, TASKS, Task
from safety.training.texts.train import train
from safety.training.texts.written import fill, written_abuse, written_spam
from safety.training.trainers import DataMissing, Order
from tests.unit.training.text_rows import POSITIVE, write_data


@pytest.fixture(autouse=True)
def small_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundredth of the written texts and few columns, so that training takes a moment."""
    monkeypatch.setattr(written, "TEXTS_EACH", 25)
    monkeypatch.setattr(fit, "BITS", 12)
    monkeypatch.setattr(fit, "_TOLERANCE", 0.05)


def an_order(data: Path, out: Path) -> Order:
    return Order(data=data, out=out, created="2026-01-02", seed=4)


def test_training_tells_its_steps_and_writes_a_model_that_serves(tmp_path: Path) -> None:
    data = write_data(tmp_path / "text", SPAM).parent
    told: list[tuple[int, int, str]] = []
    out = tmp_path / "models" / "spam" / "1"
    trained = train(SPAM, replace(an_order(data, out), progress=lambda *step: told.append(step)))
    assert [done for done, _, _ in told] == list(range(1, told[-1][1] + 1))
    (model,), troubles = load_models(tmp_path / "models")
    assert not troubles
    positive = model.score({"content.text": POSITIVE["spam"][0]})
    negative = model.score({"content.text": "lovely song"})
    assert positive is not None
    assert negative is not None
    assert positive > negative
    content = json.loads((out / "card.json").read_text())
    assert {line["source"] for line in content["sources"]} == {s.name for s in SPAM.trained_on()}
    assert all(line["may_ship"] for line in content["sources"])
    assert {line["source"] for line in content["unseen"]} == {s.name for s in SPAM.unseen()}
    assert {"all", "lang:en", "source:olid_ham"} <= set(content["holdout"]["slices"])
    assert set(DISGUISES) | {"paraphrase"} == set(content["evasion"]["recall_kept"])
    assert trained.card.sha256 == content["sha256"]
    assert trained.report.slices


def test_a_card_with_research_rows_says_that_it_must_not_be_shipped(tmp_path: Path) -> None:
    data = write_data(tmp_path / "text", ABUSE).parent
    order = replace(an_order(data, tmp_path / "1"), include_research=True)
    content = train(ABUSE, order).card.content
    assert str(content["licence"]).startswith("NOT TO BE SHIPPED")
    assert content["unseen"] == []


def test_a_run_that_was_stopped_continues_and_gives_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = write_data(tmp_path / "text", ABUSE).parent
    whole = tmp_path / "whole" / "abuse" / "1"
    train(ABUSE, an_order(data, whole))

    def stop(done: int, _total: int, label: str) -> None:
        if label.startswith("fitted without convabuse"):
            raise KeyboardInterrupt

    resumed = an_order(data, tmp_path / "resumed" / "abuse" / "1")
    with pytest.raises(KeyboardInterrupt):
        train(ABUSE, replace(resumed, progress=stop))
    kept = list((resumed.out.parent / ".1.partial").glob("*.npz"))
    assert len(kept) == 2
    fits: list[Sequence[fit.Part]] = []
    fit_again = fit.fit

    def counted(parts: Sequence[fit.Part]) -> Any:
        fits.append(parts)
        return fit_again(parts)

    monkeypatch.setattr(fit, "fit", counted)
    train(ABUSE, resumed)
    assert len(fits) == len(ABUSE.groups) - 2 + 1
    for name in ("weights.npz", "card.json"):
        assert (resumed.out / name).read_bytes() == (whole / name).read_bytes()
    assert not (resumed.out.parent / ".1.partial").exists()


def test_what_moderators_decided_is_learned_as_one_more_source(tmp_path: Path) -> None:
    data = write_data(tmp_path / "text", ABUSE).parent
    values = {"content.text": "you absolute zorblax"}
    rows = [LabelledRow(values, 1, 1.0, "desk", "en", "train")] * 30
    rows += [LabelledRow({"content.text": "a kind word"}, 0, 2.0, "desk", "en", "dev")] * 30
    order = replace(an_order(data, tmp_path / "abuse" / "1"), more=rows)
    card = train(ABUSE, order).card
    (line,) = (s for s in card.content["sources"] if s["source"] == DESK)
    assert line["rows"] == 30
    (model,), _ = load_models(tmp_path)
    learned = model.score({"content.text": "zorblax"})
    unknown = model.score({"content.text": "qwertle"})
    assert learned is not None
    assert unknown is not None
    assert learned > unknown


def test_desk_rows_without_a_text_teach_a_text_model_nothing() -> None:
    assert desk_rows([LabelledRow({"actor.posts": 3}, 1, 1.0, "desk", "und", "train")]) == []


def test_missing_data_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match="spam_sms_uci"):
        train(SPAM, an_order(tmp_path, tmp_path / "1"))


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.name)
def test_every_source_that_ships_has_a_licence_and_an_attribution(task: Task) -> None:
    for source in task.trained_on():
        assert source.use is Use.SHIP
        assert source.licence
        assert source.attribution
        assert source.weight > 0
    left_out = {name for group in task.groups for name in group}
    assert left_out <= {source.name for source in task.trained_on()}


def test_a_file_has_one_licence_whatever_it_teaches() -> None:
    said: dict[tuple[str, tuple[str, ...]], tuple[Use, str]] = {}
    for source in (*SPAM_SOURCES, *ABUSE_SOURCES):
        if not source.members:
            known = said.setdefault((source.file, source.members), (source.use, source.licence))
            assert known == (source.use, source.licence)


def test_spam_is_no_abuse_and_abuse_is_no_spam() -> None:
    def of(found: tuple[Source, ...], prefix: str) -> set[Reading]:
        return {s.reading for s in found if s.file.startswith(prefix)}

    assert Reading.AS_LABELLED not in of(sources.SPAM_SOURCES, "abuse_")
    assert of(sources.ABUSE_SOURCES, "spam_") == {Reading.ALL_NEGATIVE}


def test_the_written_texts_are_filled_in_completely_and_repeat() -> None:
    for write in (written_spam, written_abuse):
        rows = write("written", 1)
        assert rows == write("written", 1)
        assert rows != write("written", 2)
        assert {row.is_positive for row in rows} == {True, False}
        assert not [row.text for row in rows if set("{}[]|") & set(row.text)]
        assert not any(row.is_dev for row in rows)


@pytest.mark.parametrize("phrase", [*written.SPAM, *written.CIVIL, *insults.ABUSE])
def test_every_phrase_can_be_filled_in(phrase: str) -> None:
    assert fill(phrase, Random(1))


def test_a_paraphrase_says_it_in_other_words() -> None:
    text = "click here to win a free prize now"
    said = paraphrase(text, Random(1))
    assert said != text
    assert "here" in said
    assert paraphrase(text, Random(1)) == said
    assert paraphrase("", Random(1)) == ""
