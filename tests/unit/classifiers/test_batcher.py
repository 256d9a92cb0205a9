"""The thread that asks a second stage for several events at once."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Event

from hypothesis import given, settings
from hypothesis import strategies as st

from safety.classifiers.batcher import MOST_TOGETHER, Answer, Batcher, Reading


class Slow:
    """A second stage that says how long each text is, once it is let go."""

    def __init__(self, error: Exception | None = None) -> None:
        self.batches: list[list[str]] = []
        self.is_reading = Event()
        self.may_go = Event()
        self.may_go.set()
        self._error = error
        self.is_warm = False

    def warm(self) -> None:
        self.is_warm = True

    def read(self, folded: Sequence[str]) -> Sequence[tuple[float, ...]]:
        self.batches.append(list(folded))
        self.is_reading.set()
        assert self.may_go.wait(10)
        if self._error is not None:
            raise self._error
        return [(float(len(text)), 0.0) if text else () for text in folded]


@contextmanager
def running(
    *stages: Slow, read: Callable[[int, float], None] = lambda *_: None
) -> Iterator[Batcher]:
    batcher = Batcher(time.perf_counter, read)
    batcher.start(stages)
    try:
        yield batcher
    finally:
        for stage in stages:
            stage.may_go.set()
        batcher.stop()


def ask(batcher: Batcher, stage: Slow, *texts: str) -> "SimpleQueue[tuple[str, Answer]]":
    answers: SimpleQueue[tuple[str, Answer]] = SimpleQueue()
    readings = [
        Reading(stage, text, lambda answer, text=text: answers.put((text, answer)))  # type: ignore[misc]
        for text in texts
    ]
    assert batcher.ask(readings)
    return answers


def test_what_waits_while_a_batch_is_read_becomes_the_next_batch() -> None:
    stage = Slow()
    stage.may_go.clear()
    with running(stage) as batcher:
        first = ask(batcher, stage, "alone")
        assert stage.is_reading.wait(10)
        rest = ask(batcher, stage, "one", "two", "three")
        stage.may_go.set()
        assert first.get(timeout=10) == ("alone", (5.0, 0.0))
        found = dict(rest.get(timeout=10) for _ in range(3))
    assert found == {"one": (3.0, 0.0), "two": (3.0, 0.0), "three": (5.0, 0.0)}
    assert [sorted(batch) for batch in stage.batches] == [["alone"], ["one", "three", "two"]]


def test_a_batch_is_bounded_and_takes_texts_of_like_length_first() -> None:
    stage = Slow()
    stage.may_go.clear()
    with running(stage) as batcher:
        ask(batcher, stage, "first")
        assert stage.is_reading.wait(10)
        texts = ["x" * size for size in (4, 300, 5, 280, 6, 7, 8, 9, 10, 11, 12)]
        answers = ask(batcher, stage, *texts)
        stage.may_go.set()
        assert len({answers.get(timeout=10)[0] for _ in texts}) == len(texts)
    assert all(len(batch) <= MOST_TOGETHER for batch in stage.batches)
    assert max(map(len, stage.batches[1])) == 11


def test_what_was_given_up_is_not_read() -> None:
    stage = Slow()
    stage.may_go.clear()
    with running(stage) as batcher:
        ask(batcher, stage, "first")
        assert stage.is_reading.wait(10)
        late = Reading(stage, "late", lambda _: None)
        batcher.ask([late])
        late.give_up()
        answers = ask(batcher, stage, "kept")
        stage.may_go.set()
        answers.get(timeout=10)
    assert stage.batches == [["first"], ["kept"]]


def test_a_stage_that_fails_answers_none_and_the_thread_goes_on() -> None:
    broken, sound = Slow(RuntimeError("no")), Slow()
    with running(broken, sound) as batcher:
        assert ask(batcher, broken, "a").get(timeout=10) == ("a", None)
        assert ask(batcher, sound, "a").get(timeout=10) == ("a", (1.0, 0.0))


def test_stages_are_warmed_before_anybody_asks() -> None:
    stage = Slow()
    with running(stage) as batcher:
        ask(batcher, stage, "a").get(timeout=10)
    assert stage.is_warm


def test_a_full_room_refuses_at_once() -> None:
    stage = Slow()
    stage.may_go.clear()
    with running(stage) as batcher:
        ask(batcher, stage, "first")
        assert stage.is_reading.wait(10)
        many = [Reading(stage, "x", lambda _: None) for _ in range(300)]
        assert not batcher.ask(many)
        assert batcher.depth == 0


def test_what_waits_at_the_end_is_answered_none() -> None:
    stage = Slow()
    stage.may_go.clear()
    batcher = Batcher(time.perf_counter)
    batcher.start([stage])
    ask(batcher, stage, "first")
    assert stage.is_reading.wait(10)
    answers = ask(batcher, stage, "waits")
    stage.may_go.set()
    batcher.stop()
    assert answers.get(timeout=10)[0] == "waits"
    assert not batcher.ask([Reading(stage, "after", lambda _: None)])


def test_every_batch_is_heard_of() -> None:
    heard: list[int] = []
    stage = Slow()
    with running(stage, read=lambda texts, _seconds: heard.append(texts)) as batcher:
        ask(batcher, stage, "a", "b").get(timeout=10)
    assert sum(heard) == 2


@given(st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=6), max_size=8))
@settings(max_examples=25, deadline=None)
def test_everybody_gets_the_answer_to_their_own_text(groups: list[list[str]]) -> None:
    stage = Slow()
    with running(stage) as batcher:
        asked = [(texts, ask(batcher, stage, *texts)) for texts in groups]
        for texts, answers in asked:
            found = sorted(answers.get(timeout=10) for _ in texts)
            assert found == sorted((t, (float(len(t)), 0.0) if t else ()) for t in texts)
