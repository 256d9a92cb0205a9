"""Threads of one process queue for the turn to write, and nobody keeps it by failing."""

import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from safety.store.batch import Written
from safety.store.engine import migrate, open_engine, write
from safety.store.group_commit import Ledger
from safety.store.ledger import AppendResult
from safety.store.writing_turn import Turn, take_turn
from tests.integration.store.entries import an_entry


@pytest.fixture
def file(tmp_path: Path) -> Engine:
    engine = open_engine(f"sqlite:///{tmp_path / 'safety.db'}")
    migrate(engine)
    return engine


def is_free(engine: Engine) -> bool:
    turn = take_turn(engine, 0.01)
    if turn is not None:
        turn.release()
    return turn is not None


def until(is_so: Callable[[], bool]) -> None:
    latest = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < latest
        time.sleep(0.001)


def test_a_transaction_has_the_turn_and_gives_it_back_also_when_it_fails(file: Engine) -> None:
    with write(file) as connection:
        connection.execute(text("SELECT 1"))
        assert not is_free(file)
    assert is_free(file)
    with pytest.raises(ZeroDivisionError), write(file):
        raise ZeroDivisionError
    assert is_free(file)


def test_another_file_has_a_turn_of_its_own(file: Engine, tmp_path: Path) -> None:
    other = open_engine(f"sqlite:///{tmp_path / 'other.db'}")
    with write(file):
        assert is_free(other)


def test_only_a_file_has_a_turn(engine: Engine) -> None:
    assert is_free(engine) is (engine.dialect.name == "sqlite")


def test_decisions_are_written_between_the_transactions_of_a_crowd(file: Engine) -> None:
    troubles: list[str] = []
    ledger = Ledger(file, on_trouble=troubles.append)
    ledger.start()
    is_over = threading.Event()

    def crowd() -> None:
        while not is_over.is_set():
            with write(file) as connection:
                connection.execute(text("UPDATE alembic_version SET version_num = version_num"))

    threads = [threading.Thread(target=crowd) for _ in range(8)]
    for thread in threads:
        thread.start()
    answers: list[AppendResult] = []
    for _ in range(50):
        answered = threading.Event()

        def done(result: AppendResult, answered: threading.Event = answered) -> None:
            answers.append(result)
            answered.set()

        ledger.append(an_entry(), done)
        assert answered.wait(30)
    is_over.set()
    for thread in threads:
        thread.join()
    ledger.stop()
    assert all(isinstance(answer, Written) for answer in answers)
    assert troubles == []
    assert is_free(file)


def test_the_urgent_goes_first_and_the_others_in_the_order_of_asking() -> None:
    turn, order = Turn(), list[str]()
    assert turn.acquire(1)

    def wait(name: str, *, is_urgent: bool) -> None:
        assert turn.acquire(30, is_urgent=is_urgent)
        order.append(name)
        turn.release()

    threads = []
    for name in ("first", "second", "third", "ledger"):
        is_urgent = name == "ledger"
        thread = threading.Thread(target=wait, args=(name,), kwargs={"is_urgent": is_urgent})
        thread.start()
        threads.append(thread)
        until(lambda: turn.waiting == len(threads))
    turn.release()
    for thread in threads:
        thread.join()
    assert order == ["ledger", "first", "second", "third"]
    assert turn.acquire(0.01)


def test_who_gives_up_is_not_waited_for() -> None:
    turn = Turn()
    assert turn.acquire(1)
    assert not turn.acquire(0.01)
    assert not turn.acquire(0.01, is_urgent=True)
    turn.release()
    assert turn.acquire(0.01)


def test_under_a_crowd_that_gives_up_at_every_moment_one_at_a_time_has_it() -> None:
    turn, inside, most = Turn(), list[int](), list[int]()

    def come_and_go(number: int) -> None:
        dice = random.Random(number)  # noqa: S311  no secret
        for _ in range(300):
            if turn.acquire(dice.random() * 0.0005, is_urgent=dice.random() < 0.3):
                inside.append(number)
                most.append(len(inside))
                inside.remove(number)
                turn.release()

    threads = [threading.Thread(target=come_and_go, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1}
    assert turn.acquire(0.01)
