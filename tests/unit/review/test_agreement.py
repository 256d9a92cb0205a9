"""Agreement beyond chance, against figures worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.review.agreement import Pairs, kappa, kappas

counts = st.integers(0, 200)


def test_a_textbook_table() -> None:
    # 20 and 15 alike of 50, 5 and 10 not: observed .7, by chance .5.
    told = kappa(Pairs(both=20, first=5, second=10, neither=15))
    assert told.agreed == pytest.approx(0.7)
    assert told.value == pytest.approx(0.4)
    assert told.in_words == "fair"
    assert told.low is not None
    assert told.high is not None
    assert told.low < 0.4 < told.high


@pytest.mark.parametrize("pairs", [Pairs(), Pairs(both=9), Pairs(neither=9)])
def test_where_everybody_always_says_the_same_it_says_nothing(pairs: Pairs) -> None:
    assert kappa(pairs).value is None
    assert kappa(pairs).in_words == "cannot be told"


def test_perfect_and_opposite() -> None:
    assert kappa(Pairs(both=5, neither=5)).value == pytest.approx(1.0)
    assert kappa(Pairs(first=5, second=5)).value == pytest.approx(-1.0)


@given(counts, counts, counts, counts)
def test_it_is_bounded_and_does_not_care_who_is_first(a: int, b: int, c: int, d: int) -> None:
    one, other = kappa(Pairs(a, b, c, d)), kappa(Pairs(a, c, b, d))
    assert one == other
    if one.value is not None:
        assert one.low is not None
        assert one.high is not None
        assert -1 - 1e-9 <= one.low <= one.value + 1e-9
        assert one.value - 1e-9 <= one.high <= 1 + 1e-9


def test_by_policy() -> None:
    looks = [("spam", True, True), ("spam", False, False), ("abuse", True, False)]
    told = kappas(looks)
    assert list(told) == ["abuse", "spam"]
    assert told["spam"].value == pytest.approx(1.0)
    assert told["abuse"].pairs == 1
