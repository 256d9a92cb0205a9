"""Erasing a tenant: everything that was kept for it really goes, and the audit log says so."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Table, delete, insert, select

from safety.store import audit
from safety.store.tables import (
    accounts,
    amendments,
    decisions,
    erasing,
    items,
    known_devices,
    labels,
    members,
    one_time_tokens,
    outbox,
    recovery_codes,
    resolutions,
    rule_controls,
    sessions,
    throttles,
    totp_enrolments,
    webhook_endpoints,
)

# What refers to other rows goes before them.
_OWNED: tuple[Table, ...] = (
    resolutions,
    items,
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
    accounts,
    rule_controls,
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
    ):
        own = select(owner.c.id).where(owner.c.tenant == tenant)
        counts[table.name] = connection.execute(delete(table).where(column.in_(own))).rowcount
    for table in _OWNED:
        erased = connection.execute(delete(table).where(table.c.tenant == tenant))
        counts[table.name] = erased.rowcount
    connection.execute(delete(erasing).where(erasing.c.tenant == tenant))
    event = audit.AuditEvent(at, author, "tenant.wiped", tenant, json.dumps(counts).encode())
    audit.append(connection, event, key=audit_key)
    return Wiped(counts)
