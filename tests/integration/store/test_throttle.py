"""Throttles count exactly, whoever asks at once and whatever the clock does."""

import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from safety.store import throttle
from safety.store.engine import migrate, open_engine, read, write
from safety.store.throttle import Taken
from tests.integration.store import racing
from tests.integration.store.entries import NOW
from tests.integration.store.people import at_once, in_processes

WHO = ("acme", "codes", "acc_mia")
WITHIN = 900.0


def take(connection: Connection, at: float = NOW, most: int = 3) -> Taken:
    return throttle.take(connection, *WHO, most=most, within=WITHIN, at=at)


def test_so_many_tries_pass_and_the_next_is_told_when_to_come_back(engine: Engine) -> None:
    with write(engine) as connection:
        assert [take(connection, NOW + each).count for each in range(3)] == [1, 2, 3]
        refused = take(connection, NOW + 100)
        assert refused == Taken(3, retry_after=WITHIN - 100)
        assert not refused.is_allowed
        assert not take(connection, NOW + WITHIN - 1).is_allowed
        assert take(connection, NOW + WITHIN) == Taken(3)
        assert take(connection, NOW + WITHIN) == Taken(3, retry_after=1.0)


def test_a_limit_that_was_lowered_says_when_it_has_room_again(engine: Engine) -> None:
    with write(engine) as connection:
        for each in range(3):
            take(connection, NOW + each)
        assert take(connection, NOW + 10, most=1) == Taken(3, retry_after=WITHIN + 2 - 10)
        assert not take(connection, NOW + 10, most=0).is_allowed


def test_a_try_that_is_given_back_never_counted(engine: Engine) -> None:
    with write(engine) as connection:
        for at in (NOW, NOW + 1, NOW + 2):
            take(connection, at)
        throttle.give_back(connection, *WHO, NOW + 1)
        throttle.give_back(connection, *WHO, NOW + 50)  # nobody tried then
        throttle.give_back(connection, "acme", "codes", "nobody", NOW)
        assert throttle.count(connection, *WHO, within=WITHIN, at=NOW + 2) == 2
        assert take(connection, NOW + 3).is_allowed
        assert not take(connection, NOW + 3).is_allowed


def test_kinds_subjects_and_tenants_are_counted_apart(engine: Engine) -> None:
    others = [("other", *WHO[1:]), ("acme", "logins", "acc_mia"), ("acme", "codes", "acc_ana")]
    with write(engine) as connection:
        take(connection)
        for who in others:
            assert throttle.count(connection, *who, within=WITHIN, at=NOW) == 0
            taken = throttle.take(connection, *who, most=1, within=WITHIN, at=NOW)
            assert taken == Taken(1)


def test_a_burst_passes_exactly_as_many_as_are_left(engine: Engine) -> None:
    moments = count()
    taken = at_once(
        engine, lambda connection: take(connection, NOW + next(moments) / 1000), people=9
    )
    assert sum(each.is_allowed for each in taken) == 3


def test_processes_together_pass_exactly_as_many_as_are_left(
    engine: Engine, database_url: str
) -> None:
    assert in_processes(database_url, "take_a_try") == racing.MOST


def test_a_clock_that_is_set_back_lets_nobody_wait_longer_than_the_window(engine: Engine) -> None:
    a_day = 24 * 60 * 60.0
    with write(engine) as connection:
        for each in range(3):
            take(connection, NOW + a_day + each)
        assert throttle.count(connection, *WHO, within=WITHIN, at=NOW) == 0
        refused = take(connection, NOW)
        assert refused.retry_after is not None
        assert refused.retry_after <= WITHIN
        assert not take(connection, NOW + 500).is_allowed
        assert take(connection, NOW + refused.retry_after).is_allowed


def test_a_subjects_tries_are_cleared(engine: Engine) -> None:
    with write(engine) as connection:
        take(connection)
        assert throttle.clear(connection, *WHO)
        assert not throttle.clear(connection, *WHO)
        assert take(connection) == Taken(1)


def test_purging_takes_only_those_who_tried_long_ago(engine: Engine) -> None:
    with write(engine) as connection:
        take(connection)
        throttle.take(connection, "acme", "codes", "acc_ana", most=3, within=WITHIN, at=NOW - 1)
        assert throttle.purge_throttles(connection, NOW) == 1
        assert throttle.count(connection, *WHO, within=WITHIN, at=NOW) == 1


@pytest.fixture(scope="module")
def shared_engine() -> Iterator[Engine]:
    """One database for all examples of a property."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'safety.db'}", synchronous="normal")
        migrate(engine)
        yield engine
        engine.dispose()


steps = st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=25)


@given(steps=steps, most=st.integers(0, 4), within=st.integers(1, 12))
def test_a_throttle_agrees_with_a_list_of_times(
    shared_engine: Engine, steps: list[tuple[int, bool]], most: int, within: int
) -> None:
    at, passed = NOW, list[float]()
    with write(shared_engine) as connection:
        throttle.clear(connection, *WHO)
        for pause, is_given_back in steps:
            at += pause
            passed = [time for time in passed if time > at - within]
            taken = throttle.take(connection, *WHO, most=most, within=within, at=at)
            assert taken.is_allowed == (len(passed) < most)
            if taken.is_allowed and not is_given_back:
                passed.append(at)
            elif taken.is_allowed:
                throttle.give_back(connection, *WHO, at)
            counted = throttle.count(connection, *WHO, within=within, at=at)
            assert counted == len(passed)


jumps = st.lists(st.integers(-2000, 2000), max_size=20)


@given(jumps=jumps, most=st.integers(1, 4))
def test_whatever_the_clock_does_nobody_waits_longer_than_the_window(
    shared_engine: Engine, jumps: list[int], most: int
) -> None:
    at = NOW
    with write(shared_engine) as connection:
        throttle.clear(connection, *WHO)
        for jump in jumps:
            at += jump
            taken = take(connection, at, most)
            assert taken.count <= most
            if taken.retry_after is not None:
                assert 0 < taken.retry_after <= WITHIN
        wait = take(connection, at, most).retry_after or 0.0
        assert take(connection, at + wait + 0.001, most).is_allowed or wait == 0.0


def test_counting_writes_nothing(engine: Engine) -> None:
    with read(engine) as connection:
        assert throttle.count(connection, *WHO, within=WITHIN, at=NOW) == 0
    with write(engine) as connection:
        assert not throttle.clear(connection, *WHO)
