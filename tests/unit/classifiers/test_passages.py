"""A long text is judged by its worst passage, too, and pays for having many."""

from dataclasses import replace
from functools import reduce
from math import log
from operator import or_

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.classifiers.linear_text import LinearText, Weights
from safety.classifiers.passages import LOOKED_AT, MOST_WORDS, SIZES, passages
from safety.classifiers.shape import NAMES
from safety.classifiers.words import word_features

PADDING = "we walked along the river and talked about music until it got dark over the hills "
NUMBERS = st.floats(-4, 4).map(lambda number: round(number, 3))
WORDS = st.lists(st.tuples(NUMBERS, st.just(1.0), st.integers(0, 7)), max_size=120)


def a_model(heed: float, toll: float) -> LinearText:
    """A model that knows one word."""
    hashed = np.zeros(1 << 18, dtype=np.float32)
    code, _ = next(word_features("casino"))
    hashed[code & (len(hashed) - 1)] = 9.0
    weights = Weights(hashed, np.zeros(len(NAMES)), 0.0, 1.0, 0.0)
    return LinearText("spam", "1", replace(weights, heed=heed, toll=toll))


@given(WORDS)
def test_a_passage_adds_up_what_its_words_and_pairs_add(
    words: list[tuple[float, float, int]],
) -> None:
    pairs = [(0.5, 0.25, 1 << 3)] * max(0, len(words) - 1)
    found = list(passages(words, pairs))
    assert bool(found) == (SIZES[0] < len(words) <= MOST_WORDS)
    assert len(found) <= LOOKED_AT * len(SIZES)
    for each in found:
        inside = words[each.start : each.end]
        assert len(inside) in SIZES
        assert each.total == pytest.approx(sum(w[0] for w in inside) + 0.5 * (len(inside) - 1))
        assert each.size == pytest.approx(len(inside) + 0.25 * (len(inside) - 1))
        assert each.kinds == reduce(or_, (w[2] for w in inside))
        assert each.luck == pytest.approx(log(len(words) / len(inside)))


@pytest.mark.parametrize("place", range(0, 60, 7))
def test_wherever_a_few_heavy_words_stand_one_passage_has_them_all(place: int) -> None:
    words = [(1.0 if place <= n < place + 5 else -1.0, 1.0, 0) for n in range(64)]
    found = passages(words, [(0.0, 0.0, 0)] * 63)
    assert any(each.start <= place and place + 5 <= each.end for each in found)


def test_padding_hides_less_of_a_text_that_is_read_by_passages() -> None:
    hidden = {"content.text": PADDING * 2 + "the casino here " + PADDING * 2}
    whole, read = a_model(0.0, 0.0).score(hidden), a_model(0.8, 0.1).score(hidden)
    assert whole is not None
    assert read is not None
    assert read > whole


def test_a_short_text_is_judged_as_a_whole() -> None:
    values = {"content.text": "the casino here"}
    assert a_model(0.8, 0.1).score(values) == a_model(0.0, 0.0).score(values)


def test_what_nothing_hides_in_is_judged_as_a_whole() -> None:
    values = {"content.text": PADDING * 4}
    assert a_model(0.8, 0.1).score(values) == a_model(0.0, 0.0).score(values)


def test_the_passage_is_handed_on_as_it_stands_in_the_text() -> None:
    text = PADDING * 2 + "the casino here " + PADDING * 2
    passage = a_model(0.8, 0.1).passage({"content.text": text}, text)
    assert passage is not None
    assert "casino" in passage
    assert passage in text
    assert len(passage.split()) == SIZES[-1]
    assert a_model(0.8, 0.1).passage({"content.text": PADDING * 4}, PADDING * 4) is None
    assert a_model(0.0, 0.0).passage({"content.text": text}, text) is None


def test_the_explanation_adds_up_to_the_score_of_a_padded_text() -> None:
    model = a_model(0.8, 0.1)
    text = PADDING * 2 + "the casino here " + PADDING * 2
    (piece,) = model.explain({"content.text": text})
    assert piece.text == "casino"
    score = model.score({"content.text": text})
    # What is left of the sum is the toll.
    assert score == pytest.approx(1 / (1 + np.exp(-piece.weight)), abs=0.05)
