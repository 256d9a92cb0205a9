"""How two stages are joined: weights from rows that neither has learned from, and a band."""

import numpy as np
import pytest

from safety.classifiers.cascade import Blend
from safety.training.encoder.blending import READ_SHARE, Heard, band, fitted, joined
from safety.training.quality import auc, expected_calibration_error


def some_source(
    seed: int, *, linear: float, encoder: float, rows: int = 4000, weight: float = 1.0
) -> Heard:
    """A source where either stage sees the truth through its own noise, the smaller the better."""
    random = np.random.default_rng(seed)
    truth = random.random(rows) < 0.3
    sign = np.where(truth, 1.5, -1.5)
    odds = sign + random.normal(0, linear, rows)
    said = sign + random.normal(0, encoder, rows)
    return Heard(truth, 1 / (1 + np.exp(-odds)), said, weight)


def test_two_stages_together_rank_better_than_either_alone() -> None:
    learned, other = (some_source(seed, linear=1.5, encoder=1.5) for seed in (1, 2))
    blend = fitted([learned])
    both = auc(other.is_positive, joined(blend, other)) or 0.0
    assert both > (auc(other.is_positive, other.score) or 1.0) + 0.01
    assert both > (auc(other.is_positive, other.said) or 1.0)


def test_the_stage_that_knows_more_says_more() -> None:
    blend = fitted([some_source(1, linear=3.0, encoder=0.8)])
    assert blend.second > 3 * blend.first


def test_joined_scores_are_calibrated_where_both_speak() -> None:
    learned, other = (some_source(seed, linear=2.0, encoder=1.5) for seed in (1, 2))
    blend = fitted([learned])
    asked = other.score >= blend.low
    error = expected_calibration_error(other.is_positive[asked], joined(blend, other)[asked])
    assert error < 0.03


def test_a_stage_that_ranks_backwards_is_silenced_and_not_turned_round() -> None:
    source = some_source(1, linear=1.5, encoder=1.5)
    backwards = Heard(source.is_positive, source.score, -source.said, 1.0)
    assert fitted([backwards]).second == 0.0


def test_the_band_reads_no_more_of_the_negatives_than_the_costs_allow() -> None:
    sources = [some_source(seed, linear=1.0 + seed, encoder=1.0) for seed in range(3)]
    low, high = band(sources)
    read = [(one.score[~one.is_positive] >= low).mean() for one in sources]
    assert np.mean(read) == pytest.approx(READ_SHARE, abs=0.02)
    assert high == 1.0


def test_rows_that_the_encoder_cannot_read_keep_their_first_score() -> None:
    source = some_source(1, linear=1.5, encoder=1.5)
    said = source.said.copy()
    said[::2] = np.nan
    half = Heard(source.is_positive, source.score, said, 1.0)
    scores = joined(fitted([half]), half)
    assert (scores[::2] == half.score[::2]).all()
    assert not (scores[1::2] == half.score[1::2]).all()


def test_below_the_band_the_first_score_stands() -> None:
    source = some_source(1, linear=1.5, encoder=1.5)
    blend = Blend(0.4, 1.0, 0.5, 0.5, 0.0)
    scores = joined(blend, source)
    below = source.score < 0.4
    assert (scores[below] == source.score[below]).all()


def test_less_certainty_brings_scores_nearer_to_the_middle_and_keeps_their_order() -> None:
    source = some_source(1, linear=1.5, encoder=1.5)
    sure, unsure = fitted([source]), fitted([source], certainty=0.5)
    assert (unsure.first, unsure.second) == pytest.approx((sure.first / 2, sure.second / 2))
    assert joined(unsure, source).max() < joined(sure, source).max()


def test_sources_without_any_doubt_cannot_be_joined() -> None:
    with pytest.raises(ValueError, match="negatives"):
        fitted([Heard(np.array([True]), np.array([0.9]), np.array([2.0]), 1.0)])
