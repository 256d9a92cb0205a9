"""A budget counts exactly, gives back what was no failure, and grows with nobody's wishes."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.accounts.budget import Budget
from safety.accounts.gate_limits import Rate
from safety.domain.errors import TooManyRequests


@dataclass
class Timer:
    at: float = 0.0

    def __call__(self) -> float:
        return self.at


def takes(budget: Budget, subject: str = "a") -> bool:
    try:
        budget.take(subject)
    except TooManyRequests:
        return False
    return True


@given(
    most=st.integers(1, 5),
    gaps=st.lists(st.sampled_from([0.0, 1.0, 3.0, 9.5, 10.0]), max_size=40),
)
def test_a_budget_agrees_with_a_list_of_times(most: int, gaps: Sequence[float]) -> None:
    timer = Timer()
    budget = Budget(Rate(most, 10), timer)
    taken: list[float] = []
    for gap in gaps:
        timer.at += gap
        recent = [at for at in taken if at > timer.at - 10]
        assert takes(budget) is (len(recent) < most)
        if len(recent) < most:
            taken.append(timer.at)


@given(st.lists(st.booleans(), max_size=60))
def test_what_is_given_back_was_never_taken(outcomes: Sequence[bool]) -> None:
    """However many succeed in between, exactly as many failures pass as the budget has."""
    budget = Budget(Rate(5, 10), Timer())
    failures = 0
    for is_success in outcomes:
        assert takes(budget) is (failures < 5)
        if failures == 5:
            return
        if is_success:
            budget.give_back("a")
        else:
            failures += 1


def test_three_times_the_budget_at_once_pass_exactly_the_budget() -> None:
    budget = Budget(Rate(50, 10), Timer())
    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(lambda _: takes(budget), range(150))) == 50


def test_whoever_is_refused_hears_when_to_come_again() -> None:
    timer = Timer()
    budget = Budget(Rate(1, 10), timer)
    budget.take("a")
    timer.at = 3.5
    with pytest.raises(TooManyRequests) as refused:
        budget.take("a")
    assert refused.value.retry_after == 7
    timer.at = 10
    assert takes(budget)


def test_one_subject_costs_no_other() -> None:
    budget = Budget(Rate(1, 10), Timer())
    assert takes(budget, "a")
    assert takes(budget, "b")
    assert not takes(budget, "a")


def test_giving_back_what_nobody_took_is_nothing() -> None:
    budget = Budget(Rate(1, 10), Timer())
    budget.give_back("a")
    assert takes(budget)
    assert not takes(budget)


def test_invented_subjects_cost_a_bounded_memory() -> None:
    budget = Budget(Rate(1, 10), Timer(), most_subjects=100)
    for number in range(1000):
        budget.take(f"s{number}")
    assert not takes(budget, "s999")
    assert not takes(budget, "s900")
    assert takes(budget, "s899")
