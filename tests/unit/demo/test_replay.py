"""A replay: every row is asked about, and the report says what became of it."""

from http import HTTPStatus

import pytest

from safety.demo import replay as replaying
from safety.demo.door import NoAnswerError, RefusedError
from safety.demo.labelled import Row
from safety.demo.replay import BATCH, Count, Report, as_table, replay, verdict_table
from safety.domain.verdicts import Verdict
from tests.unit.demo.service import FarEnd


def a_row(number: int, text: str, label: bool | None, source: str = "one") -> Row:
    return Row(number, source, label, {"id": f"r{number}", "content": {"text": text}})


ROWS = (
    a_row(1, "buy https://x.example", True),
    a_row(2, "buy now", True),
    a_row(3, "hello", False),
    a_row(4, "mine is https://y.example", False, "two"),
    a_row(5, "unreadable", False, "two"),
    a_row(6, "who knows", None, "two"),
)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "_FIRST_PAUSE", 0.0)


def a_report(rows: tuple[Row, ...] = ROWS, far_end: FarEnd | None = None) -> Report:
    report = Report()
    replay((far_end or FarEnd()).door(), rows, report, lambda _count: None)
    return report


def test_each_source_has_its_own_count() -> None:
    one, two = (a_report().sources[name] for name in ("one", "two"))
    assert (one.rows, one.spam, one.caught, one.missed, one.falsely_flagged) == (3, 2, 1, 1, 0)
    assert (two.rows, two.ham, two.falsely_flagged, two.errors) == (3, 1, 1, 1)
    assert two.verdicts == {Verdict.HOLD: 1, Verdict.ALLOW: 1}


def test_the_total_is_the_sum_of_the_sources() -> None:
    total = a_report().total
    assert (total.rows, total.caught, total.falsely_flagged, total.errors) == (6, 1, 1, 1)


def test_the_last_trouble_names_its_row() -> None:
    assert a_report().last_trouble == "row 5: No. (content.text: is too long)"


def test_rows_are_sent_in_full_batches_and_progress_is_told() -> None:
    rows = tuple(a_row(number, "hi", False) for number in range(2 * BATCH + 1))
    told: list[int] = []
    replay(FarEnd().door(), rows, Report(), told.append)
    assert told == [BATCH, BATCH, 1]


def test_a_busy_service_is_asked_again() -> None:
    far_end = FarEnd()
    far_end.refuse_next(HTTPStatus.SERVICE_UNAVAILABLE, {"title": "Busy."}, times=2)
    assert a_report(far_end=far_end).total.rows == len(ROWS)


def test_a_service_that_stays_away_ends_the_replay() -> None:
    far_end = FarEnd()
    far_end.refuse_next(HTTPStatus.SERVICE_UNAVAILABLE, {"title": "Busy."}, times=9)
    with pytest.raises(NoAnswerError, match="Busy"):
        a_report(far_end=far_end)


def test_a_batch_that_is_too_much_at_once_is_sent_in_halves() -> None:
    far_end = FarEnd()
    far_end.refuse_next(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"title": "Too much."}, times=2)
    report = a_report(far_end=far_end)
    assert report.total.rows == len(ROWS)
    assert report.last_trouble == "row 5: No. (content.text: is too long)"


def test_a_single_row_that_is_too_large_is_one_error() -> None:
    far_end = FarEnd()
    far_end.refuse_next(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"title": "Too much."})
    assert a_report(ROWS[:1], far_end).total.errors == 1


def test_a_refused_key_ends_the_replay_at_once() -> None:
    far_end = FarEnd()
    far_end.refuse_next(HTTPStatus.FORBIDDEN, {"title": "Not you."})
    with pytest.raises(RefusedError, match="Not you"):
        a_report(far_end=far_end)
    assert far_end.asked == []


def test_a_single_source_needs_no_line_for_all() -> None:
    assert as_table(a_report(ROWS[:3])).row_count == 1
    assert as_table(a_report()).row_count == 3


def test_what_the_service_could_not_take_into_account_is_counted() -> None:
    far_end = FarEnd()
    far_end.skipped = [{"part": "score.spam", "why": "model"}, {"part": "x", "why": "final_rule"}]
    assert a_report(far_end=far_end).missing == {"score.spam": 5}


def test_a_source_that_looks_like_markup_is_shown_as_it_is() -> None:
    table = as_table(a_report((a_row(1, "hello", None, source="[/x]"),)))
    assert str(next(iter(table.columns[0].cells))) == "[/x]"


def test_verdicts_are_counted_per_source() -> None:
    assert verdict_table(a_report()).row_count == 3


def test_counts_can_be_merged() -> None:
    merged = Count(rows=1, missed=1)
    merged.merge(Count(rows=2, caught=1))
    assert (merged.rows, merged.missed, merged.caught) == (3, 1, 1)
