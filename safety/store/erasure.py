"""Erasing one actor: all that was kept about them really goes, the audit log stays whole."""

import json
from collections.abc import Mapping

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    Table,
    delete,
    func,
    insert,
    select,
)

from safety.store import audit, searching
from safety.store.accounts import hold_account
from safety.store.opening import LOCK_WAIT_MS
from safety.store.tables import (
    accounts,
    actor_notes,
    amendments,
    appeals,
    attack_minutes,
    barred,
    decisions,
    erasing,
    golden,
    item_steps,
    items,
    known_devices,
    labels,
    likenesses,
    members,
    one_time_tokens,
    outbox,
    preferences,
    rechecks,
    recovery_codes,
    reports,
    resolutions,
    restrictions,
    rule_controls,
    search_texts,
    sessions,
    shadow_scores,
    sightings,
    skips,
    strikes,
    throttles,
    totp_enrolments,
)

_BY_SUBJECT = (outbox, one_time_tokens, totp_enrolments, recovery_codes, throttles)
_BY_ACTOR = (strikes, restrictions, actor_notes, sightings, search_texts)
_BY_ITEM = (item_steps, skips, likenesses)
_BY_ACCOUNT = (sessions, known_devices, preferences)


def erase_actor(
    connection: Connection,
    tenant: str,
    actor_id: str,
    at: float,
    *,
    author: str,
    audit_key: bytes,
    pseudonym: str,
) -> Mapping[str, int]:
    """Erase an actor or account: decisions, items, labels, messages, sessions, factors, itself.

    Returns how many rows of each table went. The audit log keeps who erased how much, when, and of
    whom only the pseudonym. Afterwards `scrub` takes the bytes out of the database's files.
    """
    hold_account(connection, tenant, actor_id)  # nobody signs in to it meanwhile
    connection.execute(insert(erasing).values(tenant=tenant))
    counts = {
        table.name: connection.execute(delete(table).where(which)).rowcount
        for table, which in _owned(tenant, actor_id)
    }
    connection.execute(delete(erasing).where(erasing.c.tenant == tenant))
    if counts[search_texts.name]:
        searching.note_untidy(connection, at)  # its words leave the index's own files soon
    event = audit.AuditEvent(at, author, "actor.erased", pseudonym, json.dumps(counts).encode())
    audit.append(connection, event, key=audit_key)
    return counts


def scrub(engine: Engine) -> bool:
    """Take what was erased out of SQLite's write-ahead log; in the file itself it is zeroes by now.

    Nobody waits for it: False, at once, when somebody was in the middle of reading or writing. Try
    again soon. PostgreSQL does this by itself, when it vacuums and recycles its log.
    """
    if engine.dialect.name != "sqlite":
        return True
    raw = engine.raw_connection()
    try:
        # While SQLite waits for readers here it lets nobody write, for as long as its patience is.
        raw.cursor().execute("PRAGMA busy_timeout = 0")
        moved = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        raw.cursor().execute(f"PRAGMA busy_timeout = {LOCK_WAIT_MS}")
        raw.close()
    return not any(is_busy for is_busy, _pages, _moved in moved)


def _owned(tenant: str, actor_id: str) -> list[tuple[Table, ColumnElement[bool]]]:
    """Every row about the actor. What refers to other rows comes before them."""
    own = _ids(decisions, (decisions.c.tenant == tenant) & (decisions.c.actor_id == actor_id))
    account = (accounts.c.tenant == tenant) & (accounts.c.id == actor_id)
    # An item may be about the actor and stand on somebody else's report.
    about = items.c.decision_id.in_(own) | (
        (items.c.tenant == tenant) & (items.c.actor_id == actor_id)
    )
    gone = _ids(items, about)
    owner = func.coalesce(func.nullif(reports.c.owner_id, ""), reports.c.subject_id)
    brought = (reports.c.reporter_id == actor_id) | (owner == actor_id)
    return [
        (reports, reports.c.item_id.in_(gone) | ((reports.c.tenant == tenant) & brought)),
        (
            appeals,
            appeals.c.item_id.in_(gone)
            | ((appeals.c.tenant == tenant) & (appeals.c.actor_id == actor_id)),
        ),
        (rechecks, rechecks.c.item_id.in_(gone)),
        (barred, barred.c.item_id.in_(gone)),
        (golden, golden.c.decision_id.in_(own)),
        *((table, table.c.item_id.in_(gone)) for table in _BY_ITEM),
        (resolutions, resolutions.c.item_id.in_(gone)),
        (items, about),
        (amendments, amendments.c.decision_id.in_(own)),
        (shadow_scores, shadow_scores.c.decision_id.in_(own)),
        (decisions, (decisions.c.tenant == tenant) & (decisions.c.actor_id == actor_id)),
        (labels, _marks(labels, tenant, actor_id)),
        (rule_controls, _marks(rule_controls, tenant, actor_id)),
        # Counts do not say whose address or text they are about, so all of the tenant's go.
        (attack_minutes, (attack_minutes.c.tenant == tenant) & attack_minutes.c.kind.contains(".")),
        *(
            (table, (table.c.tenant == tenant) & (table.c.actor_id == actor_id))
            for table in _BY_ACTOR
        ),
        *(
            (table, (table.c.tenant == tenant) & (table.c.subject == actor_id))
            for table in _BY_SUBJECT
        ),
        *(
            (table, (table.c.tenant == tenant) & (table.c.account_id == actor_id))
            for table in _BY_ACCOUNT
        ),
        (members, members.c.account_id.in_(_ids(accounts, account))),
        (accounts, account),
    ]


def _ids(table: Table, which: ColumnElement[bool]) -> Select[tuple[str]]:
    return select(table.c.id).where(which)


def _marks(table: Table, tenant: str, actor_id: str) -> ColumnElement[bool]:
    """What names the actor as an entity; a control over all tenants belongs to none."""
    return (
        table.c.tenant.in_([tenant, ""])
        & (table.c.entity_kind == "actor.id")
        & (table.c.entity_value == actor_id)
    )
