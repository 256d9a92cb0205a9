"""Sends labelled events through the public API and reports what was caught, source by source."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from rich.table import Table
from rich.text import Text

from safety.demo.door import Answer, Door, NoAnswerError, RefusedError, TooLargeError
from safety.demo.labelled import Row
from safety.domain.verdicts import Verdict

BATCH = 100  # the most events that one request may carry
_ATTEMPTS = 4
_FIRST_PAUSE = 0.5  # seconds; doubles with each attempt


@dataclass(slots=True)
class Count:
    """How one source went. Unlabelled rows count in `rows` and `verdicts` only."""

    rows: int = 0
    spam: int = 0
    caught: int = 0
    missed: int = 0
    ham: int = 0
    falsely_flagged: int = 0
    errors: int = 0
    verdicts: Counter[Verdict] = field(default_factory=Counter)

    def add(self, label: bool | None, answer: Answer | NoAnswerError) -> None:
        """Count one row and its answer."""
        self.rows += 1
        if isinstance(answer, NoAnswerError):
            self.errors += 1
            return
        self.verdicts[answer.verdict] += 1
        flagged = answer.verdict is not Verdict.ALLOW
        if label is True:
            self.spam += 1
            self.caught += flagged
            self.missed += not flagged
        elif label is False:
            self.ham += 1
            self.falsely_flagged += flagged

    def merge(self, other: "Count") -> None:
        """Add another source's figures to these."""
        for name in ("rows", "spam", "caught", "missed", "ham", "falsely_flagged", "errors"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.verdicts.update(other.verdicts)


@dataclass(slots=True)
class Report:
    """What a replay found, by source, with the last trouble in words.

    `missing` counts the rows that were judged without something, such as `score.spam`.
    """

    sources: dict[str, Count] = field(default_factory=dict)
    missing: Counter[str] = field(default_factory=Counter)
    last_trouble: str | None = None

    def add(self, row: Row, answer: Answer | NoAnswerError) -> None:
        """Count one row."""
        self.sources.setdefault(row.source, Count()).add(row.label, answer)
        if isinstance(answer, NoAnswerError):
            self.last_trouble = f"row {row.number}: {answer}"
        else:
            self.missing.update(answer.missing)

    @property
    def total(self) -> Count:
        """All sources together."""
        total = Count()
        for count in self.sources.values():
            total.merge(count)
        return total


def replay(
    door: Door, rows: Iterable[Row], report: Report, progress: Callable[[int], None]
) -> None:
    """Ask for a decision on every row, in batches; `progress` hears how many rows were answered.

    Raises `RefusedError` when the service refuses the key, `NoAnswerError` when it stays away.
    """
    waiting = iter(rows)
    while batch := list(islice(waiting, BATCH)):
        for row, answer in zip(batch, _patiently(door, batch), strict=True):
            report.add(row, answer)
        progress(len(batch))


def _patiently(door: Door, batch: Sequence[Row]) -> list[Answer | NoAnswerError]:
    """Ask for a batch: again when the service is busy, in halves when it is too much at once."""
    for pause in _pauses():
        try:
            return door.decide_many([row.event for row in batch])
        except TooLargeError as trouble:
            if len(batch) == 1:
                return [trouble]
            half = len(batch) // 2
            return [*_patiently(door, batch[:half]), *_patiently(door, batch[half:])]
        except RefusedError:
            raise
        except NoAnswerError:
            if pause is None:
                raise
            time.sleep(pause)
    raise AssertionError("the last pause is None, so the loop has returned or raised")


def _pauses() -> Iterator[float | None]:
    """How long to wait after each attempt that fails; None after the last."""
    yield from (_FIRST_PAUSE * 2**attempt for attempt in range(_ATTEMPTS - 1))
    yield None


def as_table(report: Report) -> Table:
    """What was caught, missed and falsely flagged: a line per source and one for all."""
    table = _table("What the service made of labelled events", "rows", "spam caught", "missed",
                   "ham flagged", "errors")  # fmt: skip
    for source, count in _lines(report):
        caught, flagged = _rate(count.caught, count.spam), _rate(count.falsely_flagged, count.ham)
        cells = (count.rows, caught, count.missed, flagged, count.errors)
        table.add_row(Text(source), *map(str, cells))
    return table


def verdict_table(report: Report) -> Table:
    """How often each verdict was given: a line per source and one for all."""
    table = _table("Verdicts", *(verdict.word for verdict in Verdict))
    for source, count in _lines(report):
        table.add_row(Text(source), *(str(count.verdicts[verdict]) for verdict in Verdict))
    return table


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title)
    table.add_column("source")
    for heading in headings:
        table.add_column(heading, justify="right")
    return table


def _lines(report: Report) -> list[tuple[str, Count]]:
    lines = [*report.sources.items()]
    return [*lines, ("all", report.total)] if len(lines) > 1 else lines


def _rate(part: int, whole: int) -> str:
    return f"{part}/{whole} ({part / whole:.1%})" if whole else "-"
