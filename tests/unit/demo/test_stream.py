"""The stream: everything is sent once, at its time, and troubles do not end it."""

import time
from http import HTTPStatus

from safety.demo.scenarios import Scenario, Step, play
from safety.demo.stream import Stream
from safety.demo.tally import Tally
from tests.unit.demo.service import FarEnd


def a_stream(far_end: FarEnd, tally: Tally, *, seconds: float = 1.0, rate: float = 200) -> Stream:
    steps = play(Scenario.SPAM_WAVE, seed=1, at=1_795_000_000.0, rate=rate)
    return Stream(far_end.door(), steps, tally, run="demo-1", seconds=seconds)


def finish(stream: Stream) -> None:
    stream.start()
    ends = time.monotonic() + 20
    while not stream.is_over and time.monotonic() < ends:
        time.sleep(0.01)
    stream.stop()


def test_every_event_is_sent_once_under_a_name_of_its_own() -> None:
    far_end, tally = FarEnd(), Tally()
    finish(a_stream(far_end, tally))
    names = {event["id"] for event in far_end.asked}
    assert len(names) == len(far_end.asked) == tally.snapshot(0).events > 300
    assert all(name.startswith("demo-1-") for name in names)


def test_no_event_is_sent_before_its_time() -> None:
    far_end, tally = FarEnd(), Tally()
    started = time.monotonic()
    finish(a_stream(far_end, tally, seconds=0.5, rate=20))
    assert time.monotonic() - started > 0.3


def test_the_service_is_not_told_the_truth() -> None:
    far_end = FarEnd()
    finish(a_stream(far_end, Tally(), seconds=0.2))
    sent = {key for event in far_end.asked for key in event}
    assert sent <= {"id", "type", "actor", "net", "device", "target", "content", "login"}


def test_a_passing_trouble_is_counted_and_the_stream_goes_on() -> None:
    far_end, tally = FarEnd(), Tally()
    far_end.refuse_next(HTTPStatus.SERVICE_UNAVAILABLE, {"title": "Busy."}, times=3)
    finish(a_stream(far_end, tally))
    seen = tally.snapshot(0)
    assert seen.troubles == 3
    assert seen.events > 300


def test_a_refused_key_ends_the_stream() -> None:
    far_end, tally = FarEnd(), Tally()
    far_end.refuse_next(HTTPStatus.UNAUTHORIZED, {"title": "Who are you?"}, times=100)
    stream = a_stream(far_end, tally, seconds=60)
    finish(stream)
    assert "Who are you?" in str(stream.refusal)


def test_stopping_does_not_wait_for_what_is_not_yet_due() -> None:
    far_end = FarEnd()
    event = {"type": "like", "actor": {"id": "u-1"}}
    late = Step(3600.0, Scenario.CALM, is_attack=False, event=event)
    stream = Stream(far_end.door(), [late], Tally(), run="demo-1")
    stream.start()
    stream.stop()
    assert stream.is_over
    assert far_end.asked == []


def test_a_stream_that_was_never_started_can_be_stopped() -> None:
    stream = a_stream(FarEnd(), Tally())
    stream.stop()
    assert stream.is_over
