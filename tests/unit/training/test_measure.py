"""The measures agree with counting by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.training import measure


def test_the_area_is_the_chance_that_spam_scores_higher() -> None:
    assert measure.auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]) == pytest.approx(0.75)
    assert measure.auc([0, 1], [0.5, 0.5]) == pytest.approx(0.5)
    assert measure.auc([1, 1], [0.5, 0.6]) is None


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1, max_size=30),
)
def test_the_area_agrees_with_counting_pairs(pairs: list[tuple[bool, int]]) -> None:
    spam = [score for is_spam, score in pairs if is_spam]
    ham = [score for is_spam, score in pairs if not is_spam]
    found = measure.auc([is_spam for is_spam, _ in pairs], [score for _, score in pairs])
    if not spam or not ham:
        assert found is None
    else:
        wins = sum((s > h) + (s == h) / 2 for s in spam for h in ham)
        assert found == pytest.approx(wins / (len(spam) * len(ham)))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50), st.floats(0, 1))
def test_no_more_than_the_asked_share_is_flagged(ham: list[float], share: float) -> None:
    if share == 1:
        return
    flagged = measure.flagged(ham, measure.threshold_at(ham, share))
    assert flagged is not None
    assert flagged <= share


def test_recall_counts_spam_above_every_ham() -> None:
    assert measure.recall_at([0, 0, 1, 1], [0.1, 0.5, 0.5, 0.9], 0.0) == pytest.approx(0.5)


def test_a_score_that_says_what_is_true_has_no_calibration_error() -> None:
    truth, said = [0, 0, 0, 1], [0.25] * 4
    assert measure.calibration_error(truth, said, [1.0] * 4) == pytest.approx(0.0)
    assert measure.calibration_error([1, 1], [0.05, 0.05], [1.0, 1.0]) == pytest.approx(0.95)
    assert [b["texts"] for b in measure.reliability(truth, said, [1.0] * 4)] == [4]
