"""The audit log is read page by page, filtered, checked, and taken away as a harmless file."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from safety.accounts.audit_log import AuditLog, Filter, harmless
from safety.store import audit
from safety.store.engine import write
from tests.desk_house import NOW
from tests.staff_parts import AUDIT_KEY


@pytest.fixture
def log(engine: Engine) -> AuditLog:
    return AuditLog(engine, AUDIT_KEY)


def note(log: AuditLog, author: str, action: str, subject: str = "x", details: str = "{}") -> None:
    event = audit.AuditEvent(NOW, author, action, subject, details.encode())
    with write(log.engine) as connection:
        audit.append(connection, event, key=AUDIT_KEY)


def test_pages_follow_one_another_without_gap_or_overlap(log: AuditLog) -> None:
    for number in range(7):
        note(log, "ana", f"act.{number}")
    seen, before = [], None
    while page := log.page(Filter(), before=before, limit=3):
        seen += [entry.sequence for entry in page]
        before = page[-1].sequence
    assert seen == [7, 6, 5, 4, 3, 2, 1]
    assert log.length() == 7


def test_entries_are_found_by_author_action_and_subject(log: AuditLog) -> None:
    note(log, "ana", "key.created", "k1")
    note(log, "mo", "key.created", "k2")
    note(log, "ana", "key.revoked", "k2")
    assert [e.subject for e in log.page(Filter(author="ana"), limit=9)] == ["k2", "k1"]
    assert [e.author for e in log.page(Filter(action="key.created"), limit=9)] == ["mo", "ana"]
    assert [e.sequence for e in log.page(Filter("ana", "key.revoked", "k2"), limit=9)] == [3]
    assert log.page(Filter(author="%"), limit=9) == []


def test_a_changed_entry_is_noticed(log: AuditLog) -> None:
    note(log, "ana", "key.created")
    note(log, "ana", "key.revoked")
    assert log.verify().is_intact
    assert not AuditLog(log.engine, b"another key").verify().is_intact


def test_the_file_has_every_entry_and_no_formula(log: AuditLog) -> None:
    note(log, '=HYPERLINK("https://evil.example")', "@sum", "-1+1", '{"name": "+1, \\"two\\""}')
    note(log, "ana", "key.created", "line\nbreak")
    rows = list(csv.reader(io.StringIO("".join(log.as_csv(Filter())))))
    assert rows[0] == ["sequence", "time", "author", "action", "subject", "details"]
    assert rows[1][4] == "line\nbreak"
    assert rows[2][2:5] == ['\'=HYPERLINK("https://evil.example")', "'@sum", "'-1+1"]
    assert rows[2][5] == '{"name": "+1, \\"two\\""}'


@given(st.text())
def test_no_cell_starts_like_a_formula(cell: str) -> None:
    guarded = harmless(cell)
    assert not guarded.startswith(("=", "+", "-", "@", "\t", "\r", "\0"))
    assert guarded in {cell, f"'{cell}"}
