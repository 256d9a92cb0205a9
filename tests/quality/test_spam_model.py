"""Floors under the shipped spam model: by source and language, under evasion, on decorated ham."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from safety.assets import shipped
from safety.classifiers.card import Card
from safety.classifiers.linear_text import LinearText
from safety.classifiers.registry import load_models
from safety.training import report
from safety.training.dataset import Row, read_source
from safety.training.sources import SPAM_SOURCES, Source, Use

DATA = (
    Path(os.environ.get("SAFETY_DATA_DIR", Path(__file__).parents[3] / "shared" / "data")) / "text"
)
needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="labelled data is absent: set SAFETY_DATA_DIR to the folder of text/"
)
CLOSE = 0.02  # a figure may differ this much from the card before something is wrong

# Dev rows: area, recall at the threshold, false positives at the threshold. The floors leave room
# for the smallest sources, where one text is worth three points.
FLOORS = {
    "sms_uci": (0.97, 0.65, 0.010),
    "yt_psy": (0.90, 0.60, 0.10),
    "yt_katyperry": (0.90, 0.45, 0.10),
    "yt_lmfao": (0.90, 0.40, 0.10),
    "yt_judol_id": (0.99, 0.70, 0.006),
}
# Sources without spam: false positives at the threshold.
HAM_CEILINGS = {
    "telegram_ham_ru": 0.01,
    "davidson_neither": 0.01,
    "convabuse_ham": 0.015,
    "germeval_ham": 0.01,
    "olid_ham": 0.01,
    "stormfront_ham": 0.03,
    "toldbr_ham": 0.01,
    "taobao_ham": 0.005,
}
KEPT_FLOORS = {
    "homoglyphs": 0.97,
    "zero width": 0.97,
    "font": 0.95,
    "combining": 0.95,
    "spaced": 0.95,
    "leet": 0.90,
    "typos": 0.80,
    "mixed": 0.85,
    "padding": 0.40,
}
HAM_WITH_LINK_AND_EMOJI = 0.02


@pytest.fixture(scope="module")
def model() -> LinearText:
    models, troubles = load_models(shipped("models"))
    assert not troubles
    (found,) = (m for m in models if m.name == "spam")
    assert isinstance(found, LinearText)
    return found


@pytest.fixture(scope="module")
def card(model: LinearText) -> Card:
    return Card.parse((shipped("models") / "spam" / model.version / "card.json").read_bytes())


def source_named(name: str) -> Source:
    return next(source for source in SPAM_SOURCES if source.name == name)


def dev_rows(source: Source) -> Sequence[Row]:
    """The rows that no training has seen: dev of a source trained on, all of any other."""
    rows = read_source(DATA, source)
    return [row for row in rows if row.is_dev] if source.use is Use.SHIP else rows


def line_of(card: Card, name: str) -> dict[str, Any]:
    lines = [*card.content["metrics"], *card.content["unseen"]]
    return next(line for line in lines if line["source"] == name)


@needs_data
@pytest.mark.parametrize("name", FLOORS)
def test_spam_is_caught_in_every_source(name: str, model: LinearText, card: Card) -> None:
    source = source_named(name)
    area, recall, false_positives = FLOORS[name]
    found = report.source_figures(model, source, dev_rows(source), card.threshold, rows_are="dev")
    assert found["auc"] >= area
    assert found["recall_at_threshold"] >= recall
    assert found["false_positives_at_threshold"] <= false_positives
    claimed = line_of(card, name)
    for figure in ("auc", "recall_at_threshold", "false_positives_at_threshold"):
        assert found[figure] == pytest.approx(claimed[figure], abs=CLOSE)


@needs_data
@pytest.mark.parametrize("name", HAM_CEILINGS)
def test_genuine_text_is_left_alone(name: str, model: LinearText, card: Card) -> None:
    source = source_named(name)
    found = report.source_figures(model, source, dev_rows(source), card.threshold, rows_are="dev")
    share = found["false_positives_at_threshold"]
    assert share <= HAM_CEILINGS[name]
    claimed = line_of(card, name)["false_positives_at_threshold"]
    assert share == pytest.approx(claimed, abs=CLOSE)


@needs_data
def test_disguised_spam_is_still_caught_and_decorated_ham_is_not(
    model: LinearText, card: Card
) -> None:
    rows = [r for s in SPAM_SOURCES if s.use is Use.SHIP for r in dev_rows(s)]
    found = report.evasion_figures(model, rows, card.threshold, card.content["seed"])
    kept = found["recall_kept"]
    assert {name: kept[name] for name in KEPT_FLOORS if kept[name] < KEPT_FLOORS[name]} == {}
    assert found["ham_with_link_and_emoji"] <= HAM_WITH_LINK_AND_EMOJI
    claimed = card.content["evasion"]["recall_kept"]
    assert kept == pytest.approx(claimed, abs=CLOSE)


def test_the_card_says_what_a_reader_needs(card: Card) -> None:
    content = card.content
    assert (card.name, content["size"]) == (
        "spam",
        (shipped("models") / "spam" / card.version / card.file).stat().st_size,
    )
    assert content["size"] < 5_000_000
    assert all(source["may_ship"] and source["licence"] for source in content["sources"])
    assert content["known_failures"]
    assert content["left_out"]
    assert content["calibration"]["expected_error"] < 0.05


@pytest.mark.parametrize(
    "text",
    [
        "lovely light in this one",
        "Thanks, see you tomorrow at 5pm!",
        "great video, the part at 3:20 made me laugh 😂",
        "here is the recipe https://en.wikipedia.org/wiki/Goulash 😊",
        "спасибо, очень красиво",
        "Das war ein schöner Abend, danke!",
    ],
)
def test_friendly_texts_are_far_from_the_threshold(text: str, model: LinearText) -> None:
    score = model.score({"content.text": text})
    assert score is not None
    assert score < 0.5


@pytest.mark.parametrize(
    "text",
    [
        "WIN cash NOW!!! claim your free prize, call 09061234567 today",
        "check out my channel and subscribe please, new videos every day",
        "Get 5000 followers cheap, no password: https://boost.example/now",
    ],
)
def test_plain_spam_scores_high_and_says_why(text: str, model: LinearText) -> None:
    score = model.score({"content.text": text})
    assert score is not None
    assert score > 0.7
    strongest = model.explain({"content.text": text})[0]
    assert strongest.weight > 0
