"""Items that are brought to the desk after their decision: written, joined, made more urgent."""

import json
from binascii import crc32
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from safety.domain.reviews import Item, ItemStatus, Resolution, Why
from safety.domain.verdicts import Severity
from safety.store.items import item_of, resolution_of, turn_of
from safety.store.rechecks import has_effect, is_no_trial
from safety.store.tables import items, reports, resolutions

_OPEN = items.c.status == ItemStatus.OPEN.value
# Any number will do, as long as nobody else on the server takes the same for another purpose.
_BROUGHT = 723_384_201


def add_item(connection: Connection, item: Item) -> None:
    """Put an item on the desk. Its place in the queue is worked out when it is looked over."""
    values = {
        column.name: getattr(item, column.name)
        for column in items.columns
        if hasattr(item, column.name)
    }
    values |= {
        "severity": item.severity.rank,
        "verdict": int(item.verdict),
        "status": item.status.value,
        "turn": turn_of(item.band),
        "why": _why(item.why),
    }
    connection.execute(insert(items).values(values))


def open_about(
    connection: Connection, tenant: str, decision_id: str, kinds: Sequence[str]
) -> Item | None:
    """The item of one of these kinds that waits about a decision."""
    query = select(items).where(
        _OPEN,
        items.c.tenant == tenant,
        items.c.decision_id == decision_id,
        items.c.kind.in_(kinds),
    )
    row = connection.execute(query.order_by(items.c.created_at).limit(1)).one_or_none()
    return None if row is None else item_of(row)


def open_reported(connection: Connection, tenant: str, kind: str, subject_id: str) -> Item | None:
    """The item that waits because this subject was reported before."""
    query = (
        select(items)
        .join(reports, reports.c.item_id == items.c.id)
        .where(
            _OPEN,
            reports.c.tenant == tenant,
            reports.c.subject_kind == kind,
            reports.c.subject_id == subject_id,
        )
        .order_by(items.c.created_at)
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else item_of(row)


def strengthen(connection: Connection, item: Item, severity: Severity, why: Sequence[Why]) -> bool:
    """Note one more reason to look at an item, which is then looked over again.

    False when somebody has decided about it meanwhile.
    """
    worst = max(item.severity.rank, severity.rank)
    changed = {"severity": worst, "why": _why(why), "triaged_at": None}
    waiting = update(items).where(items.c.id == item.id, _OPEN)
    return connection.execute(waiting.values(changed)).rowcount == 1


def one_at_a_time(connection: Connection, *names: str) -> None:
    """Wait until no other transaction is at what goes by these names, and keep others waiting.

    In SQLite nobody else writes anyway.
    """
    if connection.dialect.name == "postgresql":
        key = crc32("\n".join(names).encode())
        connection.execute(select(func.pg_advisory_xact_lock(_BROUGHT, key - 2**31)))


def bring_forward(connection: Connection, resolution_id: str, at: float) -> bool:
    """Let a resolution that waits take effect at this moment. False when it waits no more."""
    pending = (
        (resolutions.c.id == resolution_id)
        & resolutions.c.settled_at.is_(None)
        & resolutions.c.undone_at.is_(None)
    )
    changed = update(resolutions).where(pending).values(effective_at=at)
    return connection.execute(changed).rowcount == 1


def is_about(connection: Connection, resolution: Resolution, decision_id: str) -> bool:
    """Whether a resolution had effects of its own, and after this decision."""
    return resolution in resolutions_about(connection, decision_id)


def resolutions_about(connection: Connection, decision_id: str) -> list[Resolution]:
    """What was decided about a decision, through whichever item, the latest first; no rechecks."""
    return _about(connection, decision_id, has_effect())


def answers_about(connection: Connection, decision_id: str) -> list[Resolution]:
    """Everything that people said of a decision, but for golden items, the latest first."""
    return _about(connection, decision_id, is_no_trial(resolutions.c.item_id))


def _about(
    connection: Connection, decision_id: str, which: ColumnElement[bool]
) -> list[Resolution]:
    query = select(resolutions).where(resolutions.c.decision_id == decision_id, which)
    latest = query.order_by(resolutions.c.resolved_at.desc(), resolutions.c.id.desc())
    return [resolution_of(row) for row in connection.execute(latest)]


def _why(why: Sequence[Why]) -> str:
    return json.dumps([[each.part, each.value, each.text] for each in why])
