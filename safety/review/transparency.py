"""Tables for transparency reports: what was taken away, why, by whom, and how often wrongly.

They follow parts of the templates of Commission Implementing Regulation (EU) 2024/2835: notices
(Art. 16), own-initiative measures (15(1)(c)), complaints (20), automated means (15(1)(e)).
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Engine

from safety.domain.rechecks import Answer, Recheck, RecheckKind
from safety.domain.shares import wilson
from safety.review.statements.walk import Stated, Statements
from safety.store import rechecks, transparency
from safety.store.engine import read

Row = tuple[Any, ...]

_DAY: Final = 24 * 60 * 60.0
# The restrictions that this service imposes, in the order of the report's columns.
_RESTRICTIONS: Final[Mapping[str, str]] = {
    "removed": "DECISION_VISIBILITY_CONTENT_REMOVED",
    "disabled": "DECISION_VISIBILITY_CONTENT_DISABLED",
    "service_suspended": "DECISION_PROVISION_PARTIAL_SUSPENSION",
    "account_suspended": "DECISION_ACCOUNT_SUSPENDED",
    "account_terminated": "DECISION_ACCOUNT_TERMINATED",
}


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a report."""

    name: str
    header: Row
    rows: tuple[Row, ...]

    def as_csv(self) -> str:
        """The table as UTF-8 CSV, safe to open in a spreadsheet."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(self.header)
        writer.writerows([[_inert(cell) for cell in row] for row in self.rows])
        return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How often automated means were wrong among `audited` decisions of theirs, drawn at random."""

    audited: int
    wrong: int

    @property
    def rate(self) -> float | None:
        """The share that was wrong; None without a sample."""
        return self.wrong / self.audited if self.audited else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the true share lies with 95 % confidence (Wilson)."""
        return wilson(self.wrong, self.audited)


def report(
    engine: Engine, statements: Statements, since: float, until: float, tenant: str | None = None
) -> tuple[Table, ...]:
    """Every table about what was decided from `since` up to `until`, for one tenant or all."""
    with read(engine) as connection:
        notices = transparency.notices(connection, since, until, tenant)
        complaints = transparency.complaints(connection, since, until, tenant)
        decided = transparency.count_decisions(connection, since, until, tenant)
        audits = [
            recheck
            for recheck in rechecks.answered(connection, since, until, RecheckKind.AUDIT)
            if tenant is None or recheck.tenant == tenant
        ]
    return (
        measures_table(statements.between(since, until, tenant)),
        _notices_table(notices),
        _complaints_table(complaints),
        automated_table(decided, audits),
    )


def accuracy(sample: Iterable[Recheck]) -> Accuracy:
    """What an audited sample says of automated decisions that took something away."""
    answers = [recheck.answer for recheck in sample if recheck.answer is not Answer.NONE]
    return Accuracy(len(answers), answers.count(Answer.KEEP))


def measures_table(stated: Iterable[Stated]) -> Table:
    """Measures taken, by category and by whether a person was involved."""
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for each in stated:
        told = each.statement
        key = (told["category"], told["automated_decision"])
        row = counts.setdefault(key, dict.fromkeys(("measures", *_RESTRICTIONS), 0))
        row["measures"] += 1
        words = {
            *told.get("decision_visibility", ()),
            told.get("decision_provision"),
            told.get("decision_account"),
        }
        for name, word in _RESTRICTIONS.items():
            row[name] += word in words
    header = ("category", "automated", "measures", *_RESTRICTIONS)
    rows = [(*key, *row.values()) for key, row in sorted(counts.items())]
    return Table("measures", header, tuple(rows))


def automated_table(decided: int, audits: Sequence[Recheck]) -> Table:
    """How much is decided automatically, and how often wrongly as far as the sample tells."""
    seen = accuracy(audits)
    low, high = seen.interval or (None, None)
    rows: list[Row] = [
        ("events decided by automated means", decided, None, None),
        ("restrictions audited at random", seen.audited, None, None),
        ("of these, wrong", seen.wrong, None, None),
        ("error rate, with 95 % interval", _share(seen.rate), _share(low), _share(high)),
    ]
    return Table("automated_means", ("indicator", "value", "low", "high"), tuple(rows))


def _notices_table(found: Sequence[transparency.Notices]) -> Table:
    header = (
        "reason", "notices", "by_trusted_flaggers", "decided", "acted_on",
        "acted_on_of_trusted_flaggers", "median_days", "median_days_of_trusted_flaggers",
    )  # fmt: skip
    rows = [
        (
            each.reason,
            each.received,
            each.trusted,
            each.decided,
            each.acted,
            each.trusted_acted,
            _days(each.seconds),
            _days(each.trusted_seconds),
        )
        for each in found
    ]
    return Table("notices", header, tuple(rows))


def _complaints_table(found: Sequence[transparency.Complaints]) -> Table:
    header = ("against_decisions_of", "received", "decided", "overturned", "upheld", "median_days")
    rows = [
        (
            each.against,
            each.received,
            each.decided,
            each.overturned,
            each.decided - each.overturned,
            _days(each.seconds),
        )
        for each in found
    ]
    return Table("complaints", header, tuple(rows))


def _days(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / _DAY, 2)


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _inert(cell: object) -> object:
    """A text that a spreadsheet would take for a formula is quoted; nothing becomes empty."""
    if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{cell}"
    return "" if cell is None else cell
