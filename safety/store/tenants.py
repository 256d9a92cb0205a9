"""Erasing a tenant: everything that was kept for it really goes, and the audit log says so."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Table, delete, insert, select

from safety.store import audit, searching
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
    rule_undos,
    search_texts,
    sessions,
    shadow_scores,
    sightings,
    skips,
    strikes,
    throttles,
    totp_enrolments,
    webhook_endpoints,
)

# What refers to other rows goes before them.
_OWNED: tuple[Table, ...] = (
    reports,
    appeals,
    rechecks,
    golden,
    item_steps,
    likenesses,
    resolutions,
    items,
    strikes,
    restrictions,
    actor_notes,
    sightings,
    search_texts,
    shadow_scores,
    decisions,
    labels,
    outbox,
    webhook_endpoints,
    one_time_tokens,
    totp_enrolments,
    recovery_codes,
    throttles,
    known_devices,
    sessions,
    preferences,
    accounts,
    rule_controls,
    rule_undos,
    attack_minutes,
)


@dataclass(frozen=True, slots=True)
class Wiped:
    """How many rows of each table were erased."""

    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """All rows together."""
        return sum(self.counts.values())


def wipe(connection: Connection, tenant: str, at: float, *, author: str, audit_key: bytes) -> Wiped:
    """Erase a tenant's decisions, items, resolutions, labels, messages, accounts and all of theirs.

    API keys stay: they belong to the operator. The audit log keeps who erased how much, and when.
    """
    connection.execute(insert(erasing).values(tenant=tenant))
    counts = {}
    for table, column, owner in (
        (amendments, amendments.c.decision_id, decisions),
        (members, members.c.account_id, accounts),
        (barred, barred.c.item_id, items),
        (skips, skips.c.item_id, items),
    ):
        own = select(owner.c.id).where(owner.c.tenant == tenant)
        counts[table.name] = connection.execute(delete(table).where(column.in_(own))).rowcount
    for table in _OWNED:
        erased = connection.execute(delete(table).where(table.c.tenant == tenant))
        counts[table.name] = erased.rowcount
    connection.execute(delete(erasing).where(erasing.c.tenant == tenant))
    searching.note_untidy(connection, at)
    event = audit.AuditEvent(at, author, "tenant.wiped", tenant, json.dumps(counts).encode())
    audit.append(connection, event, key=audit_key)
    return Wiped(counts)
