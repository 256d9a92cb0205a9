"""The schedule: patient, spread, and at an end one day."""

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.jobs.schedule import WAITS, next_attempt, seconds_asked

NOW = 1_800_000_000.0
CHANCES = st.floats(0, 1)


def test_ten_attempts_are_made_over_three_days() -> None:
    waits = []
    for made in range(1, len(WAITS) + 2):
        due = next_attempt(made, NOW, chance=0.0)
        waits.append(None if due is None else due - NOW)
    hours = [3600.0 * each for each in (2, 5, 10, 14, 20, 24)]
    assert waits == [5.0, 300.0, 1800.0, *hours, None]


@given(st.integers(1, len(WAITS)), CHANCES, st.floats(0, 1e9))
def test_no_wait_is_shorter_than_planned_or_longer_than_a_day_and_a_tenth(
    made: int, chance: float, asked: float
) -> None:
    due = next_attempt(made, NOW, chance=chance, asked=asked)
    assert due is not None
    assert WAITS[made - 1] - 1e-3 <= due - NOW <= 24 * 3600 * 1.1 + 1e-3


def test_a_receiver_that_asks_for_patience_gets_it() -> None:
    assert next_attempt(1, NOW, chance=0.0, asked=600.0) == NOW + 600
    assert next_attempt(3, NOW, chance=0.0, asked=600.0) == NOW + 1800


def test_patience_is_asked_for_in_seconds_or_until_a_date() -> None:
    date = format_datetime(datetime.fromtimestamp(NOW + 90, UTC), usegmt=True)
    assert seconds_asked("120", NOW) == 120
    assert seconds_asked(date, NOW) == 90
    assert seconds_asked(date, NOW + 3600) == 0


@pytest.mark.parametrize("said", [None, "", "-5", "1.5", "soon", "\u0661\u0662", "1" * 400, "Mon"])
def test_nonsense_asks_for_a_day_at_most(said: str | None) -> None:
    assert 0 <= seconds_asked(said, NOW) <= 24 * 3600


@given(st.text())
def test_no_header_breaks_the_schedule(said: str) -> None:
    assert seconds_asked(said, NOW) >= 0
