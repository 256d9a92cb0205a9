"""The measures agree with counting by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.training import quality

scored = st.lists(st.tuples(st.booleans(), st.integers(0, 10)), min_size=1, max_size=40)


def split(pairs: list[tuple[bool, int]]) -> tuple[list[bool], list[float]]:
    return [label for label, _ in pairs], [score / 10 for _, score in pairs]


def test_the_area_is_the_chance_that_a_positive_scores_higher() -> None:
    assert quality.auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]) == pytest.approx(0.75)
    assert quality.auc([0, 1], [0.5, 0.5]) == pytest.approx(0.5)
    assert quality.auc([1, 1], [0.5, 0.6]) is None


@given(scored)
def test_the_area_agrees_with_counting_pairs(pairs: list[tuple[bool, int]]) -> None:
    labels, scores = split(pairs)
    yes = [score for label, score in zip(labels, scores, strict=True) if label]
    no = [score for label, score in zip(labels, scores, strict=True) if not label]
    found = quality.auc(labels, scores)
    if not yes or not no:
        assert found is None
    else:
        wins = sum((s > h) + (s == h) / 2 for s in yes for h in no)
        assert found == pytest.approx(wins / (len(yes) * len(no)))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50), st.floats(0, 0.99))
def test_no_more_than_the_asked_share_is_flagged(negatives: list[float], share: float) -> None:
    flagged = quality.flagged(negatives, quality.threshold_at_fpr(negatives, share))
    assert flagged is not None
    assert flagged <= share


def test_recall_counts_positives_above_every_negative() -> None:
    assert quality.recall_at_fpr([0, 0, 1, 1], [0.1, 0.5, 0.5, 0.9], 0.0) == pytest.approx(0.5)
    assert quality.recall_at_fpr([1, 1], [0.1, 0.5], 0.1) is None


@given(scored, st.floats(0, 1))
def test_the_four_counts_are_all_rows(pairs: list[tuple[bool, int]], threshold: float) -> None:
    labels, scores = split(pairs)
    found = quality.confusion(labels, scores, threshold)
    assert sum(found.values()) == len(pairs)  # type: ignore[arg-type]  # all four are counts
    assert found["caught"] + found["missed"] == sum(labels)
    assert 0 <= quality.macro_f1(labels, scores, threshold) <= 1


def test_macro_f1_is_the_mean_of_both_answers() -> None:
    labels, scores = [1, 1, 0, 0, 0], [0.9, 0.2, 0.8, 0.1, 0.1]
    assert quality.macro_f1(labels, scores, 0.5) == pytest.approx((0.5 + 2 / 3) / 2)


@given(scored)
def test_the_curve_ends_with_everything_caught(pairs: list[tuple[bool, int]]) -> None:
    labels, scores = split(pairs)
    curve = quality.precision_recall(labels, scores)
    if not any(labels):
        assert curve == []
        assert quality.average_precision(labels, scores) is None
        return
    assert curve[-1].recall == 1
    assert curve[-1].precision == pytest.approx(sum(labels) / len(labels))
    recalls = [point.recall for point in curve]
    assert recalls == sorted(recalls)
    area = quality.average_precision(labels, scores)
    assert area is not None
    assert 0 < area <= 1 + 1e-9


def test_a_score_that_says_what_is_true_has_no_calibration_error() -> None:
    truth, said = [0, 0, 0, 1], [0.25] * 4
    assert quality.expected_calibration_error(truth, said) == pytest.approx(0.0)
    assert quality.expected_calibration_error([1, 1], [0.05, 0.05]) == pytest.approx(0.95)
    assert [one["rows"] for one in quality.reliability(truth, said)] == [4]


def test_weights_count_rows_more_than_once() -> None:
    once = quality.reliability([0, 1, 1], [0.5, 0.5, 0.5])
    twice = quality.reliability([0, 1], [0.5, 0.5], [1.0, 2.0])
    assert once[0]["share_positive"] == pytest.approx(twice[0]["share_positive"])


def test_calibration_finds_the_slope_that_made_the_labels() -> None:
    random = np.random.default_rng(5)
    raw = random.normal(size=20_000)
    labels = random.random(20_000) < 1 / (1 + np.exp(-(2.0 * raw - 1.0)))
    slope, offset = quality.platt(labels, raw)
    assert slope == pytest.approx(2.0, abs=0.1)
    assert offset == pytest.approx(-1.0, abs=0.1)


@pytest.mark.parametrize("labels", [[1, 1, 1, 1], [0, 0, 0, 0], [0, 0, 1, 1], [1, 1, 0, 0]])
def test_calibration_stays_finite_on_rows_that_are_too_easy(labels: list[int]) -> None:
    slope, offset = quality.platt(labels, [-3.0, -2.0, 2.0, 3.0])
    assert np.isfinite([slope, offset]).all()
    assert slope >= 0  # a model that ranks backwards is not turned round


def test_the_holdout_counts_every_row_of_every_slice_once() -> None:
    found = quality.holdout({"all": ([1, 0, 0], [1.0, 0.0, 0.4999]), "lang:en": ([1], [0.3])})
    slices = found["slices"]
    assert isinstance(slices, dict)
    assert found["bins"] == quality.HOLDOUT_BINS
    assert slices["all"]["positive"][-1] == 1
    assert (slices["all"]["negative"][0], slices["all"]["negative"][99]) == (1, 1)
    assert sum(slices["lang:en"]["positive"]) == 1
    assert sum(slices["lang:en"]["negative"]) == 0


@given(st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))), max_size=60))
def test_a_reference_says_how_values_were_spread(values: list[float]) -> None:
    found = quality.reference([0.1, 0.9], {"content.length": values})
    features = found["features"]
    assert isinstance(features, dict)
    spread = features["content.length"]
    if not spread["shares"]:
        assert not [value for value in values if value == value]  # noqa: PLR0124 - NaN
        return
    assert len(spread["shares"]) == len(spread["edges"]) + 1
    assert sum(spread["shares"]) == pytest.approx(1, abs=1e-4)
    assert spread["edges"] == sorted(spread["edges"])


@given(
    st.lists(st.tuples(st.booleans(), st.floats(-60, 20)), min_size=8, max_size=60),
    st.floats(0.1, 10),
)
def test_calibrated_scores_are_right_on_the_whole(
    pairs: list[tuple[bool, float]], weight: float
) -> None:
    labels = [label for label, _ in pairs]
    raw = np.array([score for _, score in pairs])
    slope, offset = quality.platt(labels, raw, [weight] * len(pairs))
    said = 1 / (1 + np.exp(-np.clip(slope * raw + offset, -30, 30)))
    if slope > 0:
        # The best fit is unbiased, but for the smoothing that pulls it away from 0 and 1.
        assert said.mean() == pytest.approx(np.mean(labels), abs=2.1 / (weight * len(pairs)))
