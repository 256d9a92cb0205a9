"""Floors under the text models of two stages: what both stages reach on rows that neither knows."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from safety.assets import shipped
from safety.classifiers.registry import load_model, newest_version
from safety.training.quality import auc
from safety.training.texts.dataset import read_source
from safety.training.texts.sources import SPAM_SOURCES

DATA = (
    Path(os.environ.get("SAFETY_DATA_DIR", Path(__file__).parents[3] / "shared" / "data")) / "text"
)
CLOSE = 0.02

# AUC of both stages together on sources that neither learned from.
SPAM_UNSEEN = {"yt_pewdiepie": 0.94, "yt_ps4": 0.96, "enron": 0.69}
SPAM_UNSEEN_MEAN = 0.875
# False positives at the threshold on sources without spam that neither learned from.
SPAM_HAM_CEILINGS = {"olid_ham": 0.01, "stormfront_ham": 0.015, "toldbr_ham": 0.01}
ABUSE_UNSEEN = {"olid": 0.75, "stormfront": 0.83}
KEPT_FLOORS = {
    "homoglyphs": 0.97, "zero width": 0.97, "font": 0.95, "spaced": 0.95, "typos": 0.80,
    "punctuation": 0.92, "padding": 0.64,
}  # fmt: skip


def card(name: str) -> dict[str, Any]:
    folder = newest_version(shipped("models") / name)
    assert folder is not None
    found: dict[str, Any] = json.loads((folder / "card.json").read_bytes())
    return found


def lines(name: str, kind: str) -> dict[str, dict[str, Any]]:
    return {line["source"]: line for line in card(name)[kind]}


@pytest.mark.parametrize("source", SPAM_UNSEEN)
def test_spam_of_unseen_platforms_is_ranked(source: str) -> None:
    assert lines("spam", "unseen")[source]["auc"] >= SPAM_UNSEEN[source]


def test_the_encoder_earns_its_cost_on_unseen_platforms() -> None:
    found = [lines("spam", "unseen")[source] for source in SPAM_UNSEEN]
    both = sum(line["auc"] for line in found) / len(found)
    alone = sum(line["first_alone"]["auc"] for line in found) / len(found)
    assert both >= SPAM_UNSEEN_MEAN
    assert both > alone + 0.02


@pytest.mark.parametrize("source", SPAM_HAM_CEILINGS)
def test_genuine_texts_of_unseen_sources_are_left_alone(source: str) -> None:
    line = lines("spam", "unseen")[source]
    assert line["false_positives_at_threshold"] <= SPAM_HAM_CEILINGS[source]


@pytest.mark.parametrize("source", ABUSE_UNSEEN)
def test_abuse_of_unseen_sources_is_ranked(source: str) -> None:
    assert lines("abuse", "unseen")[source]["auc"] >= ABUSE_UNSEEN[source]


def test_a_language_without_labelled_rows_is_flagged_with_care() -> None:
    assert lines("abuse", "unseen")["toldbr"]["false_positives_at_threshold"] <= 0.2


@pytest.mark.parametrize("attack", KEPT_FLOORS)
@pytest.mark.parametrize("name", ["spam", "abuse"])
def test_recall_survives_disguise(name: str, attack: str) -> None:
    assert card(name)["evasion"]["recall_kept"][attack] >= KEPT_FLOORS[attack]


def test_the_costs_of_reading_are_kept() -> None:
    read = card("spam")["second_stage"]["read"]
    asked = [read[name]["negatives"] for name in ("davidson_ham", "sms_uci", "yt_judol_id")]
    assert sum(asked) / len(asked) <= 0.5


@pytest.mark.skipif(not DATA.is_dir(), reason="labelled data is absent: set SAFETY_DATA_DIR")
def test_the_shipped_files_reach_what_the_card_says() -> None:
    folder = newest_version(shipped("models") / "spam")
    assert folder is not None
    model = load_model(folder)
    (source,) = [each for each in SPAM_SOURCES if each.name == "yt_ps4"]
    rows = read_source(DATA, source)
    given = [model.score({"content.text": row.text}) or 0.0 for row in rows]
    found = auc([row.is_positive for row in rows], given)
    assert found == pytest.approx(lines("spam", "unseen")["yt_ps4"]["auc"], abs=CLOSE)
