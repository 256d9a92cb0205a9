"""What models said from day to day, and what the versions in shadow said beside them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, select, text

from safety.domain.decisions import NewItem
from safety.domain.reviews import Band, ItemStatus
from safety.store.items import turn_of
from safety.store.statements import insert_new, insert_or_replace
from safety.store.tables import decisions, items, model_checks, model_days, shadow_scores

Key = tuple[str, str, int, str]  # model, version, day (UTC, since 1970), slice

_KEY = ("model", "version", "day", "slice")
_SHADOW = (
    "decision_id",
    "model",
    "tenant",
    "version",
    "live_version",
    "score",
    "live_score",
    "at",
)


@dataclass(frozen=True, slots=True)
class ShadowScore:
    """What a version in shadow said of a decision beside the live one; None is an unknown score."""

    decision_id: str
    model: str
    tenant: str
    version: str
    live_version: str
    score: float | None
    live_score: float | None
    at: float


def merge_days(
    connection: Connection,
    found: Mapping[Key, bytes],
    merged: Callable[[bytes | None, bytes], bytes],
) -> None:
    """Add what one process counted to what is kept; `merged` joins two counts of one key."""
    if not found:
        return
    if connection.dialect.name == "postgresql":  # SQLite has one writer anyway
        connection.execute(text("LOCK TABLE model_days IN SHARE ROW EXCLUSIVE MODE"))
    rows = []
    for key, counts in found.items():
        query = select(model_days.c.counts).where(*_same(model_days, key))
        kept = connection.execute(query).scalar()
        rows.append((*key, merged(None if kept is None else bytes(kept), counts)))
    insert_or_replace(connection, model_days, (*_KEY, "counts"), rows)


def put_checks(connection: Connection, found: Mapping[Key, bytes]) -> None:
    """Keep what was measured today in place of what was measured earlier today."""
    rows = [(*key, measured) for key, measured in found.items()]
    insert_or_replace(connection, model_checks, (*_KEY, "found"), rows)


def days(connection: Connection, model: str, version: str, since: int) -> dict[Key, bytes]:
    """The counts of a version on this day and later."""
    return _read(connection, model_days, (model, version), since)


def checks(connection: Connection, model: str, version: str, since: int) -> dict[Key, bytes]:
    """What was measured of a version on this day and later."""
    return _read(connection, model_checks, (model, version), since)


def add_shadow(connection: Connection, scores: Iterable[ShadowScore]) -> None:
    """Keep what versions in shadow said. What is there already stays."""
    rows = [tuple(getattr(score, name) for name in _SHADOW) for score in scores]
    insert_new(connection, shadow_scores, _SHADOW, rows)


def add_disagreement(connection: Connection, item: NewItem, score: ShadowScore) -> bool:
    """Have a person look at a decision that two versions disagree about.

    False when somebody looks at it anyway, or it was erased meanwhile.
    """
    looked_at = select(items.c.id).where(items.c.decision_id == score.decision_id)
    if connection.execute(looked_at.limit(1)).first() is not None:
        return False
    query = select(decisions.c.event_type, decisions.c.actor_id, decisions.c.verdict)
    found = connection.execute(query.where(decisions.c.id == score.decision_id)).one_or_none()
    if found is None:
        return False
    connection.execute(
        insert(items).values(
            id=item.id,
            tenant=score.tenant,
            decision_id=score.decision_id,
            queue=item.queue,
            severity=item.severity.rank,
            reason=item.reason,
            event_type=found.event_type,
            actor_id=found.actor_id,
            verdict=found.verdict,
            created_at=score.at,
            status=ItemStatus.OPEN.value,
            version=1,
            turn=turn_of(Band(item.severity.rank)),
        )
    )
    return True


def shadow_of(connection: Connection, decision_id: str) -> list[ShadowScore]:
    """What versions in shadow said of a decision, by model."""
    query = (
        select(shadow_scores)
        .where(shadow_scores.c.decision_id == decision_id)
        .order_by(shadow_scores.c.model)
    )
    return [
        ShadowScore(**{name: getattr(row, name) for name in _SHADOW})
        for row in connection.execute(query)
    ]


def shadow_pairs(
    connection: Connection, model: str, version: str, *, limit: int
) -> list[tuple[float, float]]:
    """The latest pairs of what the live version said and what this one did in its shadow."""
    query = (
        select(shadow_scores.c.live_score, shadow_scores.c.score)
        .where(
            shadow_scores.c.model == model,
            shadow_scores.c.version == version,
            shadow_scores.c.live_score.is_not(None),
            shadow_scores.c.score.is_not(None),
        )
        .order_by(shadow_scores.c.at.desc())
        .limit(limit)
    )
    return [(row.live_score, row.score) for row in connection.execute(query)]


def forget(connection: Connection, *, before: float, before_day: int, most: int) -> int:
    """Delete what is older, and of shadow scores all but the latest so many; how many rows went."""
    gone = 0
    for table in (model_days, model_checks):
        gone += connection.execute(delete(table).where(table.c.day < before_day)).rowcount
    edge = (
        select(shadow_scores.c.at)
        .order_by(shadow_scores.c.at.desc())
        .offset(most)
        .limit(1)
        .scalar_subquery()
    )
    since = connection.execute(select(func.coalesce(edge, before))).scalar_one()
    old = shadow_scores.c.at < max(before, float(since))
    return gone + connection.execute(delete(shadow_scores).where(old)).rowcount


def _read(
    connection: Connection, table: Table, which: tuple[str, str], since: int
) -> dict[Key, bytes]:
    model, version = which
    query = (
        select(table)
        .where(table.c.model == model, table.c.version == version, table.c.day >= since)
        .order_by(table.c.day, table.c.slice)
    )
    rows = connection.execute(query)
    return {(model, version, day, part): bytes(kept) for _, _, day, part, kept in rows}


def _same(table: Table, key: Key) -> list[ColumnElement[bool]]:
    return [table.c[name] == part for name, part in zip(_KEY, key, strict=True)]
