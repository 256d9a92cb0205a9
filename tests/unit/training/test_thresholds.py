"""A threshold stands where the costs put it, or where false positives are rare enough."""

import numpy as np
import pytest

from safety.training.texts.thresholds import LEAST_NEGATIVES, MOST_THRESHOLD, threshold

CALM = np.linspace(0.0, 0.3, 1_000)


def test_costs_decide_where_hardly_anything_is_flagged_wrongly() -> None:
    assert threshold(0.8, 0.01, [CALM, CALM]) == 0.8
    assert threshold(0.8, 0.01, []) == 0.8


def test_sources_together_keep_the_share_whatever_their_size() -> None:
    large, small = np.linspace(0.0, 0.5, 20_000), np.linspace(0.0, 1.0, 400)
    cut = threshold(0.1, 0.05, [large, small])
    share = ((large >= cut).mean() + (small >= cut).mean()) / 2
    assert share == pytest.approx(0.05, abs=0.005)


def test_no_source_has_more_than_a_few_times_the_share() -> None:
    loud = np.linspace(0.0, 1.0, 1_000)
    quiet = [CALM] * 19
    assert (loud >= threshold(0.1, 0.01, [loud, *quiet])).mean() <= 0.03
    assert (loud >= threshold(0.1, 0.01, [loud, *quiet], most_of_one=1)).mean() <= 0.01


def test_a_few_rows_have_no_say_and_there_is_a_highest_threshold() -> None:
    assert threshold(0.8, 0.01, [np.full(LEAST_NEGATIVES - 1, 0.9)]) == 0.8
    assert threshold(0.8, 0.01, [np.full(LEAST_NEGATIVES, 0.9999)]) == MOST_THRESHOLD
