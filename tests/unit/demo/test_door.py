"""The demo's way to the service: answers become values, troubles become sentences."""

from http import HTTPStatus

import pytest

from safety.demo.door import Door, NoAnswerError, RefusedError
from safety.domain.verdicts import Verdict
from tests.unit.demo.service import FarEnd

SPAM = {"type": "comment", "content": {"text": "see https://x.example"}}


def test_a_decision_is_a_verdict_with_reasons_and_a_queue() -> None:
    answer = FarEnd().door().decide(SPAM)
    assert (answer.verdict, answer.reasons, answer.queue) == (Verdict.HOLD, ("LINKS",), "content")
    assert answer.seconds > 0


def test_in_a_batch_each_event_has_its_own_answer_or_trouble() -> None:
    bad = {"type": "comment", "content": {"text": "unreadable"}}
    held, trouble, allowed = FarEnd().door().decide_many([SPAM, bad, {"type": "like"}])
    assert [getattr(held, "verdict", None), getattr(allowed, "verdict", None)] == [
        Verdict.HOLD, Verdict.ALLOW
    ]  # fmt: skip
    assert str(trouble) == "No. (content.text: is too long)"


@pytest.mark.parametrize("status", [HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN])
def test_a_refused_key_is_told_from_a_passing_trouble(status: HTTPStatus) -> None:
    far_end = FarEnd()
    far_end.refuse_next(status, {"title": "A valid API key is needed."})
    with pytest.raises(RefusedError, match="A valid API key is needed"):
        far_end.door().decide(SPAM)
    assert far_end.door().decide(SPAM).verdict is Verdict.HOLD


def test_an_answer_that_is_no_problem_document_still_says_its_status() -> None:
    far_end = FarEnd()
    far_end.refuse_next(HTTPStatus.BAD_GATEWAY, None)
    with pytest.raises(NoAnswerError, match="answered 502: Bad Gateway"):
        far_end.door().decide(SPAM)


def test_half_an_emoji_can_be_sent() -> None:
    far_end = FarEnd()
    far_end.door().decide({"type": "comment", "content": {"text": "\ud83d"}})
    assert far_end.asked[0]["content"]["text"] == "\ud83d"


def test_nobody_listening_is_said_in_words() -> None:
    with Door("http://127.0.0.1:9", "key") as door:
        with pytest.raises(NoAnswerError, match="does not answer"):
            door.decide(SPAM)
        assert door.open_items() is None


@pytest.mark.parametrize(
    ("metrics", "waiting"),
    [
        ("safety_items_open 3.0\n", 3),
        ('safety_items_open{queue="a"} 3.0\nsafety_items_open{queue="b"} 4.0\n', 7),
        ("safety_decisions_total 9.0\n", None),
    ],
)
def test_open_items_are_counted_over_all_queues(metrics: str, waiting: int | None) -> None:
    far_end = FarEnd()
    far_end.metrics = metrics
    assert far_end.door().open_items() == waiting


def test_a_key_that_may_not_read_the_metrics_learns_no_number() -> None:
    far_end = FarEnd()
    far_end.refuse_next(HTTPStatus.FORBIDDEN, {"title": "No."})
    assert far_end.door().open_items() is None
