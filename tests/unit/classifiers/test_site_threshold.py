"""A site's threshold: a budget is kept, resolutions find the share that was asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.classifiers.site_threshold import (
    LEAST_RESOLUTIONS,
    by_budget,
    by_resolutions,
    to_review,
)

scores = st.lists(st.floats(0, 1), min_size=1, max_size=200)


@given(scores, st.floats(0.001, 0.999))
def test_no_more_are_flagged_than_the_budget_allows(given_: list[float], share: float) -> None:
    found = by_budget(given_, share)
    assert found.flagged <= share or found.threshold == 1.0
    assert found.flagged == np.mean(np.array(given_) >= found.threshold)
    assert (found.false_positives, found.resolutions) == (None, 0)


def test_the_budget_is_used_up_where_scores_differ() -> None:
    found = by_budget(np.linspace(0, 0.9, 1000), 0.05)
    assert found.flagged == pytest.approx(0.05)


def test_equal_scores_are_flagged_together_or_not_at_all() -> None:
    assert by_budget([0.5] * 100, 0.2).flagged == 0.0


def a_site(seed: int, fakes: int = 400, people: int = 3600) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    found = np.concatenate([chance.beta(6, 2, fakes), chance.beta(2, 9, people)])
    return found, np.arange(len(found)) < fakes


def test_resolutions_find_the_threshold_that_flags_one_person_in_a_hundred() -> None:
    realised = []
    for seed in range(9):
        site, is_fake = a_site(seed)
        reviewed = to_review(site, 200)
        found = by_resolutions(site, site[reviewed], is_fake[reviewed])
        realised.append(float((site[~is_fake] >= found.threshold).mean()))
        assert found.resolutions == 200
        assert found.flagged == pytest.approx((site >= found.threshold).mean())
    assert 0.005 <= np.median(realised) <= 0.015


def test_later_reviews_lie_around_the_threshold() -> None:
    site, is_fake = a_site(3)
    first = to_review(site, LEAST_RESOLUTIONS)
    found = by_resolutions(site, site[first], is_fake[first])
    later = to_review(site, 40, first, [bool(each) for each in is_fake[first]])
    assert not set(first) & set(later)
    ranks = [(site > site[place]).mean() for place in later]
    assert min(ranks) >= found.flagged / 2.1
    assert max(ranks) <= found.flagged * 2.1


@given(scores, st.integers(1, 50), st.sets(st.integers(0, 199)))
def test_reviews_are_of_accounts_that_nobody_looked_at_each_once(
    given_: list[float], count: int, seen: set[int]
) -> None:
    reviewed = [place for place in seen if place < len(given_)]
    chosen = to_review(given_, count, reviewed, [True] * len(reviewed))
    assert len(chosen) == len(set(chosen)) == min(count, len(given_) - len(reviewed))
    assert not set(chosen) & set(reviewed)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=LEAST_RESOLUTIONS, max_size=150),
    scores,
)
def test_any_mixture_of_answers_gives_a_threshold_and_an_honest_estimate(
    resolved: list[tuple[float, bool]], given_: list[float]
) -> None:
    labels = [label for _, label in resolved]
    if all(labels) or not any(labels):
        return
    known = [score for score, _ in resolved]
    if min(given_) > max(score for score, label in resolved if not label):
        return  # nobody there need be a person: see the next test
    try:
        found = by_resolutions(given_, known, labels)
    except ValueError as error:
        assert "person" in str(error)  # noqa: PT017  both ways are right, each in its cases
        return
    assert 0.0 <= found.threshold <= np.nextafter(1.0, 2.0)
    assert found.flagged == pytest.approx(np.mean(np.array(given_) >= found.threshold))
    assert found.false_positives is not None
    assert 0.0 <= found.false_positives <= 0.01


def test_where_every_recent_account_is_fake_there_is_no_threshold() -> None:
    known = [0.1] * 50 + [0.9] * 50
    with pytest.raises(ValueError, match="person"):
        by_resolutions([0.95, 0.99], known, [False] * 50 + [True] * 50)


@pytest.mark.parametrize(
    ("resolved", "labels", "why"),
    [
        ([0.5] * 10, [True] * 10, "at least"),
        ([0.5] * 100, [True] * 100, "both kinds"),
        ([0.5] * 100, [True] * 99, "as many"),
        ([float("nan")] * 100, [True, False] * 50, "finite"),
    ],
)
def test_too_little_to_go_by_is_said(resolved: list[float], labels: list[bool], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        by_resolutions([0.1, 0.9], resolved, labels)


def test_a_share_is_between_nothing_and_everything() -> None:
    for share in (0.0, 1.0, -1.0, 5.0):
        with pytest.raises(ValueError, match="share"):
            by_budget([0.5], share)
    with pytest.raises(ValueError, match="scores"):
        by_budget([], 0.5)
