"""A sample takes all of a little and a fair part of much."""

import random

from safety.app.sample import Sample


def test_a_little_is_kept_whole_and_taken_once() -> None:
    sample = Sample[int](10, random.Random(1).random)  # noqa: S311  no secret
    for number in range(7):
        sample.add(number)
    assert sample.take() == list(range(7))
    assert sample.take() == []


def test_of_much_everything_has_the_same_chance() -> None:
    sample = Sample[int](20, random.Random(2).random)  # noqa: S311  no secret
    drawn = [0] * 100
    for _ in range(2_000):
        for number in range(100):
            sample.add(number)
        for number in sample.take():
            drawn[number] += 1
    assert sum(drawn) == 20 * 2_000
    # 400 of each on average, with a standard deviation of 18.
    assert min(drawn) >= 320
    assert max(drawn) <= 480
