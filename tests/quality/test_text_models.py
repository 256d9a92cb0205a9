"""Floors under the shipped text models: by source, on people's names, on what is harmless."""
# ruff: noqa: RUF001 - other alphabets are the examples

import pytest

from safety.assets import shipped
from safety.training.texts import figures
from safety.training.texts.probes import naming_people
from safety.training.texts.tasks import TASKS
from tests.quality.text_data import (
    card_of,
    first_stage,
    line_of,
    needs_data,
    served,
    served_card,
    source_named,
    unseen_rows,
)

FAR = 0.75
CLOSE = 0.03  # a figure may differ this much from the card before something is wrong

# Rows never trained on: area, recall at the threshold, false positives at the threshold. The floors
# leave room for the smallest sources, where one text is worth three points.
FLOORS = {
    ("spam", "sms_uci"): (0.97, 0.65, 0.010),
    ("spam", "yt_psy"): (0.90, 0.55, 0.10),
    ("spam", "yt_katyperry"): (0.90, 0.45, 0.10),
    ("spam", "yt_lmfao"): (0.90, 0.40, 0.10),
    ("spam", "yt_judol_id"): (0.99, 0.65, 0.008),
    ("abuse", "davidson"): (0.96, 0.80, 0.08),
    ("abuse", "convabuse"): (0.85, 0.40, 0.05),
    ("abuse", "germeval"): (0.75, 0.30, 0.10),
    ("abuse", "olid"): (0.72, 0.30, 0.08),
    ("abuse", "stormfront"): (0.75, 0.20, 0.06),
}
# Sources without a positive: false positives at the threshold.
CEILINGS = {
    ("spam", "telegram_ham_ru"): 0.01,
    ("spam", "davidson_ham"): 0.01,
    ("spam", "convabuse_ham"): 0.015,
    ("spam", "germeval_ham"): 0.01,
    ("spam", "olid_ham"): 0.01,
    ("spam", "stormfront_ham"): 0.02,
    ("spam", "toldbr_ham"): 0.02,
    ("spam", "taobao_ham"): 0.01,
    ("abuse", "sms_civil"): 0.03,
    ("abuse", "judol_civil"): 0.03,
    ("abuse", "telegram_civil"): 0.03,
    ("abuse", "enron_civil"): 0.02,
}


@needs_data
@pytest.mark.parametrize(("task", "name"), FLOORS)
def test_what_is_unwanted_is_caught_in_every_source(task: str, name: str) -> None:
    area, recall, false_positives = FLOORS[task, name]
    card, rows = card_of(task), unseen_rows(source_named(task, name))
    given = figures.scores(first_stage(task), [row.text for row in rows])
    labels = [row.is_positive for row in rows]
    found = figures.rates(labels, given, card.threshold, TASKS[task].false_positive_share)
    assert found["auc"] >= area
    assert found["recall_at_threshold"] >= recall
    assert found["false_positives_at_threshold"] <= false_positives
    claimed = line_of(card, name)
    for figure in ("auc", "recall_at_threshold", "false_positives_at_threshold"):
        assert found[figure] == pytest.approx(claimed[figure], abs=CLOSE)


@needs_data
@pytest.mark.parametrize(("task", "name"), CEILINGS)
def test_genuine_text_is_left_alone(task: str, name: str) -> None:
    rows = unseen_rows(source_named(task, name))
    given = figures.scores(first_stage(task), [row.text for row in rows])
    flagged = float((given >= card_of(task).threshold).mean())
    assert flagged <= CEILINGS[task, name]


@pytest.mark.parametrize("group", naming_people())
def test_naming_people_is_no_abuse(group: str) -> None:
    texts = naming_people()[group]
    given = figures.scores(served("abuse"), texts)
    cut = served_card("abuse").threshold
    flagged = [text for text, score in zip(texts, given, strict=True) if score >= cut]
    # Of twelve. One of the names has been an insult for as long, and the sources know it as that.
    assert len(flagged) <= 3, flagged


def test_naming_people_is_hardly_ever_flagged_on_the_whole() -> None:
    assert figures.naming(first_stage("abuse"), card_of("abuse").threshold)["flagged"] <= 0.02
    assert figures.naming(served("abuse"), served_card("abuse").threshold)["flagged"] <= 0.04


@pytest.mark.parametrize("task", TASKS)
def test_the_card_says_what_a_reader_needs(task: str) -> None:
    card = served_card(task)
    content = card.content
    assert card.name == task
    assert (
        sum(path.stat().st_size for path in (shipped("models") / task / card.version).iterdir())
        < 40_000_000
    )
    assert all(source["may_ship"] and source["licence"] for source in content["sources"])
    for said in ("known_failures", "left_out", "languages", "costs", "holdout", "reference"):
        assert content[said], said
    assert content["languages"]["other"] == "no"
    assert content["calibration_error"] < 0.08


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize(
    "text",
    [
        "lovely light in this one",
        "Thanks, see you tomorrow at 5pm!",
        "great video, the part at 3:20 made me laugh 😂",
        "here is the recipe https://en.wikipedia.org/wiki/Goulash 😊",
        "спасибо, очень красиво",
        "Das war ein schöner Abend, danke!",
        "I disagree, the second law says something else",
    ],
)
def test_friendly_texts_are_far_from_the_threshold(task: str, text: str) -> None:
    score = served(task).score({"content.text": text})
    assert score is not None
    assert score < FAR * served_card(task).threshold


@pytest.mark.parametrize(
    ("task", "text"),
    [
        ("spam", "WIN cash NOW!!! claim your free prize, call 09061234567 today"),
        ("spam", "check out my channel and subscribe please, new videos every day"),
        ("spam", "Get 5000 followers cheap, no password: https://boost.example/now"),
        ("abuse", "you are a pathetic idiot, shut up"),
        ("abuse", "all immigrants are vermin and should be shot"),
        ("abuse", "halt die fresse du hurensohn"),
    ],
)
def test_plain_cases_score_high_and_say_why(task: str, text: str) -> None:
    model = served(task)
    score = model.score({"content.text": text})
    assert score is not None
    assert score > 0.7
    strongest = model.explain({"content.text": text})[0]
    assert strongest.weight > 0
    assert text[strongest.start : strongest.end] == strongest.text


HOSTILE = {
    "empty": "",
    "white space": " \n\t ",
    "100 kB": "lorem ipsum dolor " * 5_600,
    "one emoji": "\U0001f602" * 5_000,
    "one letter": "a" * 100_000,
    "a link": "https://example.com/a?b=c",
    "right to left": "\u202eשלום عليكم\u202c",
    "a language of no source": "ሰላም እንዴት ነህ",
    "lone surrogates": "\ud800\udfff hello \udc00",
    "marks": "\u0301" * 10_000,
    "control characters": "\x00\x01\x02 hi \x7f",
}


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_any_text_has_a_score_or_none_and_can_be_explained(task: str, text: str) -> None:
    model = served(task)
    score = model.score({"content.text": text})
    assert score is None or 0 <= score <= 1
    if not text.strip():
        assert score is None
    for piece in model.explain({"content.text": text}):
        assert text[piece.start : piece.end] == piece.text
