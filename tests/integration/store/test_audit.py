"""The audit log shows whatever was done to it, and who did what."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert, text, update
from sqlalchemy.exc import IntegrityError

from safety.domain.origin import ORIGIN
from safety.store import audit
from safety.store.audit import AuditEvent, Head
from safety.store.engine import read, write
from safety.store.tables import audit as audit_table
from safety.store.tables import erasing
from tests.integration.store.entries import NOW

KEY = b"k" * 32


def fill(engine: Engine, rows: int = 5) -> Head:
    head = None
    for number in range(rows):
        with write(engine) as connection:
            happened = AuditEvent(NOW + number, "staff:mo", "item.resolved", f"itm_{number}")
            head = audit.append(connection, happened, key=KEY)
    assert head is not None
    return head


def tamper(engine: Engine, change: object) -> None:
    """Change the log as somebody would who owns the database, guards and all."""
    if engine.dialect.name == "postgresql":
        off, on = (
            "ALTER TABLE audit DISABLE TRIGGER USER",
            "ALTER TABLE audit ENABLE TRIGGER USER",
        )
    else:
        off, on = ("DROP TRIGGER audit_refuse_update", "DROP TRIGGER audit_refuse_delete")
    with write(engine) as connection:
        connection.execute(text(off))
        if engine.dialect.name == "sqlite":
            connection.execute(text(on))
        connection.execute(change)  # type: ignore[call-overload]  # any statement
        if engine.dialect.name == "postgresql":
            connection.execute(text(on))


def test_an_untouched_log_is_intact(engine: Engine) -> None:
    with read(engine) as connection:
        assert audit.verify(connection, key=KEY) == audit.Verified(0, None)
    head = fill(engine)
    with read(engine) as connection:
        verified = audit.verify(connection, key=KEY, known=head)
        assert verified == audit.Verified(5, head)
        assert verified.is_intact
        assert [event.subject for event in audit.recent(connection, limit=2)] == ["itm_4", "itm_3"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (update(audit_table).where(audit_table.c.sequence == 3).values(author="x"), "row 3 is not"),
        (update(audit_table).where(audit_table.c.sequence == 3).values(at=NOW), "row 3 is not"),
        (delete(audit_table).where(audit_table.c.sequence == 2), "row 2 is missing"),
        (delete(audit_table).where(audit_table.c.sequence == 5), "rows 5 to 5 are missing"),
        (delete(audit_table), "rows 1 to 5 are missing"),
    ],
)
def test_what_was_changed_behind_its_back_shows(engine: Engine, change: object, fault: str) -> None:
    head = fill(engine)
    tamper(engine, change)
    with read(engine) as connection:
        verified = audit.verify(connection, key=KEY, known=head)
    assert not verified.is_intact
    assert verified.fault is not None
    assert verified.fault.startswith(fault)


def test_without_the_key_nobody_can_continue_or_rewrite_the_log(engine: Engine) -> None:
    fill(engine)
    with write(engine) as connection:
        audit.append(connection, AuditEvent(NOW, "staff:mo", "key.made", "k1"), key=b"guess" * 8)
    with read(engine) as connection:
        assert audit.verify(connection, key=KEY).fault == "row 6 is not what was written"


def test_the_database_refuses_to_change_or_lose_an_audited_event(engine: Engine) -> None:
    fill(engine, 1)
    with write(engine) as connection:
        connection.execute(insert(erasing).values(tenant="acme"))
    for change in (update(audit_table).values(author="x"), delete(audit_table)):
        with pytest.raises(IntegrityError), write(engine) as connection:
            connection.execute(change)


def test_events_of_many_people_at_once_make_one_unbroken_chain(engine: Engine) -> None:
    def act(number: int) -> None:
        with write(engine) as connection:
            event = AuditEvent(NOW, f"staff:{number}", "item.resolved", "itm")
            audit.append(connection, event, key=KEY)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(act, range(30)))
    with read(engine) as connection:
        verified = audit.verify(connection, key=KEY)
    assert (verified.rows, verified.fault) == (30, None)


def test_an_event_is_not_kept_without_what_it_records(engine: Engine) -> None:
    def fail() -> None:
        with write(engine) as connection:
            audit.append(connection, AuditEvent(NOW, "staff:mo", "x", "y"), key=KEY)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with read(engine) as connection:
        assert audit.head(connection) is None


def test_the_log_is_read_page_by_page_newest_first(engine: Engine) -> None:
    fill(engine, 5)
    with read(engine) as connection:
        first = audit.page(connection, limit=2)
        assert [event.sequence for event in first] == [5, 4]
        assert (first[0].at, first[0].subject, first[0].details) == (NOW + 4, "itm_4", b"{}")
        rest = audit.page(connection, before=first[-1].sequence, limit=9)
        assert [event.sequence for event in rest] == [3, 2, 1]


def test_the_log_is_searched_by_who_did_what_to_what(engine: Engine) -> None:
    fill(engine, 3)
    with write(engine) as connection:
        for author, action in (("staff:ana", "item.resolved"), ("staff:mo", "key.revoked")):
            audit.append(connection, AuditEvent(NOW, author, action, "itm_1"), key=KEY)
    with read(engine) as connection:

        def found(**wanted: Any) -> list[int]:
            return [event.sequence for event in audit.page(connection, limit=9, **wanted)]

        assert found(author="staff:mo") == [5, 3, 2, 1]
        assert found(action="item.resolved") == [4, 3, 2, 1]
        assert found(subject="itm_1") == [5, 4, 2]
        assert found(author="staff:mo", action="item.resolved", subject="itm_1") == [2]
        assert found(author="nobody") == []


def test_an_entry_says_where_the_act_came_from_if_that_is_known(engine: Engine) -> None:
    placed = ORIGIN.set("203.0.113.9")
    fill(engine, 1)
    ORIGIN.reset(placed)
    fill(engine, 1)
    with read(engine) as connection:
        unplaced, first = audit.recent(connection)
        assert audit.verify(connection, key=KEY).is_intact
    assert json.loads(first.details) == {"from": "203.0.113.9"}
    assert json.loads(unplaced.details) == {}
