"""The audit log shows whatever was done to it, and erasing a tenant is in it."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from safety.domain.decisions import Amendment, AmendmentKind
from safety.store import audit, items, labels, ledger, outbox, tenants
from safety.store.audit import AuditEvent, Head
from safety.store.engine import read, write
from safety.store.tables import audit as audit_table
from safety.store.tables import erasing
from tests.integration.store.entries import NOW, a_label, an_entry, an_item, store
from tests.integration.store.test_items import a_resolution

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


def test_wiping_a_tenant_erases_all_of_it_and_nothing_else(engine: Engine) -> None:
    for tenant in ("acme", "other"):
        entry = an_entry(tenant=tenant, item=an_item(f"itm_{tenant}"), labels=(a_label(),))
        store(engine, entry, an_entry(tenant=tenant))
        with write(engine) as connection:
            ledger.amend(connection, Amendment(entry.id, AmendmentKind.OUTCOME, NOW, None, b"{}"))
            items.resolve(connection, a_resolution(f"itm_{tenant}", entry.id), 1)
            outbox.add(connection, outbox.Message(f"m_{tenant}", tenant, "x", b"{}", NOW, NOW))
    with write(engine) as connection:
        # The fixture's resolutions all name one tenant.
        connection.execute(
            text("UPDATE resolutions SET tenant = 'other' WHERE item_id = 'itm_other'")
        )
    with write(engine) as connection:
        wiped = tenants.wipe(connection, "acme", NOW, author="command:mo", audit_key=KEY)
    assert wiped.counts == {
        "amendments": 1,
        "resolutions": 1,
        "items": 1,
        "decisions": 2,
        "labels": 1,
        "outbox": 1,
    }
    assert wiped.total == 7
    with read(engine) as connection:
        assert ledger.recent(connection, "acme") == []
        assert labels.live_labels(connection, "acme", ("actor.id", "u_1"), NOW) == []
        assert items.get_item(connection, "itm_acme") is None
        assert len(ledger.recent(connection, "other")) == 2
        assert items.get_resolution(connection, "itm_other") is not None
        assert [message.tenant for message in outbox.pending(connection)] == ["other"]
        assert connection.execute(select(func.count()).select_from(erasing)).scalar_one() == 0
        (event,) = audit.recent(connection)
        assert audit.verify(connection, key=KEY).is_intact
    assert (event.action, event.subject, event.author) == ("tenant.wiped", "acme", "command:mo")
    assert json.loads(event.details) == wiped.counts
