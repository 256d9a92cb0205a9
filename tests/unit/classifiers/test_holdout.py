"""Precision, recall and cost at any threshold, from the histograms of a card."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safety.classifiers.holdout import Costs, Slice, cheapest, costs_of, slices_of
from safety.training import quality
from tests.model_house import a_holdout

COSTS = Costs(5.0, 1.0)
scores = st.lists(st.floats(0, 1), min_size=1, max_size=60)


def a_slice(positive: list[float], negative: list[float]) -> Slice:
    return slices_of({"holdout": a_holdout(positive, negative)})["all"]


def test_what_a_threshold_does_is_read_off_the_histograms() -> None:
    at = a_slice([0.2, 0.6, 0.8, 0.9], [0.1, 0.1, 0.7, 0.3]).at(0.5, 0.5, COSTS)
    assert at.recall == pytest.approx(0.75)
    assert at.false_positives == pytest.approx(0.25)
    assert at.precision == pytest.approx(0.75)
    assert at.cost == pytest.approx(1000 * (0.5 * 0.25 * 5 + 0.5 * 0.25))


def test_where_bad_events_are_rare_the_same_threshold_is_less_precise() -> None:
    one = a_slice([0.9] * 9 + [0.1], [0.1] * 99 + [0.9])
    often, seldom = one.at(0.5, 0.5, COSTS), one.at(0.5, 0.01, COSTS)
    assert often.precision is not None
    assert seldom.precision is not None
    assert seldom.precision < 0.5 < often.precision
    assert often.recall == seldom.recall


@given(scores, scores)
def test_the_area_is_that_of_the_scores_as_nearly_as_bins_can_say(
    positive: list[float], negative: list[float]
) -> None:
    rounded = [np.floor(np.clip(each, 0, 0.9999) * 200) / 200 for each in (positive, negative)]
    labels = [1] * len(positive) + [0] * len(negative)
    expected = quality.auc(labels, [*rounded[0], *rounded[1]])
    assert a_slice(list(rounded[0] + 0.001), list(rounded[1] + 0.001)).auc() == pytest.approx(
        expected
    )


@given(scores, scores, st.floats(0.001, 0.999), st.floats(0.001, 0.999))
def test_a_stricter_threshold_never_flags_more(
    positive: list[float], negative: list[float], one: float, other: float
) -> None:
    found = a_slice(positive, negative)
    mild, strict = sorted((one, other))
    low, high = found.at(mild, 0.1, COSTS), found.at(strict, 0.1, COSTS)
    assert low.recall is not None
    assert high.recall is not None
    assert high.recall <= low.recall
    assert (high.false_positives or 0) <= (low.false_positives or 0)


@settings(max_examples=20)
@given(scores, scores, st.floats(0.001, 0.999))
def test_nothing_is_cheaper_than_the_cheapest(
    positive: list[float], negative: list[float], prevalence: float
) -> None:
    found = a_slice(positive, negative)
    best = cheapest(found, prevalence, COSTS).cost
    assert best is not None
    for place in range(1, 200):
        cost = found.at(place / 200, prevalence, COSTS).cost
        assert cost is not None
        assert best <= cost


def test_a_dear_false_positive_moves_the_cheapest_threshold_up() -> None:
    positive, negative = [i / 100 for i in range(30, 100)], [i / 100 for i in range(70)]
    one = a_slice(positive, negative)
    cheap, dear = cheapest(one, 0.5, Costs(1, 5)), cheapest(one, 0.5, Costs(5, 1))
    assert cheap.threshold < dear.threshold


def test_recall_at_a_share_of_false_positives_counts_ties_against_it() -> None:
    one = a_slice([0.9] * 5 + [0.5] * 5, [0.5] * 10 + [0.1] * 90)
    assert one.recall_at(0.0) == pytest.approx(0.5)
    assert one.recall_at(0.05) == pytest.approx(0.5)
    assert one.recall_at(0.10) == pytest.approx(1.0)


@pytest.mark.parametrize(
    "holdout",
    [
        None,
        {},
        {"slices": []},
        {"slices": {"all": None}},
        {"slices": {"all": {"positive": [1], "negative": [1, 2]}}},
        {"slices": {"all": {"positive": [-1], "negative": [1]}}},
        {"slices": {"all": {"positive": [True], "negative": [1]}}},
        {"slices": {"all": {"positive": [], "negative": []}}},
    ],
)
def test_a_holdout_that_is_none_has_no_slices(holdout: object) -> None:
    assert slices_of({"holdout": holdout}) == {}


def test_a_slice_without_one_kind_of_rows_says_so() -> None:
    only_bad = a_slice([0.9] * 10, [])
    assert only_bad.auc() is None
    assert only_bad.recall_at(0.01) is None
    assert only_bad.at(0.5, 0.1, COSTS).precision is None


@pytest.mark.parametrize("told", [None, {}, {"false_positive": -1, "false_negative": 1}, "x"])
def test_costs_that_nobody_told_are_equal(told: object) -> None:
    assert costs_of({"costs": told}) == Costs(1.0, 1.0)
