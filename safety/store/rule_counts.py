"""What is counted of rules, lists and events as they come: sums of all processes, by time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select

from safety.domain.verdicts import Verdict
from safety.store.statements import Change, insert_or_join
from safety.store.tables import attack_minutes, list_hits, rule_hours

# hour, rule, revision, is_live
HourKey = tuple[int, str, str, bool]
# minute, tenant, kind, subject, verdict
MinuteKey = tuple[int, str, str, str, int]
_HOUR = ("hour", "rule", "revision", "is_live", "matches")
_MINUTE = ("minute", "tenant", "kind", "subject", "verdict", "events")
_HIT = ("list", "value", "hits", "last_at")


@dataclass(frozen=True, slots=True)
class Hits:
    """How often an entry of a list decided, and when last."""

    hits: int
    last_at: float


@dataclass(frozen=True, slots=True)
class Matches:
    """Matches of one rule in one stretch of time, those that were obeyed apart."""

    rule: str
    start: int
    is_live: bool
    matches: int


def add_hours(connection: Connection, counts: Mapping[HourKey, int]) -> None:
    """Add to what rules matched."""
    rows = [(*key, number) for key, number in counts.items()]
    insert_or_join(connection, rule_hours, _HOUR, rows, {"matches": Change.ADD})


def add_minutes(connection: Connection, counts: Mapping[MinuteKey, int]) -> None:
    """Add to what came."""
    rows = [(*key, number) for key, number in counts.items()]
    insert_or_join(connection, attack_minutes, _MINUTE, rows, {"events": Change.ADD})


def add_hits(connection: Connection, counts: Mapping[tuple[str, str], int], at: float) -> None:
    """Add to how often entries of lists decided."""
    rows = [(*key, number, at) for key, number in counts.items()]
    changes = {"hits": Change.ADD, "last_at": Change.REPLACE}
    insert_or_join(connection, list_hits, _HIT, rows, changes)


def matches_since(connection: Connection, since: float, *, step: int) -> list[Matches]:
    """Matches of every rule from then on, in steps of so many seconds."""
    columns = rule_hours.c
    start = (columns.hour - columns.hour % step).label("start")
    query = (
        select(columns.rule, start, columns.is_live, func.sum(columns.matches))
        .where(columns.hour >= since)
        .group_by(columns.rule, "start", columns.is_live)
    )
    return [Matches(rule, int(at), live, int(n)) for rule, at, live, n in connection.execute(query)]


def last_hour_of(connection: Connection, rule: str) -> int | None:
    """The latest hour in which a rule matched."""
    query = select(func.max(rule_hours.c.hour)).where(rule_hours.c.rule == rule)
    hour: int | None = connection.execute(query).scalar()
    return hour


def minutes_of(
    connection: Connection, kind: str, since: float, until: float
) -> list[tuple[int, Verdict, int]]:
    """Events of one kind by minute and verdict, all subjects and tenants together."""
    columns = attack_minutes.c
    query = (
        select(columns.minute, columns.verdict, func.sum(columns.events))
        .where(columns.kind == kind, columns.minute >= since, columns.minute < until)
        .group_by(columns.minute, columns.verdict)
        .order_by(columns.minute)
    )
    return [(at, Verdict(rank), int(number)) for at, rank, number in connection.execute(query)]


def subjects_of(
    connection: Connection, kind: str, since: float, until: float, *, limit: int
) -> list[tuple[str, Mapping[Verdict, int]]]:
    """The most frequent subjects of a kind with their verdicts, most events first."""
    columns = attack_minutes.c
    within = (columns.kind == kind) & (columns.minute >= since) & (columns.minute < until)
    total = func.sum(columns.events)
    top = select(columns.subject).where(within).group_by(columns.subject)
    names = [row.subject for row in connection.execute(top.order_by(total.desc()).limit(limit))]
    query = (
        select(columns.subject, columns.verdict, total)
        .where(within, columns.subject.in_(names))
        .group_by(columns.subject, columns.verdict)
    )
    found: dict[str, dict[Verdict, int]] = {name: {} for name in names}
    for subject, rank, number in connection.execute(query):
        found[subject][Verdict(rank)] = int(number)
    return list(found.items())


def events_of(
    connection: Connection, kind: str, subjects: Sequence[str], since: float, until: float
) -> dict[str, int]:
    """Events of these subjects in a stretch of time, whatever they got."""
    columns = attack_minutes.c
    within = (columns.kind == kind) & (columns.minute >= since) & (columns.minute < until)
    query = (
        select(columns.subject, func.sum(columns.events))
        .where(within, columns.subject.in_(subjects))
        .group_by(columns.subject)
    )
    return {subject: int(number) for subject, number in connection.execute(query)}


def hits_of(connection: Connection, list_name: str) -> dict[str, Hits]:
    """How often each entry of a list decided, by its value."""
    query = select(list_hits).where(list_hits.c.list == list_name)
    return {row.value: Hits(row.hits, row.last_at) for row in connection.execute(query)}


def hits_by_list(connection: Connection) -> dict[str, int]:
    """How often entries of each list decided, all together."""
    query = select(list_hits.c.list, func.sum(list_hits.c.hits)).group_by(list_hits.c.list)
    return {name: int(number) for name, number in connection.execute(query)}


def forget_hits(connection: Connection, entries: Iterable[tuple[str, str]]) -> None:
    """Forget what was counted of entries that are gone."""
    for name, value in entries:
        same = (list_hits.c.list == name) & (list_hits.c.value == value)
        connection.execute(delete(list_hits).where(same))


def purge(connection: Connection, *, minutes_before: float, hours_before: float) -> int:
    """Delete what is older; return how many rows went."""
    old_minutes = delete(attack_minutes).where(attack_minutes.c.minute < minutes_before)
    old_hours = delete(rule_hours).where(rule_hours.c.hour < hours_before)
    return connection.execute(old_minutes).rowcount + connection.execute(old_hours).rowcount
