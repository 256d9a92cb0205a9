"""How far scores and inputs have moved from what a card says of them."""

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.classifiers.day_counts import (
    DayCounts,
    decoded,
    drifts,
    merged,
    slices_of_event,
    summed,
)
from safety.classifiers.drift import SCORE_BINS, Spread, drift, reference_of, score_bin
from safety.training import quality

EVEN = [1 / SCORE_BINS] * SCORE_BINS
histograms = st.lists(st.integers(0, 1000), min_size=SCORE_BINS, max_size=SCORE_BINS)


def test_what_did_not_move_is_no_drift() -> None:
    found = drift(EVEN, [50] * SCORE_BINS)
    assert found is not None
    assert found.psi == pytest.approx(0.0)
    assert found.ks == pytest.approx(0.0)
    assert not found.has_moved


def test_scores_that_all_became_high_have_moved_far() -> None:
    found = drift(EVEN, [0] * (SCORE_BINS - 1) + [1000])
    assert found is not None
    assert found.has_moved_far
    assert found.ks == pytest.approx(1 - 1 / SCORE_BINS)


def test_a_sample_of_the_same_source_is_no_alarm() -> None:
    random = Random(7)  # noqa: S311  repeatable, not secret
    counts = [0] * SCORE_BINS
    for _ in range(2000):
        counts[score_bin(random.random())] += 1
    found = drift(EVEN, counts)
    assert found is not None
    assert found.psi < 0.05
    assert not found.has_moved


def test_few_events_never_raise_an_alarm() -> None:
    found = drift(EVEN, [0] * (SCORE_BINS - 1) + [20])
    assert found is not None
    assert not found.has_moved


@given(histograms)
def test_the_index_is_never_negative_and_the_gap_is_a_share(counts: list[int]) -> None:
    found = drift(EVEN, counts)
    if found is None:
        assert not any(counts)
    else:
        assert found.psi >= 0
        assert 0 <= found.ks <= 1


@given(st.floats(0, 1))
def test_every_score_has_a_bin(score: float) -> None:
    assert 0 <= score_bin(score) < SCORE_BINS


@given(histograms, histograms)
def test_counts_of_two_processes_are_one_sum_in_any_order(one: list[int], two: list[int]) -> None:
    first, second = DayCounts(scores=one, flagged=1), DayCounts(scores=two, features={"a": [1, 2]})
    together = decoded(merged(first.encode(), second.encode()))
    assert together == decoded(merged(second.encode(), first.encode()))
    assert together.events == sum(one) + sum(two)
    assert together == summed([first, second])


@pytest.mark.parametrize("kept", [b"", b"[]", b'{"scores": [1]}', b"\xff", b'{"scores": "x"}'])
def test_a_damaged_row_counts_nothing(kept: bytes) -> None:
    assert decoded(kept).events == 0


def test_inputs_are_counted_in_the_bins_of_the_card() -> None:
    card = {"reference": quality.reference([0.5] * 10, {"content.links": list(range(10))})}
    reference = reference_of(json.loads(json.dumps(card)))
    assert reference is not None
    counts = DayCounts()
    for links in (0, 3, 9, 400, None, float("nan"), "three"):
        counts.read(reference, {} if links is None else {"content.links": links})
    assert sum(counts.features["content.links"]) == 4
    assert counts.features["content.links"][-1] == 2
    assert set(drifts(reference, counts)) == {"content.links"}


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {"scores": [1.0]},
        {"scores": ["a"] * SCORE_BINS},
        {"scores": [float("nan")] * SCORE_BINS},
    ],
)
def test_a_card_without_a_usable_reference_has_none(told: object) -> None:
    assert reference_of({"reference": told}) is None


def test_a_feature_whose_bins_do_not_fit_is_left_out() -> None:
    odd = {"edges": [2.0, 1.0], "shares": [0.2, 0.3, 0.5]}
    reference = reference_of({"reference": {"scores": EVEN, "features": {"a": odd, "b": 3}}})
    assert reference is not None
    assert reference.features == {}


def test_a_value_on_an_edge_belongs_above_it() -> None:
    spread = Spread((1.0, 2.0), (0.2, 0.3, 0.5))
    assert [spread.place(value) for value in (0.5, 1.0, 1.5, 2.0, 9.0)] == [0, 1, 1, 2, 2]


def test_languages_cannot_fill_the_memory() -> None:
    known = {f"lang:{chr(97 + n // 26)}{chr(97 + n % 26)}": None for n in range(40)}
    assert slices_of_event("post", {"content.language": "xx-XX"}, known) == ["all", "event:post"]
    assert slices_of_event("post", {"content.language": "en-GB"}, {}) == [
        "all",
        "event:post",
        "lang:en",
    ]
    assert len(slices_of_event("post", {"content.language": "<script>"}, {})) == 2


def test_the_shipped_cards_references_are_understood() -> None:
    folder = Path("models")
    for path in folder.glob("*/*/card.json"):
        card = json.loads(path.read_text())
        if "reference" in card:
            assert reference_of(card) is not None, path
