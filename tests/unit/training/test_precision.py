"""Precision is a share with an interval that is honest about few looks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.domain.shares import wilson
from safety.training.precision import CONFIRMED, REFUTED, UNSEEN, Precision, Tally

MONDAY = 1_794_787_200.0  # 2026-11-16T00:00:00Z
DAY = 86_400.0


@given(trials=st.integers(1, 10_000), share=st.floats(0, 1))
def test_the_interval_holds_the_share_and_stays_between_0_and_1(trials: int, share: float) -> None:
    successes = round(trials * share)
    interval = wilson(successes, trials)
    assert interval is not None
    low, high = interval
    assert 0 <= low <= successes / trials <= high <= 1


@given(trials=st.integers(1, 1000), share=st.floats(0, 1))
def test_the_interval_narrows_as_more_is_looked_at(trials: int, share: float) -> None:
    successes = round(trials * share)
    few, many = wilson(successes, trials), wilson(4 * successes, 4 * trials)
    assert few is not None
    assert many is not None
    assert many[1] - many[0] < few[1] - few[0]


@pytest.mark.parametrize(
    ("successes", "trials", "interval"),
    # By the formula in E. B. Wilson, Probable Inference, JASA 22 (1927).
    [(8, 10, (0.4902, 0.9433)), (0, 10, (0.0, 0.2775)), (10, 10, (0.7225, 1.0))],
)
def test_the_interval_is_wilsons(
    successes: int, trials: int, interval: tuple[float, float]
) -> None:
    assert wilson(successes, trials) == pytest.approx(interval, abs=1e-4)


def test_nothing_is_said_where_nobody_looked() -> None:
    assert wilson(0, 0) is None
    unseen = Precision(matches=9, looked_at=0, confirmed=0)
    assert (unseen.share, unseen.interval, unseen.coverage) == (None, None, 0.0)
    assert Precision(0, 0, 0).coverage is None


def test_weeks_begin_on_monday() -> None:
    tally = Tally()
    moments = np.array([MONDAY - 1, MONDAY, MONDAY + 6.9 * DAY, MONDAY + 7 * DAY])
    tally.add(moments, np.array([UNSEEN, CONFIRMED, REFUTED, CONFIRMED], np.int8))
    tally.add(moments[:0], np.array([], np.int8))
    assert [(w.monday, w.precision) for w in tally.trend()] == [
        ("2026-11-09", Precision(1, 0, 0)),
        ("2026-11-16", Precision(2, 2, 1)),
        ("2026-11-23", Precision(1, 1, 1)),
    ]
    assert tally.total() == Precision(4, 3, 2)
