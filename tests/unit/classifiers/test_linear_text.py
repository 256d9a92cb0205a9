"""The linear text model: one number per word, the same score however the text is handed in."""
# ruff: noqa: RUF001 - look-alike characters are the examples

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.classifiers.kinds import kinds_of
from safety.classifiers.linear_text import LinearText, Weights
from safety.classifiers.shape import NAMES, shape_of
from safety.classifiers.words import (
    HEAD_WORDS,
    TAIL_WORDS,
    kind_features,
    word_features,
    words_in,
    words_of,
)
from safety.domain.features import Value
from safety.text.fold import fold


def a_model(**raised: float) -> LinearText:
    """A model that knows nothing but the words given, each with its weight."""
    hashed = np.zeros(1 << 18, dtype=np.float32)
    for word, weight in raised.items():
        code, _ = next(word_features(word))
        hashed[code & (len(hashed) - 1)] = weight
    return LinearText("spam", "1", Weights(hashed, np.zeros(len(NAMES)), 0.0, 1.0, 0.0))


def test_a_text_without_words_has_no_score() -> None:
    model = a_model(casino=9.0)
    assert model.score({}) is None
    assert model.score({"content.text": ""}) is None
    assert model.score({"content.text": " \n\u200b"}) is None


def test_a_known_word_moves_the_score_and_a_disguise_does_not_hide_it() -> None:
    model = a_model(casino=9.0)
    plain = model.score({"content.text": "the casino here"})
    assert plain is not None
    assert plain > 0.5
    assert model.score({"content.text": "the 𝓬𝓪𝓼𝓲𝓷𝓸 here"}) == pytest.approx(plain)
    assert model.score({"content.text": "the picture here"}) == pytest.approx(0.5)


def test_features_that_were_already_computed_give_the_same_score() -> None:
    text = "Look at https://example.com/a @mia"
    folded = fold(text)
    model = a_model(look=2.0, example=1.0)
    computed: dict[str, Value] = {
        "content.text": text,
        "content.text_folded": folded.text,
        "content.obfuscation": folded.obfuscation,
        "content.links": 1,
        "content.mentions": 1,
        "content.hashtags": 0,
    }
    assert model.score(computed) == model.score({"content.text": text})


def test_a_second_look_costs_nothing_new_and_says_the_same() -> None:
    model = a_model(casino=9.0)
    values = {"content.text": "casino casino tonight"}
    assert model.score(values) == model.score(values)


def test_words_that_nobody_writes_twice_are_not_kept() -> None:
    model = a_model(casino=3.0)
    texts = [f"{'ab' * 500}{number} {'cd' * 500}{number} casino" for number in range(100)]
    first = [model.score({"content.text": text}) for text in texts]
    assert [model.score({"content.text": text}) for text in texts] == first
    kept = [*model._words, *(word for pair in model._pairs for word in pair)]
    assert max(map(len, kept)) <= 64


def test_the_explanation_points_at_the_original_text_strongest_first() -> None:
    text = "hello, the ｃａｓｉｎｏ is a lovely f r e e place"
    found = a_model(casino=9.0, free=4.0, hello=-2.0).explain({"content.text": text})
    assert [text[c.start : c.end] for c in found[:3]] == ["ｃａｓｉｎｏ", "f r e e", "hello"]
    assert found[0].weight > found[1].weight > 0 > found[2].weight


def test_long_texts_are_judged_by_their_beginning_and_end() -> None:
    words = words_in("start " + "word " * 10_000 + "finish")
    assert len(words) <= HEAD_WORDS + TAIL_WORDS
    assert (words[0], words[-1]) == ("start", "finish")


def test_chinese_is_split_into_characters_and_emoji_are_words() -> None:
    assert words_in("加微信abc 😀!") == ["加", "微", "信", "abc", "😀!"]


@pytest.mark.parametrize(
    ("folded", "words"),
    [
        ("get fr.ee mo;ney", ["get", "fr", ".", "ee", "free", "mo", ";", "ney", "money"]),
        ("don't", ["don't"]),
        ("ca\U0001f600sh now", ["ca", "\U0001f600", "sh", "cash", "now"]),
        ("3.5 covid-19", ["3", ".", "5", "covid", "-", "19"]),
        ("बेवकूफ", ["बेवकूफ"]),
        ("'quoted' -dash-", ["'", "quoted", "'", "-", "dash", "-"]),
    ],
)
def test_a_word_that_signs_break_is_read_as_one_too(folded: str, words: list[str]) -> None:
    assert words_in(folded) == words


def test_a_sign_inside_a_word_does_not_hide_it() -> None:
    model = a_model(casino=9.0)
    plain = model.score({"content.text": "the casino here"})
    assert plain is not None
    for broken in ("ca*sino", "ca'sino", "cas~ino", "ca.sino", "ca-sino", "casi!no"):
        score = model.score({"content.text": f"the {broken} here"})
        assert score is not None
        assert score > 0.9 * plain


def test_a_language_that_nobody_labelled_makes_a_flag_less_sure() -> None:
    weights = Weights(np.zeros(16, dtype=np.float32), np.zeros(len(NAMES)), 2.0, 1.0, 0.0)
    everywhere = LinearText("abuse", "1", weights)
    english = LinearText("abuse", "1", weights, ("latin",), tongues=("en",))
    for text in ("you are what you are", "123 !", "lol"):
        assert english.score({"content.text": text}) == everywhere.score({"content.text": text})
    sure = everywhere.score({"content.text": "você não sabe quem está aqui"})
    unsure = english.score({"content.text": "você não sabe quem está aqui"})
    assert sure is not None
    assert unsure is not None
    assert 0.5 < unsure < sure


def test_measures_have_one_value_for_each_name() -> None:
    assert len(shape_of("Look: https://example.com", {}, 4, 4)) == len(NAMES)


@given(st.text(max_size=300))
def test_any_text_has_a_probability_or_none_and_an_explanation_inside_it(text: str) -> None:
    model = a_model(a=3.0, b=-3.0)
    score = model.score({"content.text": text})
    assert score is None or 0.0 <= score <= 1.0
    for piece in model.explain({"content.text": text}):
        assert 0 <= piece.start < piece.end <= len(text)
        assert piece.text == text[piece.start : piece.end]


@given(st.text())
def test_words_with_and_without_places_are_the_same(text: str) -> None:
    folded = fold(text).text
    assert [word.text for word in words_of(folded)] == words_in(folded)


def test_weights_of_a_wrong_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="power of two"):
        Weights(np.zeros(3, dtype=np.float32), np.zeros(len(NAMES)), 0.0, 1.0, 0.0)
    with pytest.raises(ValueError, match="shape weights"):
        Weights(np.zeros(4, dtype=np.float32), np.zeros(1), 0.0, 1.0, 0.0)
    with pytest.raises(ValueError, match="finite"):
        Weights(np.zeros(4, dtype=np.float32), np.zeros(len(NAMES)), float("nan"), 1.0, 0.0)


def test_serving_imports_neither_scikit_learn_nor_scipy() -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from safety.assets import shipped\n"
        "from safety.classifiers.registry import load_models\n"
        "models, troubles = load_models(shipped('models'))\n"
        "assert not troubles\nspam = next(m for m in models if m.name == 'spam')\n"
        "assert spam.score({'content.text': 'hello there'}) is not None\n"
        "assert not {'sklearn', 'scipy', 'joblib', 'pickle5'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)  # noqa: S603 - own script


def test_a_script_that_nobody_labelled_makes_a_flag_less_sure() -> None:
    weights = Weights(np.zeros(16, dtype=np.float32), np.zeros(len(NAMES)), 2.0, 1.0, 0.0)
    everywhere = LinearText("spam", "1", weights)
    latin_only = LinearText("spam", "1", weights, ("latin",))
    for text in ("plain words", "ein schöner Tag", "123 !", "𝓹𝓵𝓪𝓲𝓷 𝔀𝓸𝓻𝓭𝓼"):
        assert latin_only.score({"content.text": text}) == everywhere.score({"content.text": text})
    sure = everywhere.score({"content.text": "שלום"})
    unsure = latin_only.score({"content.text": "שלום"})
    assert sure is not None
    assert unsure is not None
    assert 0.5 < unsure < sure


def test_what_a_word_is_about_is_explained_at_the_first_word_of_its_kind() -> None:
    hashed = np.zeros(1 << 18, dtype=np.float32)
    for code, _ in kind_features(kinds_of("casino")):
        hashed[code & (len(hashed) - 1)] = 5.0
    model = LinearText("spam", "1", Weights(hashed, np.zeros(len(NAMES)), 0.0, 1.0, 0.0))
    text = "the 𝓬𝓪𝓼𝓲𝓷𝓸 and the slots"
    (piece,) = model.explain({"content.text": text})
    assert piece.text == "𝓬𝓪𝓼𝓲𝓷𝓸"
    score = model.score({"content.text": text})
    assert score == pytest.approx(1 / (1 + np.exp(-piece.weight)))
